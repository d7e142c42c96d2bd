// Decides nothing; shows the sandbox over real loopback connections: both dialects, ports and events.

import Synchronization
import Testing

@testable import SandboxProvider

@Suite(.timeLimit(.minutes(1))) struct SandboxTests {
    @Test("Seamless's flow works end to end: authorize, exchange, refresh, call")
    func seamless() async throws {
        try await withSandbox { sandbox, client in
            let callback = "http%3A%2F%2F127.0.0.1%3A8090%2Fcallback"
            let approval = await client.send(
                "GET",
                "/oauth/authorize?client_id=sandbox-client&redirect_uri=\(callback)&response_type=code"
                    + "&state=xyz&login_hint=alice")
            #expect(approval.status == 302)
            let location = try #require(approval.header("location"))
            #expect(location.hasPrefix("http://127.0.0.1:8090/callback?code="))
            #expect(location.hasSuffix("&state=xyz"))
            let code = location.split(separator: "code=")[1].prefix { $0 != "&" }

            func post(_ grant: String) async -> RawReply {
                await client.send(
                    "POST", "/api/client/v1/oauth/accessToken",
                    headers: ["Content-Type": "application/json; charset=utf-8"],
                    body: #"{"client_id":"sandbox-client","client_secret":"sandbox-secret","#
                        + #""redirect_uri":"http://127.0.0.1:8090/callback",\#(grant)}"#)
            }
            let first = await post(#""grant_type":"authorization_code","code":"\#(code)""#)
            #expect(first.status == 200)
            let refreshToken = try #require(member("refresh_token", of: first.body))
            let second = await post(#""grant_type":"refresh_token","refresh_token":"\#(refreshToken)""#)
            #expect(second.status == 200)
            let accessToken = try #require(member("access_token", of: second.body))
            let contacts = await client.send(
                "POST", "/api/client/v1/search/contacts", headers: ["Authorization": "Bearer \(accessToken)"])
            #expect(contacts.status == 200)
            #expect(contacts.isComplete)
            let counters = sandbox.counters(of: "alice")
            #expect(counters.redemptions == 1 && counters.refreshes == 1 && counters.accessesGranted == 1)
            #expect(counters.maximumInFlight == 1 && counters.inFlight == 0)
        }
    }

    @Test("A plain refresh works, and its Date header follows the provider's own clock")
    func plain() async throws {
        var options = Sandbox.Options()
        options.clockOffset = -1_000_000_000
        try await withSandbox(options) { sandbox, client in
            let grant = sandbox.createGrant(subject: "alice", lifetime: 5)
            let reply = await client.refresh(grant.refreshToken)
            #expect(reply.status == 200)
            #expect(reply.isComplete)
            let expected = httpDate(grant.expiresAt - 5).prefix(16)
            #expect(reply.header("date")?.hasPrefix(expected) == true)
            let user = await client.send(
                "GET", "/userinfo",
                headers: ["Authorization": "Bearer \(member("access_token", of: reply.body) ?? "")"])
            #expect(user.body == #"{"sub":"alice"}"#)
        }
    }

    @Test("Unknown paths are 404 and bodies beyond the cap 413")
    func limits() async throws {
        try await withSandbox { _, client in
            #expect(await client.send("GET", "/nowhere").status == 404)
            let big = String(repeating: "x", count: (1 << 20) + 1)
            #expect(await client.send("POST", "/token", body: big).status == 413)
        }
    }

    @Test("One connection carries many requests")
    func keepAlive() async throws {
        try await withSandbox { _, client in
            let pipelined = await client.send(
                "GET", "/userinfo HTTP/1.1\r\nHost: a\r\n\r\nGET /userinfo")
            #expect(
                pipelined.bytes.split(separator: UInt8(ascii: "\n")).count {
                    $0.starts(with: "HTTP/1.1 401".utf8)
                } == 2)
        }
    }

    @Test("A second sandbox on the same port is refused, and after a stop the port is free")
    func port() async throws {
        let first = try await Sandbox.start()
        var options = Sandbox.Options()
        options.port = first.port
        await #expect(throws: (any Error).self) { try await Sandbox.start(options) }
        await first.stop()
        let second = try await Sandbox.start(options)
        #expect(second.port == first.port)
        await second.stop()
    }

    @Test("Events tell what happened, in order")
    func events() async throws {
        try await withSandbox { sandbox, client in
            let events = Mutex<[Event]>([])
            sandbox.onEvent { event in events.withLock { $0.append(event) } }
            let grant = sandbox.createGrant(subject: "alice")
            sandbox.addFault(Fault(.rotateAndLose, count: 1))
            _ = await client.refresh(grant.refreshToken)
            _ = await client.refresh(grant.refreshToken)
            sandbox.revokeAll(subject: "alice")
            let seen = events.withLock { $0 }
            try #require(seen.count == 6)
            #expect(seen[0] == .granted(subject: "alice", expiresAt: grant.expiresAt))
            #expect(seen[1] == .faulted(subject: "alice", endpoint: .token, .rotateAndLose))
            if case .refreshed(subject: "alice", _) = seen[2] {
            } else {
                Issue.record("no refresh: \(seen[2])")
            }
            #expect(
                seen[3...] == [
                    .reused(subject: "alice"), .refused(subject: "alice", .reused),
                    .revoked(subject: "alice"),
                ])
        }
    }
}
