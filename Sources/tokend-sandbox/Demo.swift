// Decides what the demo does about each happening, in one loop on one task: it alone knows whether tokend runs, whether
// it is being stopped, and why.

import Dispatch
import Glibc
import SandboxProvider
import StrictJSON
import TokenClient

/// A provider, a tokend and some accounts.
struct Demo: Sendable {
    let sandbox: Sandbox
    let accounts: DemoAccounts
    /// Seconds.
    let lifetime: Double
    let programs: Programs
    let directory: TemporaryDirectory
    let output: Output

    /// In seconds: tokend finishes its refreshes in flight, and an exchange may take 20.
    private static let patience = 30.0

    private var socketPath: String { directory.path("tokend.sock") }

    /// Runs until somebody wants an end or tokend ends; tokend has ended when it returns or throws.
    func run(_ happenings: Happenings) async throws(DemoError) {
        let configuration = DemoConfiguration(
            baseURL: sandbox.baseURL, socketPath: socketPath, stateDirectory: directory.path("state"))
        try directory.write(configuration.json.serialized + "\n", to: "config.json")
        let notifySocket = try NotifySocket(path: directory.path("notify"))
        let daemon = DaemonProcess(
            program: programs.tokend, configPath: directory.path("config.json"), notifySocket: notifySocket,
            happenings: happenings)
        daemon.start()
        try await follow(happenings)
    }

    private func follow(_ happenings: Happenings) async throws(DemoError) {
        var pid: pid_t?
        var failure: DemoError?
        var isStopping = false
        func stop(_ signal: Int32) {
            if !isStopping { happenings.tell(.stopOverdue, after: Self.patience) }
            isStopping = true
            if let pid { kill(pid, signal) }
        }
        for await happening in happenings.stream {
            switch happening {
            case .daemonStarted(let started):
                pid = started
                if isStopping { stop(SIGTERM) }
            case .daemonReady where !isStopping:
                do throws(DemoError) { try await present() } catch {
                    failure = error
                    stop(SIGTERM)
                }
            case .daemonReady: continue
            // It finishes its refreshes in flight; whoever asks twice will not wait for them.
            case .interrupted: stop(isStopping ? SIGKILL : SIGTERM)
            case .finished where !isStopping: stop(SIGTERM)
            case .finished: continue
            case .stopOverdue: stop(SIGKILL)
            case .daemonFailedToStart(let cause): throw .daemonNotStarted(cause: cause)
            case .daemonEnded(let end, let log):
                sandbox.onEvent(nil)
                if let failure { throw failure }
                // Before it is ready, SIGTERM still ends it as it ends any process.
                let isAsAsked = end == .exited(status: 0) || end == .killed(signal: SIGTERM)
                guard isStopping, isAsAsked else { throw .daemonEnded(end, log: log) }
                return output.line(summary)
            }
        }
    }

    /// Adds the accounts and shows what to do with them.
    private func present() async throws(DemoError) {
        let result: Result<Void, DemoError> = await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(returning: Result { () throws(DemoError) in try addAccounts() })
            }
        }
        try result.get()
        let greeting = Greeting(
            baseURL: sandbox.baseURL, socketPath: socketPath, tokenctl: programs.tokenctl, accounts: accounts,
            lifetime: lifetime)
        output.line(greeting.text(output))
        sandbox.showEvents(on: output, width: accounts.names.map(\.text.count).max() ?? 0)
    }

    /// Blocks; a subject is called as its account is, so that events name accounts.
    private func addAccounts() throws(DemoError) {
        let client = TokenClient(socket: socketPath)
        for account in accounts.names {
            let tokens = sandbox.createGrant(subject: account.text)
            let grant = AddedGrant(
                refreshToken: Secret(tokens.refreshToken), accessToken: Secret(tokens.accessToken),
                expiresAt: WallTime(epochSeconds: Int64(tokens.expiresAtRoundedDown)), scope: tokens.scope)
            do { try client.add(account, grant) } catch {
                throw .accountNotAdded(account: account.text, cause: "\(error)")
            }
        }
    }

    private var summary: String {
        let total = sandbox.statistics.total
        return "stopped; refreshes: \(total.refreshes), used refresh tokens that came back: \(total.reuses)"
    }
}
