// Decides what `tokend-sandbox` takes on its command line and in which order the demo comes up: the provider, then the
// daemon, then the accounts. A file named main.swift was rejected: its code belongs to the main actor, and Dispatch
// calls its closures on other threads.

import ArgumentParser
import Glibc
import NIOCore
import SandboxProvider
import Vocabulary

@main
struct SandboxCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tokend-sandbox",
        abstract: "Runs tokend against an authorization server of its own on loopback.",
        discussion: """
            Starts the server, a tokend with some accounts in a temporary directory, and shows what happens until \
            Ctrl-C; then everything is removed. Were it killed (SIGKILL), tokend would stop too, but the directory \
            would stay.
            """,
        version: tokendVersion)

    @Option(help: "The server's port on 127.0.0.1; 0 for any that is free.")
    var port = 8089

    @Option(help: "How many accounts to add, half in each dialect.")
    var accounts = 6

    @Option(help: ArgumentHelp("The lifetime of access tokens.", valueName: "seconds"))
    var lifetime = 20.0

    @Option(
        help: ArgumentHelp(
            "For so long after a rotation the used refresh token still gets its successor.",
            valueName: "seconds"))
    var reuseGrace = 0.0

    @Option(
        help: ArgumentHelp("Requests a minute at each token endpoint, then 429.", valueName: "per-minute"))
    var rateLimit: Int?

    @Option(help: "The seed of the dice that faults with a probability throw.")
    var seed: UInt64 = 1

    @Flag(help: "Only the authorization server, without a tokend.")
    var providerOnly = false

    @Option(name: .customLong("for"), help: ArgumentHelp("End after so long.", valueName: "seconds"))
    var limit: Double?

    func validate() throws {
        guard (0...65_535).contains(port) else { throw ValidationError("--port is 0 to 65535") }
        guard DemoAccounts.counts.contains(accounts) else {
            throw ValidationError("--accounts is 1 to \(DemoAccounts.counts.upperBound)")
        }
        // A year: what is longer is a slip, and far from what overflows.
        let seconds = 0...31_536_000.0
        guard lifetime >= 1, seconds.contains(lifetime) else {
            throw ValidationError("--lifetime is 1 second to a year")
        }
        guard seconds.contains(reuseGrace) else {
            throw ValidationError("--reuse-grace is 0 seconds to a year")
        }
        guard (rateLimit ?? 1) >= 1 else { throw ValidationError("--rate-limit is at least 1") }
        guard seconds.contains(limit ?? 0) else { throw ValidationError("--for is 0 seconds to a year") }
    }

    private var options: Sandbox.Options {
        var options = Sandbox.Options()
        options.port = port
        options.clients = [.standard]
        options.policy.accessTokenLifetime = lifetime
        options.policy.reuseGrace = reuseGrace
        options.quota = rateLimit.map { Quota($0, perSeconds: 60) }
        options.seed = seed
        // Nobody reads the record, and a sandbox may run for days.
        options.recordsTokenRequests = false
        return options
    }

    func run() async throws {
        signal(SIGPIPE, SIG_IGN)
        let happenings = Happenings()
        let watch = SignalWatch { happenings.tell(.interrupted) }
        defer { watch.cancel() }
        if let limit { happenings.tell(.finished, after: limit) }
        let output = Output { happenings.tell(.finished) }
        do throws(DemoError) {
            let sandbox = try await startProvider()
            if providerOnly {
                await ProviderRun(sandbox: sandbox, output: output).run(until: happenings)
            } else {
                try await withDemo(sandbox, output) { demo throws(DemoError) in
                    try await demo.run(happenings)
                }
            }
        } catch {
            Output.complain("\(error)")
            throw ExitCode.failure
        }
    }

    private func startProvider() async throws(DemoError) -> Sandbox {
        do {
            return try await Sandbox.start(options)
        } catch let error as IOError where error.errnoCode == EADDRINUSE {
            throw .portTaken(port)
        } catch {
            throw .providerNotStarted(port: port, cause: "\(error)")
        }
    }

    /// Runs `body` with a demo whose files are there until it returns; then the provider is stopped too.
    private func withDemo(
        _ sandbox: Sandbox, _ output: Output, _ body: (Demo) async throws(DemoError) -> Void
    ) async throws(DemoError) {
        do throws(DemoError) {
            let programs = try Programs.besideThisOne()
            let directory = try TemporaryDirectory()
            defer { directory.remove() }
            let demo = Demo(
                sandbox: sandbox, accounts: DemoAccounts(count: accounts), lifetime: lifetime,
                programs: programs,
                directory: directory, output: output)
            try await body(demo)
        } catch {
            await sandbox.stop()
            throw error
        }
        await sandbox.stop()
    }
}
