// Decides nothing; shows what Seamless's dialect answers, and what is counted.

import Testing

@testable import SandboxProvider

@Suite struct SeamlessDialectTests {
    @Test("An answer has three members, the expiry in whole seconds rounded down")
    func answer() throws {
        var provider = Provider()
        let request = try seamless(["refresh_token": provider.alice().refreshToken])
        let outcome = try provider.process(request)
        let tokens = try #require(outcome.tokens)
        #expect(outcome.answer.status == 200)
        #expect(
            try object(outcome.answer) == [
                "access_token": .string(tokens.accessToken), "refresh_token": .string(tokens.refreshToken),
                "expires_at": .integer(1_800_000_060),
            ])
        #expect(outcome.answer.headers == ["Content-Type": "application/json"])
    }

    @Test(
        "What is missing, empty or of a wrong kind is 422",
        arguments: ["client_id", "client_secret", "redirect_uri", "grant_type", "refresh_token"])
    func missing(member: String) throws {
        var provider = Provider()
        for value in [nil, ""] {
            var members: [String: String?] = ["refresh_token": provider.alice().refreshToken]
            members[member] = .some(value)
            let answer = try provider.process(try seamless(members)).answer
            #expect(answer.status == 422)
            let body = try object(answer)
            #expect(Set(body.keys) == ["msg", "code", "data"])
            #expect(body["msg"] == .string("\(member) is required"))
        }
        #expect(provider.statistics.total.failures == ["malformed": 2])
    }

    @Test("A form body, another redirect URI and another grant type are 422 and rotate nothing")
    func unprocessable() throws {
        var provider = Provider()
        let token = provider.alice().refreshToken
        for request in [
            try seamless(["refresh_token": token], contentType: "application/x-www-form-urlencoded"),
            try seamless(["refresh_token": token, "redirect_uri": "https://elsewhere.example/"]),
            try seamless(["refresh_token": token, "grant_type": "password"]),
        ] {
            #expect(try provider.process(request).answer.status == 422)
        }
        #expect(try provider.process(try seamless(["refresh_token": token])).answer.status == 200)
    }

    @Test("A bad client and a dead token are 401 with a message alone")
    func unauthorized() throws {
        var provider = Provider()
        let token = provider.alice().refreshToken
        for members in [["refresh_token": token, "client_secret": "x"], ["refresh_token": "dead"]] {
            let answer = try provider.process(try seamless(members)).answer
            #expect(answer.status == 401)
            #expect(Set(try object(answer).keys) == ["message"])
        }
        #expect(provider.statistics.total.failures(.invalidClient) == 1)
        #expect(provider.statistics.total.failures(.unknownGrant) == 1)
    }

    @Test("The limit answers 429 with a reset in epoch seconds and no Retry-After, until the minute is over")
    func rateLimit() throws {
        var provider = Provider(requestsPerMinute: 2)
        var token = provider.alice().refreshToken
        for remaining in ["1", "0"] {
            let outcome = try provider.process(try seamless(["refresh_token": token]))
            token = try #require(outcome.tokens).refreshToken
            #expect(outcome.answer.headers["X-RateLimit-Remaining"] == remaining)
        }
        let refused = try provider.process(try seamless(["refresh_token": token]), now: epoch + 59.9).answer
        #expect(refused.status == 429)
        #expect(refused.headers["X-RateLimit-Limit"] == "2")
        #expect(refused.headers["X-RateLimit-Reset"] == "1800000061")
        #expect(refused.headers["Retry-After"] == nil)
        #expect(try object(refused)["code"] == .string("rateLimitExceeded"))
        #expect(
            try provider.process(try seamless(["refresh_token": token]), now: epoch + 60.5).answer.status
                == 200)
        #expect(provider.statistics["alice"].reuses == 0)
    }

    @Test("The contacts want a valid Bearer token", arguments: ["GET", "POST"])
    func contacts(method: String) throws {
        var provider = Provider()
        let token = provider.alice().accessToken
        var request = WireRequest(method: method, path: "/api/client/v1/search/contacts")
        #expect(try provider.process(request).answer.status == 401)
        request.authorization = "Token \(token)"
        #expect(try provider.process(request).answer.status == 401)
        request.authorization = "Bearer \(token)"
        let answer = try provider.process(request).answer
        #expect(answer.status == 200)
        #expect(try object(answer) == ["data": .list])
        #expect(try provider.process(request, now: epoch + 61.5).answer.status == 401)
        #expect(provider.statistics["alice"].accessesGranted == 1)
        #expect(provider.statistics["alice"].accessesRefused == 1)
        #expect(provider.statistics["alice"].longestLapse == 1.5)
        #expect(provider.statistics.total.accessesRefused == 3)
    }
}
