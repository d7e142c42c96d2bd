// The real daemon in a directory of its own, started and awaited as systemd does: it is up when READY=1 arrives on the
// NOTIFY_SOCKET that the test bound.

import Foundation
import SandboxProvider

/// A tokend process whose state outlives it, so that it can be killed and started again.
final class RunningDaemon {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    let directory: String
    private(set) var process = Process()
    private let notifySocket: Int32
    /// What the last process wrote to stderr, once it has ended.
    private(set) var log: Drain?

    var socketPath: String { directory + "/tokend.sock" }
    var configPath: String { directory + "/config.json" }
    var statePath: String { directory + "/state" }
    var pid: Int32 { process.processIdentifier }

    /// - Parameter providers: the value of `providers` as JSON.
    init(providers: String, logLevel: String = "info") throws {
        directory = NSTemporaryDirectory() + "tokend-test-" + UUID().uuidString.prefix(8)
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        notifySocket = try bindSocket(directory + "/notify", SOCK_DGRAM)
        let config = """
            {"socket": {"path": "\(socketPath)", "mode": "0600"}, "state_directory": "\(statePath)",
             "log": {"level": "\(logLevel)"}, "providers": \(providers)}
            """
        let isWritten = FileManager.default.createFile(
            atPath: configPath, contents: Data(config.utf8), attributes: [.posixPermissions: 0o600])
        guard isWritten else { throw Failure(description: "cannot write \(configPath)") }
    }

    /// A daemon of one provider, `sandbox`, in the plain dialect, and `seamless`, both at `sandbox`.
    convenience init(_ sandbox: Sandbox, logLevel: String = "info") throws {
        let client = RegisteredClient.standard
        try self.init(
            providers: """
                {"sandbox": {"token_endpoint": "\(sandbox.baseURL)/token", "client_id": "\(client.id)",
                   "client_secret": "\(client.secret)"},
                 "seamless": {"preset": "seamless", "token_endpoint": "\(sandbox.baseURL)/api/client/v1/oauth/accessToken",
                   "client_id": "\(client.id)", "client_secret": "\(client.secret)",
                   "redirect_uri": "\(client.redirectURIs[0])"}}
                """, logLevel: logLevel)
    }

    deinit {
        if process.isRunning { kill(pid, SIGKILL) }
        close(notifySocket)
        try? FileManager.default.removeItem(atPath: directory)
    }

    /// Starts the daemon and returns when it is READY.
    func start(within seconds: Double = 60) throws {
        process = Process()
        process.executableURL = Programs.url("tokend")
        process.arguments = ["--config", configPath]
        process.environment = ["NOTIFY_SOCKET": directory + "/notify", "PATH": "/usr/bin:/bin"]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        let stderr = Pipe()
        process.standardError = stderr
        try process.run()
        log = Drain(stderr)
        try awaitNotification("READY=1", within: seconds)
    }

    /// Ends the process as a crash does.
    func crash() {
        kill(pid, SIGKILL)
        process.waitUntilExit()
    }

    /// Asks the process to stop and returns its exit status; -9 where it had to be killed after a minute.
    func stop() -> Int32 {
        kill(pid, SIGTERM)
        let killer = DispatchWorkItem { [pid] in kill(pid, SIGKILL) }
        DispatchQueue.global().asyncAfter(deadline: .now() + 60, execute: killer)
        defer { killer.cancel() }
        process.waitUntilExit()
        return process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
    }

    func connect() throws -> Wire { try Wire(socketPath) }

    /// Reads notifications until one has `assignment` as a line.
    func awaitNotification(_ assignment: String, within seconds: Double) throws {
        let deadline = Date(timeIntervalSinceNow: seconds)
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            var request = pollfd(fd: notifySocket, events: Int16(POLLIN), revents: 0)
            let left = deadline.timeIntervalSinceNow
            // The process may also end instead of getting ready: look every tenth of a second.
            let ready = poll(&request, 1, 100)
            if ready > 0 {
                let count = read(notifySocket, &buffer, buffer.count)
                let lines = String(decoding: buffer[..<max(0, count)], as: UTF8.self).split(separator: "\n")
                if lines.contains(Substring(assignment)) { return }
            } else if !process.isRunning {
                throw Failure(
                    description: "tokend ended with \(process.terminationStatus): \(log?.text ?? "")")
            } else if left < 0 {
                throw Failure(description: "no \(assignment) within \(seconds) s")
            }
        }
    }
}
