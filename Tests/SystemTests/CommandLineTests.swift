import Evidence
import Foundation
import SandboxProvider
import Testing

extension SystemTests {
    @Suite("tokenctl")
    struct CommandLineTests {
        private func tokenctl(
            _ daemon: RunningDaemon, _ arguments: [String], input: String = ""
        ) throws -> Programs.Result {
            try Programs.run(
                "tokenctl", arguments, input: input, environment: ["TOKEND_SOCKET": daemon.socketPath])
        }

        @Test("adds, gets, lists, refreshes and removes an account")
        func lifecycle() async throws {
            try await withSandbox { sandbox in
                let daemon = try RunningDaemon(sandbox)
                try daemon.start()
                #expect(try tokenctl(daemon, ["ping"]).status == 0)
                let grant = sandbox.createGrant(subject: "alice", lifetime: 60)
                #expect(
                    try tokenctl(daemon, ["add", "sandbox/alice"], input: grant.refreshToken + "\n").status
                        == 0)
                let get = try tokenctl(daemon, ["get", "sandbox/alice"])
                #expect(get.status == 0)
                let token = get.output.trimmingCharacters(in: .newlines)
                #expect(sandbox.check(accessToken: token) == .valid(subject: "alice", scope: grant.scope))
                #expect(
                    try tokenctl(daemon, ["get", "--header", "sandbox/alice"]).output
                        == "Authorization: Bearer \(token)\n")
                let status = try tokenctl(daemon, ["status"])
                #expect(status.status == 0 && status.output.contains("sandbox/alice"))
                #expect(
                    !status.output.contains(token) && !status.output.contains("\u{1B}["),
                    "no token, no colour in a pipe")
                #expect(try tokenctl(daemon, ["status", "--json"]).output.hasPrefix("{"))
                #expect(try tokenctl(daemon, ["list"]).output.contains("sandbox/alice"))
                #expect(try tokenctl(daemon, ["refresh", "sandbox/alice"]).status == 0)
                #expect(try tokenctl(daemon, ["remove", "sandbox/alice"]).status == 0)
                #expect(try tokenctl(daemon, ["get", "sandbox/alice"]).status == 67)
                #expect(daemon.stop() == 0)
                #expect(try tokenctl(daemon, ["ping"]).status == 69)
            }
        }

        @Test("ends with the exit status of what went wrong")
        func exitStatuses() async throws {
            try await withSandbox { sandbox in
                let daemon = try RunningDaemon(sandbox)
                try daemon.start()
                let faults: [(String, ScriptedAnswer, Int32)] = [
                    ("dead", ScriptedAnswer(status: 400, body: #"{"error":"invalid_grant"}"#), 79),
                    ("flaky", ScriptedAnswer(status: 500), 75),
                    // It says that the whole client is refused: the last one.
                    ("misconfigured", ScriptedAnswer(status: 401, body: #"{"error":"invalid_client"}"#), 78),
                ]
                for (subject, answer, status) in faults {
                    sandbox.addFault(Fault(.respond(answer), subject: subject))
                    let grant = sandbox.createGrant(subject: subject)
                    _ = try tokenctl(daemon, ["add", "sandbox/\(subject)"], input: grant.refreshToken)
                    #expect(
                        try tokenctl(daemon, ["get", "sandbox/\(subject)"]).status == status, "\(subject)")
                }
                #expect(try tokenctl(daemon, ["get"]).status == 64)
                #expect(
                    try tokenctl(daemon, ["get", "sandbox"]).status == 65
                        || tokenctl(daemon, ["get", "sandbox"]).status == 64)
                #expect(try tokenctl(daemon, ["get", "sandbox/nobody"]).status == 67)
                #expect(try tokenctl(daemon, ["--socket", "/nonexistent/socket", "ping"]).status != 0)
                let listing = try tokenctl(daemon, ["status"]).output
                #expect(listing.contains("login-needed") && listing.contains("operator-needed"))
                #expect(daemon.stop() == 0)
            }
        }

        /// How long nobody may be woken; TOKEND_IDLE_SECONDS overrides it.
        private static let idleSeconds =
            ProcessInfo.processInfo.environment["TOKEND_IDLE_SECONDS"].flatMap { Int($0) } ?? 5

        @Test("T11: imports 100,000 accounts; then status answers, and the idle daemon does not tick")
        func importMany() async throws {
            try await withSandbox { sandbox in
                let daemon = try RunningDaemon(sandbox)
                try daemon.start()
                let expiry = Int(Date().timeIntervalSince1970) + 7 * 86_400
                let lines = (0..<100_000).map { number in
                    #"{"account":"sandbox/u\#(number)","refresh_token":"r\#(number)","access_token":"a\#(number)","expires_at":\#(expiry)}"#
                }
                let began = Date()
                let result = try tokenctl(
                    daemon, ["import", "-"], input: lines.joined(separator: "\n") + "\n")
                let took = Date().timeIntervalSince(began)
                #expect(result.status == 0)
                #expect(result.output.split(separator: "\n").count == 100_000)
                let asked = Date()
                let status = try tokenctl(daemon, ["status", "--json"])
                #expect(status.output.contains("\"ok\":100000"))
                let statusTook = Date().timeIntervalSince(asked)
                // Nothing is due for days. Threads that had work leave after 5 s; then nobody may wake.
                try eventually("the daemon is at rest") { try daemon.wakeUps(within: 1) == 0 }
                let seconds = Self.idleSeconds
                let wakeUps = try daemon.wakeUps(within: seconds)
                #expect(wakeUps <= 1, "\(wakeUps) wake-ups in \(seconds) idle seconds")
                print(
                    "import: 100,000 accounts in \(took) s, status in \(statusTook) s, \(wakeUps) wake-ups in \(seconds) s idle"
                )
                Evidence.record(
                    "T11", injected: "100,000 accounts and nothing due, \(seconds) s", times: 1,
                    held: "at most one wake-up of all threads together")
                #expect(daemon.stop() == 0)
                let restart = Date()
                try daemon.start()
                print("restart with 100,000 accounts: \(Date().timeIntervalSince(restart)) s")
                #expect(try daemon.connect().ask("GET sandbox/u99999") == "OK \(expiry) Bearer a99999")
                #expect(daemon.stop() == 0)
                #expect(sandbox.statistics.total.tokenRequests == 0, "nothing valid is refreshed early")
            }
        }

        @Test("import goes on after a bad line, names it, and then exits 65")
        func importBadLine() async throws {
            try await withSandbox { sandbox in
                let daemon = try RunningDaemon(sandbox)
                try daemon.start()
                let lines = """
                    {"account":"sandbox/a","refresh_token":"r"}
                    {"account":"sandbox/b","refresh_token":7}
                    not json
                    {"account":"nowhere/c","refresh_token":"r"}
                    {"account":"sandbox/d","refresh_token":"r"}

                    """
                let result = try tokenctl(daemon, ["import", "-"], input: lines)
                #expect(result.status == 65)
                let list = try tokenctl(daemon, ["list"]).output
                #expect(
                    list.contains("sandbox/a") && list.contains("sandbox/d") && !list.contains("sandbox/b"))
                #expect(daemon.stop() == 0)
            }
        }

        @Test("D2: ends by its own deadline when the daemon accepts and never answers")
        func muteDaemon() throws {
            let directory = NSTemporaryDirectory() + "mute-" + UUID().uuidString.prefix(8)
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: false)
            defer { try? FileManager.default.removeItem(atPath: directory) }
            let listener = try bindSocket(directory + "/s", SOCK_STREAM)
            defer { close(listener) }
            // The kernel completes the connection; nobody ever takes it.
            #expect(listen(listener, 1) == 0)
            let began = Date()
            let result = try Programs.run(
                "tokenctl", ["ping", "--timeout", "1s"], environment: ["TOKEND_SOCKET": directory + "/s"])
            #expect(result.status == 75)
            #expect(Date().timeIntervalSince(began) >= 1)
        }
    }
}

extension RunningDaemon {
    /// How often each thread of the daemon was woken from a sleep so far.
    func wakeUps() throws -> [String: Int] {
        var counts: [String: Int] = [:]
        for thread in try FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/task") {
            // A thread may end between the listing and this.
            guard
                let status = try? String(
                    contentsOfFile: "/proc/\(pid)/task/\(thread)/status", encoding: .utf8),
                let match = status.firstMatch(of: /\nvoluntary_ctxt_switches:\s+(\d+)/)
            else { continue }
            counts[thread] = Int(match.1)
        }
        return counts
    }

    /// Wake-ups of all threads while so many seconds pass.
    func wakeUps(within seconds: Int) throws -> Int {
        let earlier = try wakeUps()
        poll(nil, 0, Int32(seconds * 1000))
        return try wakeUps().reduce(0) { $0 + $1.value - (earlier[$1.key] ?? 0) }
    }
}
