// Decides nothing; shows what a login meets beside the codes: metadata, issuers, ID tokens, refusals, and the grants
// without a user.

import FoundationEssentials
import Testing

@testable import SandboxProvider

private let query =
    "response_type=code&client_id=sandbox-client&redirect_uri=http%3A%2F%2F127.0.0.1%3A8090%2Fcallback&state=s"

@Suite struct LoginTests {
    private func location(
        _ provider: inout Provider, _ path: String, _ more: String
    ) throws -> FormFields {
        let request = WireRequest(method: "GET", path: path, query: query + more)
        let location = try #require(try provider.process(request).answer.headers["Location"])
        #expect(location.hasPrefix("http://127.0.0.1:8090/callback?"))
        return try FormFields(location.drop { $0 != "?" }.dropFirst())
    }

    @Test(
        "The metadata names every endpoint below the base URL, at both places",
        arguments: ["oauth-authorization-server", "openid-configuration"])
    func metadata(name: String) throws {
        var provider = Provider()
        provider.server.baseURL = "http://127.0.0.1:5"
        let request = WireRequest(method: "GET", path: "/.well-known/\(name)")
        let members = try object(try provider.process(request).answer)
        #expect(members["issuer"] == .string("http://127.0.0.1:5"))
        #expect(members["authorization_endpoint"] == .string("http://127.0.0.1:5/authorize"))
        #expect(members["token_endpoint"] == .string("http://127.0.0.1:5/token"))
        #expect(members["revocation_endpoint"] == .string("http://127.0.0.1:5/revoke"))
        #expect(
            members["device_authorization_endpoint"] == .string("http://127.0.0.1:5/device_authorization"))
        #expect(members["code_challenge_methods_supported"] == .list)
    }

    @Test("The authorization response names the issuer (RFC 9207), also a false one; Seamless names none")
    func issuer() throws {
        var honest = Provider()
        honest.server.baseURL = "http://127.0.0.1:5"
        #expect(try location(&honest, "/authorize", "")["iss"] == "http://127.0.0.1:5")
        #expect(try location(&honest, "/authorize", "&deny=1")["iss"] == "http://127.0.0.1:5")
        #expect(try location(&honest, "/oauth/authorize", "")["iss"] == nil)
        var liar = Provider { $0.issuer = "https://evil.example" }
        liar.server.baseURL = "http://127.0.0.1:5"
        #expect(try location(&liar, "/authorize", "")["iss"] == "https://evil.example")
        let request = WireRequest(method: "GET", path: "/.well-known/openid-configuration")
        #expect(
            try object(try liar.process(request).answer)["issuer"] == .string("https://evil.example"))
    }

    @Test(
        "The user who is named deny says no, in both dialects",
        arguments: ["/authorize", "/oauth/authorize"],
        ["&login_hint=deny", "&deny=1"])
    func denied(path: String, more: String) throws {
        var provider = Provider()
        let fields = try location(&provider, path, more)
        #expect(fields["error"] == "access_denied" && fields["state"] == "s" && fields["code"] == nil)
    }

    @Test("With openid an ID token comes with the code's nonce, and without it on a refresh")
    func idToken() throws {
        var provider = Provider()
        provider.server.baseURL = "http://127.0.0.1:5"
        let code = try #require(
            try location(&provider, "/authorize", "&scope=openid+read&nonce=n-1&login_hint=alice")["code"])
        let redeem = form(
            "\(credentials)&grant_type=authorization_code&code=\(code)&redirect_uri=http://127.0.0.1:8090/callback"
        )
        let outcome = try provider.process(redeem)
        guard case .string(let token)? = try object(outcome.answer)["id_token"] else {
            throw Rejection(.malformed)
        }
        let claims = try #require(AssertionClaims(token + "x"), "alg none has an empty third part")
        #expect(claims.issuer == "http://127.0.0.1:5" && claims.subject == "alice")
        #expect(claims.expiresAt == (epoch + 60).rounded(.down))
        let payload = try #require(Data(base64URL: token.split(separator: ".")[1]))
        #expect(String(decoding: payload, as: UTF8.self).contains(#""nonce":"n-1""#))
        let refresh = form(
            "\(credentials)&grant_type=refresh_token&refresh_token=\(try #require(outcome.tokens).refreshToken)"
        )
        guard case .string(let second)? = try object(try provider.process(refresh).answer)["id_token"] else {
            throw Rejection(.malformed)
        }
        let later = try #require(Data(base64URL: second.split(separator: ".")[1]))
        #expect(!String(decoding: later, as: UTF8.self).contains("nonce"))
        let plain = try object(try provider.process(try refreshOfAlice(&provider)).answer)
        #expect(plain["id_token"] == nil, "nobody asked for openid")
    }

    private func refreshOfAlice(_ provider: inout Provider) throws -> WireRequest {
        form("\(credentials)&grant_type=refresh_token&refresh_token=\(provider.alice().refreshToken)")
    }

    @Test("Client credentials yield an access token alone (RFC 6749 §4.4.3)")
    func clientCredentials() throws {
        var provider = Provider()
        let outcome = try provider.process(form("\(credentials)&grant_type=client_credentials&scope=read"))
        #expect(outcome.answer.status == 200 && outcome.tokens?.subject == "sandbox-client")
        let members = try object(outcome.answer)
        #expect(members["refresh_token"] == nil && members["scope"] == .string("read"))
        let token = try #require(outcome.tokens).accessToken
        #expect(
            provider.server.check(accessToken: token, now: epoch)
                == .valid(subject: "sandbox-client", scope: "read"))
        let refused = try provider.process(
            form("client_id=sandbox-client&client_secret=x&grant_type=client_credentials"))
        #expect(refused.answer.status == 401)
    }

    private func assertion(_ payload: String) -> String {
        [#"{"alg":"RS256"}"#, payload, "signature"].map { base64URL($0.utf8) }.joined(separator: ".")
    }

    @Test("An assertion of a registered client speaks for its subject, without a secret (RFC 7523)")
    func assertion() throws {
        var provider = Provider()
        let good = assertion(#"{"iss":"sandbox-client","sub":"bob","scope":"read","exp":1800000060}"#)
        let body = "grant_type=\(assertionGrantType)&assertion="
        let outcome = try provider.process(form(body + good))
        #expect(outcome.answer.status == 200 && outcome.tokens?.subject == "bob")
        #expect(outcome.tokens?.scope == "read")
        #expect(try object(outcome.answer)["refresh_token"] == nil)
        #expect(try provider.process(form("\(credentials)&\(body)\(good)")).answer.status == 200)
        let lapsed = try provider.process(form(body + good), now: epoch + 60).answer
        #expect(try object(lapsed)["error"] == .string("invalid_grant"))
        let own = try provider.process(form(body + assertion(#"{"iss":"sandbox-client"}"#)))
        #expect(own.tokens?.subject == "sandbox-client")
        for (bad, error) in [
            (assertion(#"{"iss":"nobody"}"#), "invalid_client"), (assertion("{}"), "invalid_grant"),
            ("a.b", "invalid_grant"), ("..", "invalid_grant"),
        ] {
            let answer = try provider.process(form(body + bad)).answer
            #expect(try object(answer)["error"] == .string(error), "\(bad)")
        }
    }

    @Test("A token of Seamless's dialect is revoked in either", arguments: [true, false])
    func revocation(inOwnDialect: Bool) throws {
        var provider = Provider()
        let token = provider.alice().refreshToken
        let answer = try provider.process(try seamless(["refresh_token": token]))
        let next = try #require(answer.tokens).refreshToken
        var request = form("\(credentials)&token=\(next)", path: "/revoke")
        if inOwnDialect {
            request = try seamless(["token": next])
            request.path = "/api/client/v1/oauth/revoke"
        }
        #expect(try provider.process(request).events == [.revoked(subject: "alice")])
        #expect(try provider.process(try seamless(["refresh_token": next])).answer.status == 401)
    }
}
