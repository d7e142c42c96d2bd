// Decides nothing; shows what RFC 6749's dialect answers, and what is counted.

import Testing

@testable import SandboxProvider

@Suite struct PlainDialectTests {
    @Test("An answer is RFC 6749 §5.1's, with the lifetime rounded down and never stored")
    func answer() throws {
        var provider = Provider { $0.accessTokenLifetime = 5.75 }
        let outcome = try provider.process(
            form("\(credentials)&grant_type=refresh_token&refresh_token=\(provider.alice().refreshToken)"))
        let tokens = try #require(outcome.tokens)
        #expect(
            try object(outcome.answer) == [
                "access_token": .string(tokens.accessToken), "refresh_token": .string(tokens.refreshToken),
                "expires_in": .integer(5), "token_type": .string("Bearer"), "scope": .string("read"),
            ])
        #expect(outcome.answer.headers["Cache-Control"] == "no-store")
    }

    @Test("A replay within the grace time tells what is left of the lifetime and counts no reuse")
    func replay() throws {
        var provider = Provider { $0.reuseGrace = 30 }
        let token = provider.alice().refreshToken
        let request = form("\(credentials)&grant_type=refresh_token&refresh_token=\(token)")
        let first = try provider.process(request)
        let second = try provider.process(request, now: epoch + 20)
        #expect(second.tokens == first.tokens)
        #expect(try object(second.answer)["expires_in"] == .integer(40))
        #expect(provider.statistics["alice"].refreshes == 1)
        #expect(provider.statistics["alice"].replays == 1)
        #expect(provider.statistics["alice"].reuses == 0)
    }

    @Test("A used token is invalid_grant, counted and told")
    func reuse() throws {
        var provider = Provider()
        let token = provider.alice().refreshToken
        let request = form("\(credentials)&grant_type=refresh_token&refresh_token=\(token)")
        #expect(try provider.process(request).events == [.refreshed(subject: "alice", expiresAt: epoch + 60)])
        let outcome = try provider.process(request, now: epoch + 1)
        #expect(outcome.answer.status == 400)
        #expect(try object(outcome.answer)["error"] == .string("invalid_grant"))
        #expect(outcome.events == [.reused(subject: "alice"), .refused(subject: "alice", .reused)])
        #expect(provider.statistics["alice"].reuses == 1)
        #expect(provider.statistics["alice"].failures == ["reused": 1])
        #expect(provider.statistics["alice"].lastRefreshAt == epoch)
    }

    @Test(
        "A server that does not repeat the refresh token leaves it out of refreshes only",
        arguments: [AuthorizationServer.Rotation.never, .neverAndOmitted])
    func omitted(rotation: AuthorizationServer.Rotation) throws {
        var provider = Provider { $0.rotation = rotation }
        let token = provider.alice().refreshToken
        let request = form("\(credentials)&grant_type=refresh_token&refresh_token=\(token)")
        let member = try object(try provider.process(request).answer)["refresh_token"]
        #expect(member == (rotation == .never ? .string(token) : nil))
        let seamlessAnswer = try provider.process(try seamless(["refresh_token": token])).answer
        #expect(try object(seamlessAnswer)["refresh_token"] == member)
    }

    @Test(
        "Errors are RFC 6749 §5.2's",
        arguments: [
            ("\(credentials)&grant_type=refresh_token&refresh_token=x", 400, "invalid_grant"),
            ("\(credentials)&grant_type=refresh_token", 400, "invalid_request"),
            ("\(credentials)&grant_type=refresh_token&refresh_token=", 400, "invalid_request"),
            ("\(credentials)&refresh_token=x", 400, "invalid_request"),
            ("\(credentials)&grant_type=password", 400, "unsupported_grant_type"),
            (
                "\(credentials)&grant_type=refresh_token&refresh_token=x&refresh_token=y", 400,
                "invalid_request"
            ),
            ("grant_type=refresh_token&refresh_token=x", 401, "invalid_client"),
            ("client_id=a&client_secret=b&grant_type=refresh_token&refresh_token=x", 401, "invalid_client"),
            ("a=%zz", 400, "invalid_request"),
        ])
    func errors(body: String, status: Int, error: String) throws {
        var provider = Provider()
        let answer = try provider.process(form(body)).answer
        #expect(answer.status == status)
        #expect(try object(answer)["error"] == .string(error))
        #expect(answer.headers["WWW-Authenticate"] == nil)
        #expect(answer.headers["Cache-Control"] == "no-store")
    }

    @Test("A JSON body is invalid_request here")
    func contentType() throws {
        var provider = Provider()
        var request = form("\(credentials)&grant_type=refresh_token&refresh_token=x")
        request.contentType = "application/json"
        #expect(try object(try provider.process(request).answer)["error"] == .string("invalid_request"))
    }

    @Test("Basic authentication works, excludes a secret in the body, and its failure names the scheme")
    func basic() throws {
        var provider = Provider()
        let body = "grant_type=refresh_token&refresh_token=\(provider.alice().refreshToken)"
        // sandbox-client:wrong
        let wrong = try provider.process(
            form(body, authorization: "Basic c2FuZGJveC1jbGllbnQ6d3Jvbmc=")
        ).answer
        #expect(wrong.status == 401)
        #expect(wrong.headers["WWW-Authenticate"] == "Basic realm=\"sandbox\"")
        // sandbox-client:sandbox-secret
        let right = "Basic c2FuZGJveC1jbGllbnQ6c2FuZGJveC1zZWNyZXQ="
        let both = try provider.process(form("\(body)&client_secret=sandbox-secret", authorization: right))
        #expect(try object(both.answer)["error"] == .string("invalid_request"))
        #expect(try provider.process(form(body, authorization: right)).answer.status == 200)
    }

    @Test("The limit answers 429 with Retry-After")
    func rateLimit() throws {
        var provider = Provider(requestsPerMinute: 1)
        let request = form("\(credentials)&grant_type=refresh_token&refresh_token=x")
        _ = try provider.process(request)
        let answer = try provider.process(request, now: epoch + 10).answer
        #expect(answer.status == 429)
        #expect(answer.headers["Retry-After"] == "51")
    }

    @Test("Revocation answers 200 for any token of the client or of nobody (RFC 7009 §2.2)")
    func revocation() throws {
        var provider = Provider()
        let tokens = provider.alice()
        let unknown = try provider.process(form("\(credentials)&token=x", path: "/revoke"))
        #expect(unknown.answer.status == 200 && unknown.events.isEmpty)
        let known = try provider.process(
            form("\(credentials)&token=\(tokens.refreshToken)", path: "/revoke"))
        #expect(known.answer.status == 200)
        #expect(known.events == [.revoked(subject: "alice")])
        #expect(try provider.process(form("token=x", path: "/revoke")).answer.status == 401)
        let refresh = form("\(credentials)&grant_type=refresh_token&refresh_token=\(tokens.refreshToken)")
        #expect(try object(try provider.process(refresh).answer)["error"] == .string("invalid_grant"))
        #expect(provider.statistics["alice"].failures == ["revoked": 1])
    }

    @Test("The user info wants a valid Bearer token and says what is wrong with another (RFC 6750 §3)")
    func userinfo() throws {
        var provider = Provider()
        var request = WireRequest(method: "GET", path: "/userinfo")
        let without = try provider.process(request).answer
        #expect(without.status == 401 && without.headers["WWW-Authenticate"] == "Bearer realm=\"sandbox\"")
        request.authorization = "Bearer x"
        let wrong = try provider.process(request).answer
        #expect(wrong.headers["WWW-Authenticate"]?.contains("error=\"invalid_token\"") == true)
        request.authorization = "bearer \(provider.alice().accessToken)"
        #expect(try object(try provider.process(request).answer) == ["sub": .string("alice")])
    }
}
