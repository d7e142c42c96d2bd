// One life of an account, with one system call on its way made to fail or to be the daemon's last, and a restart without a
// tracer to see what is left.

import Foundation
import SandboxProvider
import Testing

/// An account of its own that is added and refreshed twice.
final class InjectedRun {
    private let sandbox: Sandbox
    private let injection: Strace.Injection
    private let step: SystemTests.InjectionTests.Step
    private let hasGrace: Bool
    private let daemon: RunningDaemon
    private let subject = UUID().uuidString
    private var strace: Strace?
    /// What the daemon has acknowledged of the account; 0 before it was added.
    private var acknowledged = 0
    private var trace: String { daemon.directory + "/trace" }

    init(
        _ sandbox: Sandbox, _ injection: Strace.Injection, _ step: SystemTests.InjectionTests.Step,
        _ grace: Double
    ) throws {
        self.sandbox = sandbox
        self.injection = injection
        self.step = step
        hasGrace = grace > 0
        daemon = try RunningDaemon(sandbox, replay: hasGrace ? "30s" : "never")
    }

    /// Lives through it and judges the end.
    /// - Returns: whether anything was injected; if not, there are no more calls to inject into at this step.
    func isReached() throws -> Bool {
        let grant = sandbox.createGrant(subject: subject, lifetime: 600)
        do { try live(grant) } catch let error where !isDead { throw error } catch {}
        strace?.detach()
        let count = (strace?.count ?? 0) + Strace.count(in: trace) + (isDead ? 1 : 0)
        if !isDead { daemon.crash() }
        daemon.launcher = []
        try daemon.start()
        try judge(grant)
        daemon.crash()
        return count > 0
    }

    /// Whether the daemon has ended by itself, or is about to be found so.
    private lazy var isDead: Bool = {
        // A connection that broke is seen before the process is.
        try? eventually(within: 0.3, "the daemon has ended") { !daemon.process.isRunning }
        return !daemon.process.isRunning
    }()

    private func live(_ grant: IssuedTokens) throws {
        if step == .start { daemon.launcher = Strace.launcher(injection, output: trace) }
        do { try daemon.start() } catch {
            // An error at the start is a refusal to start, in words and with an exit status; the next start is clean.
            guard step == .start, !daemon.process.isRunning else { throw error }
            return
        }
        let wire = try daemon.connect()
        if step == .add { strace = try Strace(daemon, injection) }
        try add(grant, wire)
        try refresh(wire, isFirst: true)
        // A second one is as good as the first, but waits for the minimum interval.
        if step == .start { try refresh(wire, isFirst: false) }
    }

    private func add(_ grant: IssuedTokens, _ wire: Wire) throws {
        var answer = ""
        // Each of the threads that write may meet the fault once.
        try eventually("the account is added") {
            answer = try request(grant, wire)
            return !answer.hasPrefix("ERR storage ")
        }
        #expect(answer == "OK ok" || answer.hasPrefix("ERR exists "), "\(injection) at \(step): \(answer)")
        acknowledged = 1
    }

    /// With an access token, so that the first refresh is the one that is asked for.
    private func request(_ grant: IssuedTokens, _ wire: Wire) throws -> String {
        let tokens = #""refresh_token":"\#(grant.refreshToken)","access_token":"\#(grant.accessToken)""#
        return try wire.ask("ADD sandbox/\(subject) {\(tokens),\"expires_at\":\(grant.expiresAtRoundedDown)}")
    }

    private func refresh(_ wire: Wire, isFirst: Bool) throws {
        if isFirst, step == .mark { strace = try Strace(daemon, injection) }
        if isFirst, step == .save {
            sandbox.addFault(Fault(.delayAnswer(seconds: 0.3), subject: subject, count: 1))
        }
        try wire.send("REFRESH sandbox/\(subject)\n")
        if isFirst, step == .save {
            try eventually("the request is out") { sandbox.counters(of: subject).inFlight == 1 }
            strace = try Strace(daemon, injection)
        }
        guard let answer = try wire.line() else { throw Wire.Failure(description: "the daemon has ended") }
        if answer.hasPrefix("OK ") {
            acknowledged += 1
        } else {
            #expect(answer.hasPrefix("ERR storage "), "\(injection) at \(step): \(answer)")
        }
        try wire.await(subject, "is well again", within: 15) { $0.reason == nil && $0.state == "ok" }
        acknowledged = max(acknowledged, try wire.status(subject).generation)
    }

    /// After a restart: what was acknowledged is there, and the account refreshes or is lost for a reason.
    private func judge(_ grant: IssuedTokens) throws {
        let wire = try daemon.connect()
        let place = "\(injection) at \(step)"
        let found = try wire.list().first { $0.subject == subject }
        #expect(
            (found?.generation ?? 0) >= acknowledged,
            "\(place): \(String(describing: found)), \(acknowledged)")
        if found == nil { #expect(try request(grant, wire) == "OK ok", "\(place)") }
        let counters = sandbox.counters(of: subject)
        let isLost = counters.refreshes + 1 > max(1, found?.generation ?? 1)
        let answer = try wire.refresh(subject)
        if hasGrace || !isLost {
            #expect(answer.hasPrefix("OK "), "\(place): \(answer)")
            #expect(sandbox.counters(of: subject).reuses == 0, "\(place)")
        } else {
            let view = try wire.status(subject)
            #expect(
                view.state == "login-needed" && view.reason == "lost-rotation", "\(place): \(view) \(answer)"
            )
        }
    }
}
