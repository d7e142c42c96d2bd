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
    let statePath: String
    /// Where the state is, if not beside the configuration; it stays mounted as long as the daemon may run.
    private let disk: Disk?
    /// What the daemon is run by, such as `strace` with its options; none for itself. It must end up as its process.
    var launcher: [String] = []
    /// What the daemon's environment has beside the usual.
    var environment: [String: String] = [:]
    private(set) var process = Process()
    private let notifySocket: Int32
    /// What the last process wrote to stderr, once it has ended.
    private(set) var log: Drain?

    var socketPath: String { directory + "/tokend.sock" }
    var configPath: String { directory + "/config.json" }
    var pid: Int32 { process.processIdentifier }

    /// - Parameters:
    ///   - providers: the value of `providers` as JSON.
    ///   - disk: where the state directory is; nil for beside the configuration.
    init(providers: String, logLevel: String = "info", on disk: Disk? = nil) throws {
        directory = NSTemporaryDirectory() + "tokend-test-" + UUID().uuidString.prefix(8)
        self.disk = disk
        statePath = (disk?.mountPoint ?? directory) + "/state"
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
    /// - Parameter replay: `replay_after_lost_response` of the provider `sandbox`; nil leaves the default.
    convenience init(
        _ sandbox: Sandbox, logLevel: String = "info", replay: String? = nil, on disk: Disk? = nil
    ) throws {
        let client = RegisteredClient.standard
        try self.init(
            providers: """
                {"sandbox": \(Self.provider(sandbox.baseURL + "/token", replay: replay)),
                 "seamless": {"preset": "seamless", "token_endpoint": "\(sandbox.baseURL)/api/client/v1/oauth/accessToken",
                   "client_id": "\(client.id)", "client_secret": "\(client.secret)",
                   "redirect_uri": "\(client.redirectURIs[0])", "rate": {"budget": "5000/s"}}}
                """, logLevel: logLevel, on: disk)
    }

    /// A provider of the configuration, in the plain dialect, that knows the client.
    /// - Parameter more: further members, in JSON.
    static func provider(
        _ tokenEndpoint: String, as client: RegisteredClient = .standard, replay: String? = nil,
        more: String = ""
    ) -> String {
        let policy = replay.map { #", "replay_after_lost_response": "\#($0)""# } ?? ""
        return """
            {"token_endpoint": "\(tokenEndpoint)", "client_id": "\(client.id)",
             "client_secret": "\(client.secret)"\(policy)\(more.isEmpty ? "" : ", " + more)}
            """
    }

    deinit {
        if process.isRunning { crash() }
        close(notifySocket)
        try? FileManager.default.removeItem(atPath: directory)
    }

    /// Starts the daemon and returns when it is READY.
    func start(within seconds: Double = 60) throws {
        try spawn()
        try awaitReady(within: seconds)
    }

    /// Starts the daemon and returns at once.
    func spawn() throws {
        forgetNotifications()
        let command = launcher + [Programs.url("tokend").path, "--config", configPath]
        process = Process()
        process.executableURL = URL(fileURLWithPath: command[0])
        process.arguments = Array(command.dropFirst())
        let usual = ["NOTIFY_SOCKET": directory + "/notify", "PATH": "/usr/bin:/bin"]
        process.environment = usual.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        let stderr = Pipe()
        process.standardError = stderr
        try process.run()
        log = Drain(stderr)
    }

    func awaitReady(within seconds: Double = 60) throws { try awaitNotification("READY=1", within: seconds) }

    /// What a process told that is dead by now must not pass for its successor's.
    private func forgetNotifications() {
        var buffer = [UInt8](repeating: 0, count: 4096)
        while recv(notifySocket, &buffer, buffer.count, Int32(MSG_DONTWAIT)) > 0 {}
    }

    /// Ends the process as a crash does.
    func crash() {
        kill(pid, SIGKILL)
        process.waitUntilExit()
    }

    /// Asks the process to stop and returns its exit status; -9 where it had to be killed after a minute.
    func stop() -> Int32 {
        kill(pid, SIGTERM)
        return end()
    }

    /// The exit status, or the signal as a negative number, once the process has ended; it is killed after a minute.
    func end() -> Int32 {
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
