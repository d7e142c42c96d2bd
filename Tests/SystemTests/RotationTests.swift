// What else befalls a rotating refresh token: answers that leave it out, clients that go, crowds, restarts between
// rotations, edits during a flight.

import Evidence
import Foundation
import SandboxProvider
import Testing

extension SystemTests {
    @Suite("A rotating refresh token")
    struct RotationTests {
        @Test("R4: is kept where an answer has none, an empty one or null")
        func answersWithoutOne() async throws {
            var options = Sandbox.Options()
            options.policy.rotation = .never
            let bodies = ["absent": "", "empty": #","refresh_token":"""#, "null": #","refresh_token":null"#]
            try await withSandbox(options) { sandbox in
                let daemon = try RunningDaemon(sandbox)
                try daemon.start()
                for (subject, member) in bodies {
                    let body = #"{"access_token":"{{access_token}}","expires_in":600\#(member)}"#
                    sandbox.addFault(
                        Fault(.bodyOverride(ScriptedAnswer(status: 200, body: body)), subject: subject))
                }
                let subjects = bodies.keys.sorted()
                try daemon.add(subjects, from: sandbox, lifetime: 600)
                for restart in 0..<2 {
                    for (subject, answer) in try daemon.refresh(subjects) {
                        #expect(answer.hasPrefix("OK "), "\(subject): \(answer)")
                        let token = try #require(try daemon.connect().token(subject))
                        #expect(
                            sandbox.check(accessToken: token)
                                == .valid(subject: subject, scope: "contacts.read"))
                    }
                    daemon.crash()
                    if restart == 0 { try daemon.start() }
                }
                #expect(sandbox.statistics.total.failures.isEmpty)
            }
            Evidence.record(
                "R4",
                injected: "answers without a refresh token, with an empty one, with null; kill -9 between",
                times: bodies.count, held: "the old one was kept and the new access token stored")
        }

        @Test("R18: is the third one's after three rotations with a restart between each")
        func restarts() async throws {
            try await withSandbox { sandbox in
                let daemon = try RunningDaemon(sandbox, replay: "never")
                try daemon.start()
                try daemon.add(["a"], from: sandbox, lifetime: 600)
                try daemon.connect().await("a", "has a token") { $0.state == "ok" }
                for rotation in 1...6 {
                    // Half of the restarts are crashes.
                    if rotation.isMultiple(of: 2) { daemon.crash() } else { #expect(daemon.stop() == 0) }
                    try daemon.start()
                    let wire = try daemon.connect()
                    #expect(try wire.refresh("a").hasPrefix("OK "))
                    #expect(try wire.status("a").generation == 2 + rotation)
                }
                let total = sandbox.statistics.total
                #expect(total.refreshes == 7 && total.reuses == 0 && total.failures.isEmpty)
                #expect(daemon.stop() == 0)
            }
            Evidence.record(
                "R18", injected: "a restart between each of six rotations, half of them kill -9", times: 6,
                held: "each presented the token of the one before")
        }

        @Test("R9: is refreshed to the end when who asked for it has gone, and others get the token")
        func deserters() async throws {
            try await withSandbox { sandbox in
                let daemon = try RunningDaemon(sandbox)
                try daemon.start()
                // More accounts than the lane has slots.
                let subjects = (0..<80).map { "user\($0)" }
                sandbox.addFault(Fault(.delayAnswer(seconds: 0.5)))
                try daemon.add(subjects, from: sandbox, lifetime: 600)
                let stayed = try subjects.map { subject in
                    let deserter = try daemon.connect()
                    try deserter.send("GET sandbox/\(subject)\n")
                    let wire = try daemon.connect()
                    try wire.send("GET sandbox/\(subject)\n")
                    return wire
                }
                for wire in stayed { #expect(try wire.line()?.hasPrefix("OK ") == true) }
                sandbox.clearFaults()
                for (subject, answer) in try daemon.refresh(subjects) {
                    #expect(answer.hasPrefix("OK "), "\(subject): its slot is free: \(answer)")
                }
                let statistics = sandbox.statistics
                #expect(
                    subjects.allSatisfy { statistics[$0].refreshes == 2 && statistics[$0].tokenRequests == 2 }
                )
                #expect(daemon.stop() == 0)
            }
            Evidence.record(
                "R9", injected: "80 clients that disconnect while their refresh is under way", times: 80,
                held: "each refresh completed, others got its token, all slots were free after")
        }

        @Test(
            "R11: is presented once for 500 clients that ask at once for a lapsed account; all get the same token"
        )
        func crowd() async throws {
            try await withSandbox { sandbox in
                let daemon = try RunningDaemon(sandbox)
                try daemon.start()
                // Short enough to wait for; the next refresh is due after a quarter of it.
                try daemon.add(["a"], from: sandbox, lifetime: 8)
                let wire = try daemon.connect()
                let old = try #require(try wire.token("a"))
                #expect(daemon.stop() == 0)
                try eventually("the token has lapsed") {
                    if case .expired = sandbox.check(accessToken: old) { true } else { false }
                }
                sandbox.addFault(Fault(.delayAnswer(seconds: 1)))
                let before = sandbox.statistics.total.tokenRequests
                try daemon.start()
                let clients = try (0..<500).map { _ in try daemon.connect() }
                for client in clients { try client.send("GET sandbox/a\n") }
                let answers = Set(try clients.map { try $0.line() ?? "none" })
                #expect(
                    answers.count == 1 && answers.first?.hasPrefix("OK ") == true, "\(answers.count) answers")
                #expect(sandbox.statistics.total.tokenRequests == before + 1)
                daemon.crash()
            }
            Evidence.record(
                "R11", injected: "500 clients ask at once for a lapsed account", times: 500,
                held: "1 provider call, 500 equal answers")
        }

        @Test(
            "R16: of an account removed, added again or logged in again during its flight is dropped when it comes late"
        )
        func editsInFlight() async throws {
            try await withSandbox { sandbox in
                let daemon = try RunningDaemon(sandbox, replay: "never")
                try daemon.start()
                let subjects = ["removed", "added", "replaced"]
                try daemon.add(subjects, from: sandbox, lifetime: 600)
                let wire = try daemon.connect()
                for subject in subjects { try wire.await(subject, "has a token") { $0.state == "ok" } }
                sandbox.addFault(Fault(.delayAnswer(seconds: 1), count: 3))
                let callers = try subjects.map { subject in
                    let caller = try daemon.connect()
                    try caller.send("REFRESH sandbox/\(subject)\n")
                    return caller
                }
                try eventually("all are in flight") { sandbox.statistics.total.inFlight == 3 }
                for subject in ["removed", "added"] {
                    #expect(try wire.ask("REMOVE sandbox/\(subject)") == "OK")
                }
                for subject in ["added", "replaced"] {
                    let login = sandbox.createGrant(subject: "new-\(subject)", lifetime: 600)
                    let isThere = subject == "replaced"
                    #expect(try wire.add(subject, login.refreshToken, replace: isThere) == "OK new")
                }
                for caller in callers { #expect(try caller.line() != nil) }
                try eventually("the late answers have come") { sandbox.statistics.total.inFlight == 0 }
                for restart in 0..<2 {
                    try Self.expectEdits(try daemon.connect(), sandbox)
                    daemon.crash()
                    if restart == 0 { try daemon.start() }
                }
                #expect(sandbox.statistics.total.reuses == 0)
            }
            Evidence.record(
                "R16", injected: "REMOVE, REMOVE and ADD, ADD with replace during a flight; kill -9 after",
                times: 3,
                held: "the late answer neither resurrected nor overwrote")
        }

        private static func expectEdits(_ wire: Wire, _ sandbox: Sandbox) throws {
            #expect(try wire.ask("STATUS sandbox/removed").hasPrefix("ERR unknown-account "))
            for subject in ["added", "replaced"] {
                #expect(try wire.refresh(subject).hasPrefix("OK "))
                let token = try #require(try wire.token(subject))
                let owner = AccessCheck.valid(subject: "new-\(subject)", scope: "contacts.read")
                #expect(sandbox.check(accessToken: token) == owner)
            }
        }
    }
}
