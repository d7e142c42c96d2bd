import Evidence
import Foundation
import SandboxProvider
import Synchronization
import Testing

extension SystemTests {
    @Suite("The daemon and a rotating provider")
    struct ServingTests {
        /// Seconds that the load test lasts; TOKEND_LOAD_SECONDS overrides it.
        static let loadSeconds =
            ProcessInfo.processInfo.environment["TOKEND_LOAD_SECONDS"].flatMap(Double.init) ?? 60

        @Test(
            "keep 200 accounts of 5 s lifetime alive for a minute: no error, no expired token, no reuse, one flight each"
        )
        func load() async throws {
            try await withSandbox { sandbox in
                let daemon = try RunningDaemon(sandbox)
                try daemon.start()
                let subjects = (0..<200).map { "user\($0)" }
                try daemon.add(subjects, from: sandbox, lifetime: 5)
                let end = Date(timeIntervalSinceNow: Self.loadSeconds)
                let tally = Tally()
                let path = daemon.socketPath
                DispatchQueue.concurrentPerform(iterations: 4) { client in
                    do {
                        try Self.ask(path, subjects, sandbox, until: end, seed: client, tally)
                    } catch {
                        tally.violations.withLock { $0.append("client \(client): \(error)") }
                    }
                }
                let statistics = sandbox.statistics
                #expect(tally.violations.withLock { $0 }.isEmpty)
                #expect(statistics.total.reuses == 0)
                #expect(subjects.allSatisfy { statistics[$0].maximumInFlight == 1 })
                #expect(subjects.allSatisfy { statistics[$0].refreshes >= Int(Self.loadSeconds / 5) - 1 })
                #expect(statistics.total.failures.isEmpty)
                print(
                    "load: \(tally.served.load(ordering: .relaxed)) tokens served, \(statistics.total.refreshes) refreshes,",
                    "\(statistics.total.reuses) reuses in \(Self.loadSeconds) s")
                #expect(daemon.stop() == 0)
            }
        }

        private final class Tally: Sendable {
            let served = Atomic(0)
            let violations = Mutex<[String]>([])
        }

        private static func ask(
            _ path: String, _ subjects: [String], _ sandbox: Sandbox, until end: Date, seed: Int,
            _ tally: Tally
        ) throws {
            let wire = try Wire(path)
            var index = seed * 50
            while Date() < end {
                index += 1
                let subject = subjects[index % subjects.count]
                let asked = Date()
                let answer = try wire.ask("GET sandbox/\(subject)")
                tally.served.add(1, ordering: .relaxed)
                let words = answer.split(separator: " ")
                guard words.count == 4, words[0] == "OK", words[2] == "Bearer" else {
                    tally.violations.withLock { $0.append("\(subject): \(words.prefix(3))") }
                    continue
                }
                switch sandbox.check(accessToken: String(words[3])) {
                case .valid(subject, _): break
                // It may lapse on its way to this check, but not before it was asked for.
                case .expired(subject, let secondsAgo) where secondsAgo < -asked.timeIntervalSinceNow: break
                case let check: tally.violations.withLock { $0.append("\(subject): \(check)") }
                }
            }
        }

        @Test("R8: finish what is in flight on SIGTERM, refuse what is new, and exit 0")
        func cleanStop() async throws {
            try await withSandbox { sandbox in
                let daemon = try RunningDaemon(sandbox)
                try daemon.start()
                let subjects = (0..<50).map { "user\($0)" }
                try daemon.add(subjects, from: sandbox, lifetime: 600)
                sandbox.addFault(Fault(.delayAnswer(seconds: 1)))
                let wires = try subjects.map { subject in
                    let wire = try daemon.connect()
                    try wire.send("REFRESH sandbox/\(subject)\n")
                    return wire
                }
                try eventually("all are in flight") { sandbox.statistics.total.inFlight == subjects.count }
                #expect(daemon.stop() == 0)
                for wire in wires { #expect(try wire.line()?.hasPrefix("OK ") == true) }
                sandbox.clearFaults()
                // Nothing was lost: after a restart each account presents the token of that last answer.
                try daemon.start()
                let wire = try daemon.connect()
                #expect(try wire.list(state: "in-doubt").isEmpty)
                for subject in subjects {
                    #expect(try wire.ask("REFRESH sandbox/\(subject)").hasPrefix("OK "))
                }
                #expect(sandbox.statistics.total.reuses == 0)
                #expect(daemon.stop() == 0)
            }
            Evidence.record(
                "R8", injected: "SIGTERM with 50 exchanges in flight", times: 1,
                held: "every answer was stored and told, nothing in doubt, exit 0")
        }

        @Test("speak Seamless's dialect, and its contacts endpoint accepts what is served")
        func seamless() async throws {
            try await withSandbox { sandbox in
                let daemon = try RunningDaemon(sandbox)
                try daemon.start()
                let grant = sandbox.createGrant(subject: "alice", lifetime: 60)
                let wire = try daemon.connect()
                #expect(
                    try wire.ask("ADD seamless/alice {\"refresh_token\":\"\(grant.refreshToken)\"}")
                        == "OK new")
                let socat = try #require(Programs.installed("socat"))
                let curl = try #require(Programs.installed("curl"))
                let get = try Programs.run(
                    socat, ["-", "UNIX-CONNECT:\(daemon.socketPath)"], input: "GET seamless/alice\n")
                let words = get.output.dropLast().split(separator: " ")
                try #require(words.count == 4 && words[0] == "OK" && words[2] == "Bearer")
                let contacts = try Programs.run(
                    curl,
                    [
                        "-sS", "-H", "Authorization: \(words[2]) \(words[3])",
                        sandbox.baseURL + "/api/client/v1/search/contacts",
                    ])
                #expect(contacts.output.hasPrefix(#"{"data":[{"#), "\(contacts.output) \(contacts.errors)")
                // A refused token is never served again; the one that follows works too.
                let status = try wire.ask("STATUS seamless/alice")
                let fingerprint = try #require(status.firstMatch(of: /"fingerprint":"([0-9a-f]{16})"/)).1
                let second = try wire.ask("GET seamless/alice not=\(fingerprint)").split(separator: " ")
                try #require(second.count == 4)
                #expect(second[3] != words[3])
                #expect(
                    sandbox.check(accessToken: String(second[3]))
                        == .valid(subject: "alice", scope: grant.scope))
                #expect(sandbox.statistics.total.reuses == 0 && sandbox.statistics["alice"].refreshes == 2)
                #expect(daemon.stop() == 0)
            }
        }
    }
}

extension RunningDaemon {
    /// Adds an account `sandbox/<subject>` each, without an access token, pipelined; returns when all are durable.
    func add(_ subjects: [String], from sandbox: Sandbox, lifetime: Double) throws {
        let wire = try connect()
        var lines = ""
        for subject in subjects {
            let grant = sandbox.createGrant(subject: subject, lifetime: lifetime)
            lines += "ADD sandbox/\(subject) {\"refresh_token\":\"\(grant.refreshToken)\"}\n"
        }
        try wire.send(lines)
        for subject in subjects {
            guard let answer = try wire.line(), answer == "OK new" else {
                throw Failure(description: "ADD \(subject) was refused")
            }
        }
    }
}
