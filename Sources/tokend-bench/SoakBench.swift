// Decides how the whole is measured: the real daemon beside this program, the sandbox inside it, and as many accounts with
// as short lives as are asked for. What counts is that none lapses; the rest are figures.

import ArgumentParser
import Foundation
import SandboxProvider
import StrictJSON
import TokenClient
import Vocabulary

struct SoakBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "soak", abstract: "The daemon at full speed: refreshes a second, lapses, CPU and memory."
    )

    @Option(help: "How many accounts.")
    var accounts = 8000

    @Option(help: ArgumentHelp("The lifetime of access tokens.", valueName: "seconds"))
    var lifetime = 10.0

    @Option(name: .customLong("for"), help: ArgumentHelp("How long to measure.", valueName: "seconds"))
    var duration = 20.0

    @Option(help: "Token requests in flight at once.")
    var concurrency = 64

    func run() async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "tokend-bench-\(getpid())")
        try FileManager.default.createDirectory(
            at: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        defer { try? FileManager.default.removeItem(at: directory) }
        var options = Sandbox.Options()
        options.port = 0
        options.clients = [.standard]
        options.policy.accessTokenLifetime = lifetime
        options.recordsTokenRequests = false
        let sandbox = try await Sandbox.start(options)
        let client = TokenClient(socket: directory.appending(path: "sock").path)
        let daemon = try start(in: directory, at: sandbox.baseURL)
        defer { daemon.terminate() }
        try await ready(client)
        let (added, time) = try add(to: client, sandbox)
        print("added \(added) accounts in \(time)")
        // Every account has been through a cycle or two when the measuring begins.
        try await Task.sleep(for: .seconds(lifetime))
        let before = (sandbox.statistics.total, usage(of: daemon))
        try await Task.sleep(for: .seconds(duration))
        let after = (sandbox.statistics.total, usage(of: daemon))
        report(before, after, try client.status())
        daemon.terminate()
        daemon.waitUntilExit()
        await sandbox.stop()
    }

    private func start(in directory: URL, at url: String) throws -> Process {
        let configuration: JSONValue = [
            "socket": ["path": .string(directory.appending(path: "sock").path), "mode": "0600"],
            "state_directory": .string(directory.appending(path: "state").path),
            "log": ["level": "warning"],
            "providers": [
                "sandbox": [
                    "token_endpoint": .string(url + "/token"),
                    "client_id": .string(RegisteredClient.standard.id),
                    "client_secret": .string(RegisteredClient.standard.secret),
                    "rate": ["concurrency": JSONValue(Int64(concurrency))],
                ]
            ],
        ]
        let path = directory.appending(path: "config.json")
        try Data(configuration.serialized.utf8).write(to: path)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path.path)
        let daemon = Process()
        daemon.executableURL = URL(filePath: CommandLine.arguments[0]).resolvingSymlinksInPath()
            .deletingLastPathComponent().appending(path: "tokend")
        daemon.arguments = ["--config", path.path]
        try daemon.run()
        return daemon
    }

    private func ready(_ client: TokenClient) async throws {
        for _ in 0..<200 {
            if (try? client.ping()) != nil { return }
            try await Task.sleep(for: .milliseconds(50))
        }
        throw ValidationError("tokend did not come up")
    }

    private func add(to client: TokenClient, _ sandbox: Sandbox) throws -> (Int, Duration) {
        let start = ContinuousClock.now
        var number = 0
        var added = 0
        try client.pipeline(
            next: { _ in
                guard number < accounts, let name = AccountName("sandbox/\(number)") else { return .end }
                number += 1
                let tokens = sandbox.createGrant(subject: name.text)
                let grant = AddedGrant(
                    refreshToken: Secret(tokens.refreshToken), accessToken: Secret(tokens.accessToken),
                    expiresAt: WallTime(epochSeconds: Int64(tokens.expiresAtRoundedDown)), scope: tokens.scope
                )
                guard let request = try? EncodedRequest(.add(name, grant)) else { return .end }
                return .send(request)
            },
            answered: { if case .success = $0 { added += 1 } })
        return (added, ContinuousClock.now - start)
    }

    private struct Usage {
        var cpuSeconds = 0.0
        var residentMegabytes = 0
    }

    /// proc_pid_stat(5): utime and stime in ticks, resident pages.
    private func usage(of daemon: Process) -> Usage {
        let stat =
            (try? String(contentsOfFile: "/proc/\(daemon.processIdentifier)/stat", encoding: .utf8)) ?? ""
        let fields = stat.split(separator: ")").last?.split(separator: " ").map { Int($0) ?? 0 } ?? []
        guard fields.count > 21 else { return Usage() }
        return Usage(
            cpuSeconds: Double(fields[11] + fields[12]) / Double(sysconf(Int32(_SC_CLK_TCK))),
            residentMegabytes: fields[21] * sysconf(Int32(_SC_PAGESIZE)) / (1 << 20))
    }

    private func report(
        _ before: (Statistics.Counters, Usage), _ after: (Statistics.Counters, Usage), _ status: DaemonStatus
    ) {
        let refreshes = after.0.refreshes - before.0.refreshes
        let cpu = after.1.cpuSeconds - before.1.cpuSeconds
        print(
            """
            \(accounts) accounts of \(lifetime) s, measured for \(duration) s
            refreshes            \(refreshes), \(Int(Double(refreshes) / duration)) a second
            lapsed               \(after.0.lateRefreshes - before.0.lateRefreshes) before they were refreshed
            reused               \(after.0.reuses) used refresh tokens came back
            failed               \(status.failuresTotal)
            CPU of tokend        \(Int(cpu / duration * 100)) % of a core, \(Int(cpu * 1e6 / Double(max(1, refreshes)))) us a refresh
            memory of tokend     \(after.1.residentMegabytes) MB
            now                  \(status.accounts.filter { $0.value > 0 }.map { "\($0.value) \($0.key.rawValue)" }.sorted().joined(separator: ", "))
            """)
    }
}
