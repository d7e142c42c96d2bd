// The real daemon while its machine sleeps and its clock is set.

import Evidence
import Foundation
import SandboxProvider
import Testing

extension SystemTests {
    @Suite("The clocks")
    struct ClockTests {
        private static let subjects = (0..<50).map { "user\($0)" }

        /// A daemon whose accounts have their first token.
        private static func start(_ daemon: RunningDaemon, _ sandbox: Sandbox) throws {
            try Clocks.prepare(daemon)
            try daemon.start()
            try daemon.add(subjects, from: sandbox, lifetime: 600)
            try awaitRefreshes(1, sandbox, daemon)
        }

        /// Returns when each account was refreshed `count` times and is well.
        private static func awaitRefreshes(_ count: Int, _ sandbox: Sandbox, _ daemon: RunningDaemon) throws {
            let wire = try daemon.connect()
            try eventually("\(count) refreshes of each") {
                subjects.allSatisfy { sandbox.statistics[$0].refreshes >= count }
            }
            try eventually("all are well") { try wire.list(state: "ok").count == subjects.count }
        }

        /// What GET serves of each account: the expiry and the token.
        private static func served(_ wire: Wire) throws -> [String: (expiresAt: Double, token: String)] {
            var served: [String: (expiresAt: Double, token: String)] = [:]
            for subject in subjects {
                let words = try wire.ask("GET sandbox/\(subject)").split(separator: " ")
                guard words.count == 4, let expiresAt = Double(words[1]) else { continue }
                served[subject] = (expiresAt, String(words[3]))
            }
            return served
        }

        @Test(
            "T1: jump across an expiry: the first turn refreshes, and what lapsed in the sleep is never served"
        )
        func suspended() async throws {
            try await withSandbox { sandbox in
                let daemon = try RunningDaemon(sandbox)
                try Self.start(daemon, sandbox)
                let wire = try daemon.connect()
                let before = try Self.served(wire)
                #expect(before.count == Self.subjects.count)
                let clocks = try Clocks(daemon)
                for sleep in 1...3 {
                    let old = try Self.served(wire)
                    try clocks.suspend(3600)
                    // Nobody asks for half of them: the daemon refreshes them because its timer has expired.
                    for subject in Self.subjects.prefix(Self.subjects.count / 2) {
                        let token = try #require(try wire.token(subject, "wait=30"))
                        #expect(token != old[subject]?.token, "it lapsed while the machine slept")
                        #expect(
                            sandbox.check(accessToken: token)
                                == .valid(subject: subject, scope: "contacts.read"))
                    }
                    try Self.awaitRefreshes(1 + sleep, sandbox, daemon)
                }
                #expect(sandbox.statistics.total.refreshes == 4 * Self.subjects.count, "one each, no more")
                #expect(sandbox.statistics.total.reuses == 0)
                #expect(daemon.stop() == 0)
                #expect(daemon.log?.text.contains("the wall clock was stepped") == false)
            }
            Evidence.record(
                "T1", injected: "the boot clock jumps 1 h, past the expiry of 50 accounts", times: 3,
                held: "all are refreshed at once, once each; no token of before the jump is served")
        }

        @Test(
            "T2: stepped +1 h, -1 day, to 1970 and back: no refresh, every token served on, one log line a step"
        )
        func stepped() async throws {
            try await withSandbox { sandbox in
                let daemon = try RunningDaemon(sandbox)
                try Self.start(daemon, sandbox)
                let wire = try daemon.connect()
                let clocks = try Clocks(daemon)
                let before = try Self.served(wire)
                let refreshes = sandbox.statistics.total.refreshes
                let steps: [(Double, (Clocks) throws -> Void)] = [
                    (3600, { try $0.step(3600) }), (-86_400, { try $0.step(-90_000) }),
                    (-Date().timeIntervalSince1970, { try $0.set(1) }),
                    (0, { try $0.set(Date().timeIntervalSince1970) }),
                ]
                for (offset, step) in steps {
                    try step(clocks)
                    try eventually("what is shown follows the clock") {
                        let now = try Self.served(wire)
                        return now.count == before.count
                            && now.allSatisfy { subject, shown in
                                shown.token == before[subject]?.token
                                    && abs(shown.expiresAt - (before[subject]!.expiresAt + offset)) < 60
                            }
                    }
                    for account in try wire.list() {
                        #expect(account.state == "ok")
                        let shown = try Self.served(wire)[account.subject]?.expiresAt
                        #expect(account.expiresAt.map(Double.init) == shown, "STATUS and GET agree")
                    }
                }
                #expect(sandbox.statistics.total.refreshes == refreshes)
                #expect(daemon.stop() == 0)
                let log = try #require(daemon.log).text.split(separator: "\n")
                #expect(log.count { $0.contains("the wall clock was stepped by") } == steps.count)
                #expect(log.count == steps.count + 3, "beside them: serving, stopping, stopped: \(log)")
            }
            Evidence.record(
                "T2", injected: "the wall clock stepped +1 h, -1 day, to 1970 and back", times: 4,
                held: "no refresh; all tokens served on with the expiry by the new clock; one log line a step"
            )
        }

        @Test("T2: stepped while the daemon is down: within a boot it goes on by the boot clock")
        func steppedWhileDown() async throws {
            try await withSandbox { sandbox in
                let daemon = try RunningDaemon(sandbox)
                try Self.start(daemon, sandbox)
                let before = try Self.served(try daemon.connect())
                let refreshes = sandbox.statistics.total.refreshes
                for step in [Duration.seconds(86_400), .seconds(-86_400), .seconds(-1_700_000_000)] {
                    daemon.crash()
                    try Clocks.prepare(daemon, step: step)
                    try daemon.start()
                    let after = try Self.served(try daemon.connect())
                    #expect(after.mapValues(\.token) == before.mapValues(\.token))
                }
                #expect(sandbox.statistics.total.refreshes == refreshes)
                #expect(daemon.stop() == 0)
            }
            Evidence.record(
                "T2", injected: "the wall clock stepped +1 day, -1 day, to 1973 while the daemon is down",
                times: 3, held: "no refresh; all tokens served on")
        }

        @Test(
            "T2: never set after a reboot: nothing unjudged is served; when it is set, what lives is served again"
        )
        func neverSet() async throws {
            try await withSandbox { sandbox in
                let daemon = try RunningDaemon(sandbox)
                try Self.start(daemon, sandbox)
                let before = try Self.served(try daemon.connect())
                daemon.crash()
                // So that none can be refreshed meanwhile.
                let id = sandbox.addFault(Fault(.respond(ScriptedAnswer(status: 503))))
                let refreshes = sandbox.statistics.total.refreshes
                try Clocks.prepare(daemon, step: .seconds(-1_700_000_000), bootID: UUID().uuidString)
                try daemon.start()
                let wire = try daemon.connect()
                for subject in Self.subjects { #expect(try wire.token(subject, "wait=0") == nil) }
                try Clocks(daemon).set(Date().timeIntervalSince1970)
                try eventually("what lives is served again") {
                    try Self.served(wire).mapValues(\.token) == before.mapValues(\.token)
                }
                #expect(sandbox.statistics.total.refreshes == refreshes)
                sandbox.removeFault(id)
                #expect(daemon.stop() == 0)
                let log = try #require(daemon.log).text
                #expect(log.contains("the wall clock was never set: \(Self.subjects.count) tokens"))
            }
            Evidence.record(
                "T2", injected: "a boot with its clock at 1973, set later", times: 1,
                held: "no token of before is served until the clock is set; then all are, without a refresh")
        }
    }
}
