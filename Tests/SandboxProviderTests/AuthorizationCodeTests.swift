// Decides nothing; shows the rules of authorization codes, in virtual time.

import Testing

@testable import SandboxProvider

private let client = RegisteredClient.standard
private let other = RegisteredClient(id: "other", secret: "x", redirectURIs: ["https://other.example/cb"])
private let start = 1_800_000_000.25

private func server() -> AuthorizationServer {
    AuthorizationServer(
        clients: [client, other], policy: AuthorizationServer.Policy(), key: Array(0..<32))
}

@Suite struct AuthorizationCodeTests {
    /// RFC 7636 Appendix B.
    private static let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    private static let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    private static let uri = client.redirectURIs[0]

    private func request(challenge: String? = nil) -> AuthorizationRequest {
        AuthorizationRequest(
            clientID: client.id, redirectURI: Self.uri, scope: "read", codeChallenge: challenge,
            subject: "alice")
    }

    @Test("A code works once; its second use revokes what the first yielded")
    func singleUse() throws {
        var server = server()
        let code = server.authorize(request(), now: start)
        let tokens = try server.redeem(
            code: code, redirectURI: Self.uri, verifier: nil, clientID: client.id, now: start + 1)
        #expect(tokens.subject == "alice" && tokens.scope == "read")
        #expect(throws: Refusal.reused) {
            try server.redeem(
                code: code, redirectURI: Self.uri, verifier: nil, clientID: client.id, now: start + 2)
        }
        #expect(server.check(accessToken: tokens.accessToken, now: start + 2) == .revoked(subject: "alice"))
    }

    @Test("A code lapses after its lifetime", arguments: [(59.9, true), (60.0, false)])
    func lapse(seconds: Double, isGood: Bool) {
        var server = server()
        let code = server.authorize(request(), now: start)
        let result = Result {
            try server.redeem(
                code: code, redirectURI: Self.uri, verifier: nil, clientID: client.id, now: start + seconds)
        }
        if isGood {
            #expect(throws: Never.self) { try result.get() }
        } else {
            #expect(throws: Refusal.lapsed) { try result.get() }
        }
    }

    @Test(
        "The verifier must fit the challenge, be there if there is one, and be absent if there is none",
        arguments: [
            (Self.challenge, Self.verifier, true), (Self.challenge, nil, false),
            (Self.challenge, "wrong", false), (nil, Self.verifier, false), (nil, nil, true),
        ] as [(String?, String?, Bool)])
    func proofKey(challenge: String?, verifier: String?, fits: Bool) {
        var server = server()
        let code = server.authorize(request(challenge: challenge), now: start)
        let result = Result {
            try server.redeem(
                code: code, redirectURI: Self.uri, verifier: verifier, clientID: client.id, now: start)
        }
        if fits {
            #expect(throws: Never.self) { try result.get() }
        } else {
            #expect(throws: Refusal.verifierMismatch) { try result.get() }
        }
    }

    @Test("A code belongs to its client and its redirect URI")
    func binding() {
        var server = server()
        let code = server.authorize(request(), now: start)
        #expect(throws: Refusal.foreignGrant) {
            try server.redeem(
                code: code, redirectURI: Self.uri, verifier: nil, clientID: other.id, now: start)
        }
        for uri in [nil, "http://127.0.0.1:8090/other"] {
            #expect(throws: Refusal.redirectURIMismatch) {
                try server.redeem(
                    code: code, redirectURI: uri, verifier: nil, clientID: client.id, now: start)
            }
        }
    }

    @Test(
        "A registered redirect URI of loopback without a port stands for every port, and no other for another URI",
        arguments: [
            ("http://127.0.0.1/cb", "http://127.0.0.1:4711/cb", true),
            ("http://[::1]", "http://[::1]:1", true),
            ("http://localhost?a=b", "http://localhost:65535?a=b", true),
            ("http://127.0.0.1/cb", "http://127.0.0.1/cb", true),
            ("http://127.0.0.1/cb", "http://127.0.0.1:4711/other", false),
            ("http://127.0.0.1/cb", "http://localhost:4711/cb", false),
            ("http://127.0.0.1/cb", "http://127.0.0.1:/cb", false),
            ("http://127.0.0.1/cb", "http://127.0.0.1:65536/cb", false),
            ("http://127.0.0.1/cb", "http://127.0.0.1:1@evil.example/cb", false),
            ("http://127.0.0.1:8090/cb", "http://127.0.0.1:4711/cb", false),
            ("http://127.0.0.1:8090/cb", "http://127.0.0.1/cb", false),
            ("https://app.example/cb", "https://app.example:4711/cb", false),
        ])
    func loopbackPorts(_ registered: String, _ uri: String, _ isAccepted: Bool) {
        let client = RegisteredClient(id: "c", secret: "s", redirectURIs: [registered])
        #expect(client.accepts(redirectURI: uri) == isAccepted)
    }

    @Test(
        "An unknown client or redirect URI is told to the user and never redirected to",
        arguments: [
            "client_id=nobody&redirect_uri=http%3A%2F%2F127.0.0.1%3A8090%2Fcallback&response_type=code",
            "client_id=sandbox-client&redirect_uri=https%3A%2F%2Fevil.example%2F&response_type=code",
            "client_id=sandbox-client&response_type=code", "client_id=a&client_id=b", "client_id=%zz",
        ])
    func noOpenRedirect(query: String) {
        var server = server()
        let answer = server.authorizationAnswer(query, now: start)
        #expect(answer.status == 400)
        #expect(answer.headers["Location"] == nil)
    }

    @Test(
        "Other mistakes are told to the client",
        arguments: [
            ("response_type=token", "error=unsupported_response_type&state=s%26t"),
            (
                "response_type=code&code_challenge=abc",
                "error=invalid_request&error_description=code_challenge_method%20must%20be%20S256&state=s%26t"
            ),
        ])
    func redirectedErrors(parameters: String, expected: String) {
        var server = server()
        let answer = server.authorizationAnswer(
            "client_id=sandbox-client&redirect_uri=\(FormFields.encoded(Self.uri))&state=s%26t&\(parameters)",
            now: start)
        #expect(answer.status == 302)
        #expect(answer.headers["Location"] == "\(Self.uri)?\(expected)")
    }
}
