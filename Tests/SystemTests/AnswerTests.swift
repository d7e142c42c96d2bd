// Answers that are no grant: what was granted before is kept and served, nothing is hammered, and nothing of what the
// provider wrote is shown.

import Foundation
import SandboxProvider
import Testing

extension SystemTests {
    @Suite("Whatever a provider answers instead of a token")
    struct AnswerTests {
        @Test(
            "C1 C2 C3 C5 C8 C10 C11 C12 C14: the old token is served, the grant kept, nobody hammered, nothing shown; a timeout, a flood and a trickle are cut"
        )
        func everyCase() async throws {
            let elsewhere = try await Sandbox.start()
            let cases = AnswerCase.all(elsewhere: elsewhere.baseURL + "/token")
            var options = Sandbox.Options()
            options.clients = cases.map(\.client)
            // What an exchange that was cut off had rotated is given again.
            options.policy.reuseGrace = 600
            try await withSandbox(options) { sandbox in
                let daemon = try RunningDaemon(
                    providers: Self.providers(cases, at: sandbox), logLevel: "trace")
                try daemon.start()
                let tokens = try Self.add(cases, to: daemon, sandbox)
                let before = try Self.memory(of: daemon)
                for each in cases {
                    sandbox.addFault(Fault(each.fault, clientID: each.name, count: each.count))
                }
                let refreshes = try cases.map { each in
                    let wire = try daemon.connect()
                    try wire.send("REFRESH \(each.account)\n")
                    return wire
                }
                var heard = try Self.ask(cases, of: daemon, tokens, for: 20)
                for (each, wire) in zip(cases, refreshes) {
                    let answer = try wire.line(within: 60) ?? "none"
                    #expect(answer.hasPrefix("ERR "), "\(each.name): \(answer)")
                    heard.insert(answer)
                }
                let grown = try Self.memory(of: daemon) - before
                #expect(grown < 64 << 20, "C14")
                print(
                    "answers: \(cases.count) kinds, \(sandbox.statistics.total.tokenRequests) requests in 20 s,",
                    "memory at most \(grown >> 20) MiB more")
                try heard.formUnion(Self.judge(cases, daemon, sandbox))
                #expect(!heard.contains { $0.contains(AnswerCase.canary) }, "C12")
                sandbox.clearFaults()
                try Self.expectRecovery(cases, daemon, sandbox)
                #expect(daemon.stop() == 0)
                try Self.judge(try #require(daemon.log?.text), cases)
            }
            #expect(elsewhere.statistics.total.tokenRequests == 0, "C11")
            await elsewhere.stop()
        }

        @Test(
            "if it comes compressed, though nobody asked for that, or is only said to be, it is read",
            arguments: ["gzip", "unlabelled", "with a line feed", "deflate", "plain"])
        func compressed(how: String) async throws {
            try await withSandbox { sandbox in
                let daemon = try RunningDaemon(sandbox)
                try daemon.start()
                let plain = #"{"access_token":"zipped","token_type":"Bearer","expires_in":600}"#
                // The same, by Python's gzip and zlib.
                let gzip = """
                    H4sIAAAAAAACA6tWSkxOTi0uji/Jz07NU7JSqsosKEhNUdJRAgvEl1QWpAJFnVITi1KLgKKpFQWZRanF8ZlAtWYGBrUAmPGC1EAA\
                    AAA=
                    """
                let deflate = """
                    eJyrVkpMTk4tLo4vyc9OzVOyUqrKLChITVHSUQILxJdUFqQCRZ1SE4tSi4CiqRUFmUWpxfGZQLVmBga1AOXgFjA=
                    """
                let zipped = [UInt8](try #require(Data(base64Encoded: gzip)))
                let (label, body): (String?, [UInt8]) =
                    switch how {
                    case "gzip": ("gzip", zipped)
                    case "unlabelled": (nil, zipped)
                    case "with a line feed": ("gzip", zipped + [0x0A])
                    case "deflate": ("deflate", [UInt8](try #require(Data(base64Encoded: deflate))))
                    default: ("gzip", Array(plain.utf8))
                    }
                let headers = label.map { ["Content-Encoding": $0] } ?? [:]
                sandbox.addFault(Fault(.respond(ScriptedAnswer(status: 200, headers: headers, body: body))))
                let grant = sandbox.createGrant(subject: "a")
                let wire = try daemon.connect()
                #expect(
                    try wire.ask("ADD sandbox/a {\"refresh_token\":\"\(grant.refreshToken)\"}").hasPrefix(
                        "OK "))
                #expect(try wire.ask("GET sandbox/a").hasSuffix(" Bearer zipped"))
                #expect(daemon.stop() == 0)
            }
        }

        private static func providers(_ cases: [AnswerCase], at sandbox: Sandbox) -> String {
            let members = cases.map { each in
                let provider =
                    each.scenario == "C5"
                    ? RunningDaemon.provider(
                        sandbox.baseURL + "/api/client/v1/oauth/accessToken", as: each.client,
                        more:
                            #""preset": "seamless", "redirect_uri": "\#(each.client.redirectURIs[0])""#)
                    : RunningDaemon.provider(sandbox.baseURL + "/token", as: each.client)
                return "\"\(each.name)\": \(provider)"
            }
            return "{\(members.joined(separator: ",\n"))}"
        }

        /// Adds the accounts with access tokens that live on through the test; returns these.
        private static func add(
            _ cases: [AnswerCase], to daemon: RunningDaemon, _ sandbox: Sandbox
        ) throws -> [String] {
            let wire = try daemon.connect()
            return try cases.map { each in
                let grant = sandbox.createGrant(subject: each.name, lifetime: 600, clientID: each.name)
                let json = """
                    {"refresh_token":"\(grant.refreshToken)","access_token":"\(grant.accessToken)",\
                    "expires_at":\(grant.expiresAtRoundedDown)}
                    """
                let answer = try wire.ask("ADD \(each.account) \(json)")
                #expect(answer == "OK ok")
                return grant.accessToken
            }
        }

        /// Asks for more than there is, and for what there is, for so long; returns what was answered to the former.
        private static func ask(
            _ cases: [AnswerCase], of daemon: RunningDaemon, _ tokens: [String], for seconds: Double
        ) throws -> Set<String> {
            let wire = try daemon.connect()
            let end = Date(timeIntervalSinceNow: seconds)
            var heard: Set<String> = []
            while Date() < end {
                for (each, token) in zip(cases, tokens) {
                    heard.insert(try wire.ask("GET \(each.account) wait=0 min-ttl=5000"))
                    let served = try wire.ask("GET \(each.account) wait=0").split(separator: " ").last
                    if each.count == nil { #expect(served == Substring(token), "\(each.name)") }
                }
                poll(nil, 0, 20)
            }
            #expect(heard.allSatisfy { $0.hasPrefix("ERR ") })
            return heard
        }

        /// What STATUS says of each account, and how often its provider was asked. Returns what STATUS says, as written.
        private static func judge(
            _ cases: [AnswerCase], _ daemon: RunningDaemon, _ sandbox: Sandbox
        ) throws -> Set<String> {
            let wire = try daemon.connect()
            var heard: Set<String> = [try wire.ask("STATUS")]
            for each in cases {
                let view = try wire.status(of: each.account)
                heard.insert("\(view)")
                #expect(view.needs != "user" && view.state != "login-needed", "\(each.name): \(view)")
                if let reason = each.reason { #expect(view.reason == reason, "\(each.name): \(view)") }
                let requests = sandbox.tokenRequests.filter { $0.clientID == each.name }
                #expect(
                    (1...each.mostRequests).contains(requests.most(within: 60)),
                    "\(each.name): \(requests.count)")
            }
            return heard
        }

        /// Once the provider is well, a refresh shows that the grant was kept; where an operator had to act, a login does
        /// without waiting for anything (C10).
        private static func expectRecovery(
            _ cases: [AnswerCase], _ daemon: RunningDaemon, _ sandbox: Sandbox
        ) throws {
            let wire = try daemon.connect()
            for each in cases where each.scenario == "C5" {
                let login = sandbox.createGrant(subject: each.name, clientID: each.name)
                let json = #"{"refresh_token":"\#(login.refreshToken)","replace":true}"#
                #expect(try wire.ask("ADD \(each.account) \(json)") == "OK new")
            }
            var pending = cases.filter { $0.scenario != "C5" }
            try eventually("all are refreshed") {
                let asked = try pending.map { each in
                    let wire = try daemon.connect()
                    try wire.send("REFRESH \(each.account)\n")
                    return (each, wire)
                }
                pending = try asked.filter { try $0.1.line()?.hasPrefix("OK ") != true }.map(\.0)
                return pending.isEmpty
            }
            for each in cases {
                let words = try wire.ask("GET \(each.account)").split(separator: " ")
                let token = try #require(
                    words.count == 4 ? words[3] : nil, "\(each.name): \(words.prefix(2))")
                let check = sandbox.check(accessToken: String(token))
                #expect(check == .valid(subject: each.name, scope: "contacts.read"), "\(each.name)")
                #expect(try wire.status(of: each.account).failures == 0)
            }
            #expect(sandbox.statistics.total.reuses == 0)
        }

        private static func judge(_ log: String, _ cases: [AnswerCase]) throws {
            #expect(!log.contains(AnswerCase.canary), "C12")
            let lines = log.split(separator: "\n")
            for each in cases {
                guard let shape = each.shape else { continue }
                #expect(lines.contains { $0.contains(each.account) && $0.contains(shape) }, "\(each.name)")
            }
        }

        /// The most memory that the daemon ever held, in bytes.
        private static func memory(of daemon: RunningDaemon) throws -> Int {
            let status = try String(contentsOfFile: "/proc/\(daemon.pid)/status", encoding: .utf8)
            let kilobytes = try #require(status.firstMatch(of: /VmHWM:\s+(\d+) kB/)).1
            return try #require(Int(kilobytes)) << 10
        }
    }
}
