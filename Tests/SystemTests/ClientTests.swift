// What a provider says of the client rather than of an account: it is heard once, and all accounts of the client heed it.

import Foundation
import SandboxProvider
import Testing

extension SystemTests {
    @Suite("A provider that refuses or slows a client")
    struct ClientTests {
        private static func client(_ name: String) -> RegisteredClient {
            RegisteredClient(id: name, secret: "secret-of-\(name)", redirectURIs: ["https://app.example/cb"])
        }

        private static func accounts(of name: String, _ count: Int) -> [String] {
            (0..<count).map { "\(name)/\(name)-\($0)" }
        }

        /// A daemon with a provider for each name, all at the sandbox, each with so many accounts that are well.
        private static func daemon(
            _ names: [String], accounts count: Int, lifetime: Double, _ sandbox: Sandbox
        ) throws -> RunningDaemon {
            let members = names.map {
                "\"\($0)\": \(RunningDaemon.provider(sandbox.baseURL + "/token", as: client($0)))"
            }
            let daemon = try RunningDaemon(providers: "{\(members.joined(separator: ","))}")
            try daemon.start()
            let wire = try daemon.connect()
            for name in names {
                for account in accounts(of: name, count) {
                    let subject = String(account.drop { $0 != "/" }.dropFirst())
                    let grant = sandbox.createGrant(subject: subject, lifetime: lifetime, clientID: name)
                    let answer = try wire.ask("ADD \(account) {\"refresh_token\":\"\(grant.refreshToken)\"}")
                    #expect(answer == "OK new")
                }
            }
            try eventually("all are well") { try wire.list(state: "ok").count == names.count * count }
            return daemon
        }

        /// So many requests of the client have come.
        private static func requests(of name: String, _ sandbox: Sandbox) -> Int {
            sandbox.tokenRequests.count { $0.clientID == name }
        }

        /// Returns when no request of the client is under way.
        private static func awaitLanding(of name: String, _ count: Int, _ sandbox: Sandbox) throws {
            try eventually("requests of \(name) are answered") {
                let statistics = sandbox.statistics
                return (0..<count).allSatisfy { statistics["\(name)-\($0)"].inFlight == 0 }
            }
        }

        @Test(
            "C4: with 401 for every account parks it, and no account dies of it; a 401 for one among well siblings is that one's"
        )
        func unauthorized() async throws {
            var options = Sandbox.Options()
            options.clients = [Self.client("all"), Self.client("one")]
            try await withSandbox(options) { sandbox in
                let daemon = try Self.daemon(["all", "one"], accounts: 20, lifetime: 6, sandbox)
                let refusal = Fault.Action.respond(
                    ScriptedAnswer(status: 401, body: #"{"message":"Unauthorized"}"#))
                let before = Self.requests(of: "all", sandbox)
                sandbox.addFault(Fault(refusal, clientID: "all"))
                sandbox.addFault(Fault(refusal, subject: "one-7"))
                let wire = try daemon.connect()
                try eventually("the client is parked") { try wire.client("all").state == "parked" }
                try eventually("the one account needs a login") {
                    try wire.status(of: "one/one-7").state == "login-needed"
                }
                let parked = try wire.client("all")
                #expect(parked.needs == "operator", "\(parked)")
                #expect(try wire.client("one").state == "ok")
                let overview = try Programs.run("tokenctl", ["status", "--socket", daemon.socketPath])
                let line =
                    "\nall  parked for [0-9]+s, needs operator: refused without saying .*; next probe in "
                #expect(try overview.output.contains(Regex(line)), "\(overview)")
                try Self.awaitLanding(of: "all", 20, sandbox)
                let asked = Self.requests(of: "all", sandbox)
                // Two for each account at the very most, though each is tried once a second if nobody minds.
                #expect(asked - before <= 40, "\(asked - before)")
                try Self.expectQuiet(daemon, sandbox, since: asked)
                #expect(try wire.list(state: "login-needed").map(\.account) == ["one/one-7"])
                // Whoever mended it asks for any account: that is the probe.
                sandbox.clearFaults()
                #expect(try wire.ask("REFRESH all/all-3").hasPrefix("OK "))
                try eventually("all but the one are well") { try wire.list(state: "ok").count == 39 }
                #expect(try wire.client("all").state != "parked")
                #expect(sandbox.statistics.total.reuses == 0)
                #expect(daemon.stop() == 0)
                let alarms = try #require(daemon.log?.text).split(separator: "\n").filter {
                    $0.contains("all: refuses the client")
                }
                #expect(alarms.count == 1, "\(alarms)")
            }
        }

        /// Clients ask for all the accounts whose tokens have lapsed by now: no more than a probe reaches the provider.
        private static func expectQuiet(_ daemon: RunningDaemon, _ sandbox: Sandbox, since asked: Int) throws
        {
            let wire = try daemon.connect()
            let end = Date(timeIntervalSinceNow: 8)
            while Date() < end {
                for account in accounts(of: "all", 20) {
                    let answer = try wire.ask("GET \(account) wait=0 min-ttl=100")
                    #expect(answer.hasPrefix("ERR ") && !answer.hasPrefix("ERR login-needed"), "\(answer)")
                }
                poll(nil, 0, 50)
            }
            #expect(requests(of: "all", sandbox) - asked <= 1)
        }

        /// How a provider asks for a pause, and until when nothing may come; nil where it does not say or has no pause.
        private static func pauses(
            _ now: Date
        ) -> [(name: String, fault: Fault.Action, until: Date?)] {
            func answer(_ status: Int, _ headers: [String: String]) -> Fault.Action {
                .respond(ScriptedAnswer(status: status, headers: headers))
            }
            let format = DateFormatter()
            format.locale = Locale(identifier: "en_US_POSIX")
            format.timeZone = TimeZone(identifier: "GMT")
            format.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
            // Headers know whole seconds; those of seconds count from the answer, which is not before now.
            let end = Date(timeIntervalSince1970: (now.timeIntervalSince1970 + 7).rounded(.up))
            let used = ["X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "7"]
            let body =
                #"{"access_token":"{{access_token}}","refresh_token":"{{refresh_token}}","expires_in":4}"#
            return [
                ("seconds", answer(429, ["Retry-After": "7"]), now + 7),
                ("date", answer(503, ["Retry-After": format.string(from: end)]), end),
                (
                    "reset",
                    answer(
                        429,
                        [
                            "X-RateLimit-Remaining": "0",
                            "X-RateLimit-Reset": String(Int(end.timeIntervalSince1970)),
                        ]), end
                ),
                ("used-up", .bodyOverride(ScriptedAnswer(status: 200, headers: used, body: body)), now + 7),
                ("past", answer(429, ["Retry-After": format.string(from: now - 3600)]), nil),
                ("absent", answer(429, [:]), nil),
                ("absurd", answer(503, ["Retry-After": "31536000"]), .distantFuture),
            ]
        }

        @Test(
            "C6: with Retry-After or a spent X-RateLimit is left alone by all its accounts until then, within 1 s and 1 h"
        )
        func pauses() async throws {
            let names = Self.pauses(Date()).map(\.name)
            var options = Sandbox.Options()
            options.clients = names.map(Self.client)
            try await withSandbox(options) { sandbox in
                let daemon = try Self.daemon(names, accounts: 6, lifetime: 4, sandbox)
                let pauses = Self.pauses(Date())
                let wire = try daemon.connect()
                for pause in pauses {
                    sandbox.addFault(Fault(pause.fault, subject: "\(pause.name)-0", count: 1))
                    // Joins the flight where there is one: the answer to it may come before the fault.
                    try eventually("\(pause.name) was told") {
                        _ = try wire.ask("REFRESH \(pause.name)/\(pause.name)-0")
                        return sandbox.counters(of: "\(pause.name)-0").faults == 1
                    }
                }
                // From when on nothing may come, on the records' clock.
                var heeded: [String: Double] = [:]
                for pause in pauses where pause.until != nil {
                    try eventually("\(pause.name) is paused") {
                        try wire.client(pause.name).state == "paused"
                    }
                    try Self.awaitLanding(of: pause.name, 6, sandbox)
                    heeded[pause.name] = Self.milliseconds
                }
                let absurd = try #require(try wire.client("absurd").nextAttemptAt)
                #expect((3500...3601).contains(absurd - Int(Date().timeIntervalSince1970)))
                for pause in pauses where pause.name != "absurd" {
                    try eventually("\(pause.name) is well again") {
                        let isWell = try Self.accounts(of: pause.name, 6).allSatisfy {
                            let view = try wire.status(of: $0)
                            return view.failures == 0 && view.state != "expired"
                        }
                        return try isWell && wire.client(pause.name).state == "ok"
                    }
                }
                let (milliseconds, now) = (Self.milliseconds, Date())
                for pause in pauses {
                    guard let heard = heeded[pause.name], let until = pause.until else { continue }
                    let end = milliseconds + min(until, now).timeIntervalSince(now) * 1000
                    let early = sandbox.tokenRequests.count {
                        $0.clientID == pause.name && heard < $0.milliseconds && $0.milliseconds < end
                    }
                    #expect(early <= 1, "\(pause.name)")
                }
                #expect(try wire.list(state: "login-needed").isEmpty)
                #expect(sandbox.statistics.total.reuses == 0)
                #expect(daemon.stop() == 0)
            }
        }

        /// CLOCK_MONOTONIC, as the sandbox's records have it.
        private static var milliseconds: Double {
            var time = timespec()
            clock_gettime(CLOCK_MONOTONIC, &time)
            return Double(time.tv_sec) * 1000 + Double(time.tv_nsec) / 1e6
        }
    }
}
