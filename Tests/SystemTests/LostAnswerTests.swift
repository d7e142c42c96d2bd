// Answers that never come, or not whole: whether the provider rotated cannot be known, and its policy decides what follows.
// Beside them the failures that surely came before anything was sent.

import Evidence
import Foundation
import SandboxProvider
import Testing

extension SystemTests {
    @Suite("An answer that was lost")
    struct LostAnswerTests {
        private static let cutBody = #"{"access_token":"{{access_token}}","refresh_tok"#
        /// The ways to lose an answer behind a rotation; each on an account of that name.
        private static let losses: [(subject: String, fault: Fault.Action)] = [
            ("reset", .rotateAndLose), ("cut", .truncate),
            ("bad-gateway", .bodyOverride(ScriptedAnswer(status: 502, body: "<html>"))),
            ("gateway-timeout", .bodyOverride(ScriptedAnswer(status: 504))),
            ("half-json", .bodyOverride(ScriptedAnswer(status: 200, body: cutBody))),
        ]
        private static let subjects = losses.map(\.subject)

        /// Adds the accounts, waits for their first token, and loses the answer to their next refresh.
        private static func lose(_ daemon: RunningDaemon, _ sandbox: Sandbox, lifetime: Double) throws {
            try daemon.add(subjects, from: sandbox, lifetime: lifetime)
            let wire = try daemon.connect()
            for (subject, fault) in losses {
                try wire.await(subject, "is ok") { $0.state == "ok" }
                sandbox.addFault(Fault(fault, subject: subject, count: 1))
            }
            for (subject, answer) in try daemon.refresh(subjects) {
                #expect(answer.hasPrefix("ERR try-again "), "\(subject): \(answer)")
            }
        }

        @Test("R5: is asked for again at once while the provider's grace time runs")
        func withinGrace() async throws {
            var options = Sandbox.Options()
            options.policy.reuseGrace = 30
            try await withSandbox(options) { sandbox in
                let daemon = try RunningDaemon(sandbox, replay: "30s")
                try daemon.start()
                try Self.lose(daemon, sandbox, lifetime: 600)
                let wire = try daemon.connect()
                for subject in Self.subjects {
                    #expect(try wire.token(subject, "wait=0") != nil, "it serves on")
                    try wire.await(subject, "is well", within: 10) { $0.state == "ok" && $0.generation == 3 }
                    let counters = sandbox.counters(of: subject)
                    #expect(counters.replays == 1 && counters.tokenRequests == 3, "\(subject): \(counters)")
                }
                #expect(sandbox.statistics.total.reuses == 0)
                #expect(daemon.stop() == 0)
            }
            Evidence.record(
                "R5",
                injected:
                    "reset, close mid-body, 502, 504, half a JSON after the rotation; policy 30s, grace time 30 s",
                times: Self.losses.count, held: "served on, replayed once at once, well; 0 reuses")
        }

        @Test(
            "R5: is asked for once, as late as the access token allows, where a replay revokes the account; C10"
        )
        func withoutGrace() async throws {
            try await withSandbox { sandbox in
                let daemon = try RunningDaemon(sandbox, replay: "never")
                try daemon.start()
                try Self.lose(daemon, sandbox, lifetime: 20)
                let wire = try daemon.connect()
                for subject in Self.subjects {
                    let view = try wire.status(subject)
                    #expect(view.state == "in-doubt" && view.needs == "time", "\(view)")
                }
                for subject in Self.subjects { try Self.followDoubt(of: subject, wire, sandbox) }
                daemon.crash()
                try daemon.start()
                try Self.expectLost(try daemon.connect(), sandbox)
                #expect(daemon.stop() == 0)
            }
            Evidence.record(
                "R5", injected: "the same; policy never, no grace time", times: Self.losses.count,
                held:
                    "in-doubt and served until just before the token's end, then one replay: lost-rotation, also after a "
                    + "restart, without another; a new login heals at once")
        }

        /// The account serves until its token is nearly used up; then the consumed refresh token is shown a second time.
        private static func followDoubt(of subject: String, _ wire: Wire, _ sandbox: Sandbox) throws {
            try wire.await(subject, "was replayed", within: 40) { view in
                guard view.state == "in-doubt" else { return true }
                #expect(sandbox.counters(of: subject).tokenRequests <= 3, "\(subject)")
                return false
            }
            let times = sandbox.tokenRequests.filter { $0.subject == subject }.map(\.milliseconds)
            try #require(times.count == 3, "\(subject): first token, consumed, replayed")
            // A lifetime of 20 s, 19 to 20 on the wire, and a lead of a tenth of that.
            #expect((16_000...20_500).contains(times[2] - times[0]), "\(subject): \(times[2] - times[0]) ms")
        }

        private static func expectLost(_ wire: Wire, _ sandbox: Sandbox) throws {
            for subject in subjects {
                let view = try wire.status(subject)
                #expect(view.state == "login-needed" && view.needs == "user", "\(view)")
                #expect(view.reason == "lost-rotation", "\(view)")
                try eventually("the last token lapses") {
                    try wire.ask("GET sandbox/\(subject)").hasPrefix("ERR login-needed ")
                }
                #expect(sandbox.counters(of: subject).tokenRequests == 3, "a restart shows it to nobody")
                let login = sandbox.createGrant(subject: subject, lifetime: 60)
                #expect(try wire.add(subject, login.refreshToken, replace: true) == "OK new")
                #expect(try wire.token(subject) != nil, "C10")
                #expect(try wire.status(subject).reason == nil)
            }
        }

        @Test("R5: and comes again after its access token has lapsed is not taken for one that lives")
        func lapsedReplay() async throws {
            var options = Sandbox.Options()
            options.policy.reuseGrace = 30
            try await withSandbox(options) { sandbox in
                let daemon = try RunningDaemon(sandbox, replay: "30s")
                try daemon.start()
                try daemon.add(["a"], from: sandbox, lifetime: 2)
                try daemon.connect().await("a", "has a token") { $0.generation == 2 }
                sandbox.addFault(Fault(.delayAnswer(seconds: 5), subject: "a", count: 1))
                try eventually("a request is out") { sandbox.counters(of: "a").inFlight == 1 }
                daemon.crash()
                let rotated = Date()
                try eventually("what was issued has lapsed") { Date().timeIntervalSince(rotated) > 2.5 }
                try daemon.start()
                let wire = try daemon.connect()
                try wire.await("a", "was replayed") { $0.generation >= 3 }
                // The provider says expires_in 0 of it: elsewhere that means unknown, here that it is over.
                let token = try #require(try wire.token("a"))
                #expect(sandbox.check(accessToken: token) == .valid(subject: "a", scope: "contacts.read"))
                #expect(sandbox.statistics.total.reuses == 0)
                daemon.crash()
            }
        }

        @Test("R5: is asked for again where a refresh token is not consumed by use")
        func unconsumed() async throws {
            var options = Sandbox.Options()
            options.policy.rotation = .never
            try await withSandbox(options) { sandbox in
                let daemon = try RunningDaemon(sandbox, replay: "always")
                try daemon.start()
                try Self.lose(daemon, sandbox, lifetime: 600)
                let wire = try daemon.connect()
                for subject in Self.subjects {
                    try wire.await(subject, "is well", within: 10) { $0.state == "ok" && $0.generation == 3 }
                }
                #expect(daemon.stop() == 0)
            }
            Evidence.record(
                "R5", injected: "the same; policy always, a provider that does not rotate",
                times: Self.losses.count,
                held: "asked again at once, well")
        }

        @Test("R10: ends after 20 s, however short or long its clients wait, and holds nobody else up")
        func silence() async throws {
            try await withSandbox { sandbox in
                let daemon = try RunningDaemon(sandbox)
                try daemon.start()
                sandbox.addFault(Fault(.hang, subject: "mute", count: 1))
                try daemon.add(["mute", "other"], from: sandbox, lifetime: 600)
                let (short, long) = (try daemon.connect(), try daemon.connect())
                let began = Date()
                try long.send("GET sandbox/mute wait=60\n")
                #expect(try short.ask("GET sandbox/mute wait=1").hasPrefix("ERR timeout "))
                #expect(try short.token("other") != nil)
                let answer = try long.line(within: 60) ?? ""
                #expect(answer.hasPrefix("ERR try-again "), "\(answer)")
                #expect((19.0...24).contains(Date().timeIntervalSince(began)))
                try short.await("mute", "is well", within: 10) { $0.state == "ok" }
                #expect(sandbox.counters(of: "mute").tokenRequests == 2)
                #expect(daemon.stop() == 0)
            }
            Evidence.record(
                "R10", injected: "a provider that never answers", times: 1,
                held: "the exchange ended after 20 s by itself, was repeated within the window, well")
        }

        @Test(
            "R6: is none where the connection is refused, the name unknown or TLS fails: a plain retry, then well"
        )
        func surelyNotSent() async throws {
            // Nobody listens at it until a relay does.
            let port = try freePort()
            try await withSandbox { sandbox in
                let daemon = try RunningDaemon(
                    providers: """
                        {"sandbox": \(RunningDaemon.provider("http://127.0.0.1:\(port)/token", replay: "never")),
                         "unknown": \(RunningDaemon.provider("https://tokend.invalid/token", replay: "never")),
                         "plain": \(RunningDaemon.provider("https://127.0.0.1:\(sandbox.port)/token", replay: "never"))}
                        """)
                try daemon.start()
                let wire = try daemon.connect()
                let grant = sandbox.createGrant(subject: "a", lifetime: 60)
                for provider in ["sandbox", "unknown", "plain"] {
                    let json = #"{"refresh_token":"\#(grant.refreshToken)"}"#
                    #expect(try wire.ask("ADD \(provider)/a \(json)") == "OK new")
                }
                for restart in 0..<2 {
                    for (provider, reason) in [
                        ("sandbox", "transient"), ("unknown", "transient"), ("plain", "tls"),
                    ] {
                        try Self.expectPlainRetry(try daemon.connect(), "\(provider)/a", reason)
                    }
                    daemon.crash()
                    if restart == 0 { try daemon.start() }
                }
                let server = try relay(from: port, to: sandbox.port)
                defer { server.terminate() }
                try daemon.start()
                try daemon.connect().await("a", "is well") { $0.state == "ok" }
                #expect(sandbox.statistics.total.refreshes == 1)
                #expect(daemon.stop() == 0)
            }
            Evidence.record(
                "R6",
                injected: "connection refused, unknown name, TLS that fails; policy never; kill -9 between",
                times: 3, held: "never in doubt, never login-needed; well when the provider is there")
        }

        private static func expectPlainRetry(_ wire: Wire, _ account: String, _ reason: String) throws {
            try eventually("\(account) has failed") {
                let view = try AccountView(try wire.ask("STATUS \(account)").dropFirst(3))
                #expect(view.state != "in-doubt" && view.state != "login-needed", "\(view)")
                return view.reason == reason && view.failures >= 1
            }
        }
    }
}
