import Testing
import Vocabulary

@testable import OAuth

@Suite("A token that a login brings and that has to be exchanged at once")
struct FirstExchangeTests {
    private static let code =
        "redirect_uri=https%3A%2F%2Fapp.example%2Fcb&grant_type=authorization_code&code=c%2F1"
    private static let graph =
        "GET https://graph.facebook.com/v23.0/oauth/access_token?client_id=client-1&client_secret=hush"

    static let rows: [RequestRow] = [
        RequestRow(
            "the code", .code(), of: .instagram,
            is: "POST https://api.instagram.com/oauth/access_token client_id=client-1&client_secret=hush&"
                + code),
        RequestRow(
            "the short-lived token", .renewal(isFirst: true), of: .instagram,
            is: "GET https://graph.instagram.com/access_token?client_secret=hush&grant_type=ig_exchange_token"
                + "&access_token=r%2F1%20"),
        RequestRow(
            "the long-lived token, without the client", .renewal(), of: .instagram,
            is: "GET https://graph.instagram.com/refresh_access_token?grant_type=ig_refresh_token"
                + "&access_token=r%2F1%20"),
        RequestRow("the code", .code(), of: .facebook, is: graph + "&" + code),
        RequestRow(
            "the short-lived token", .renewal(isFirst: true), of: .facebook,
            is: graph + "&grant_type=fb_exchange_token&fb_exchange_token=r%2F1%20"),
        RequestRow(
            "the long-lived token", .renewal(), of: .facebook,
            is: graph + "&grant_type=fb_exchange_token&fb_exchange_token=r%2F1%20"),
        RequestRow(
            "is exchanged as always where the provider has no first exchange", .renewal(isFirst: true),
            { $0.kind = .exchangeAccessToken },
            is: RequestKindTests.token + "&grant_type=exchange_access_token&access_token=r%2F1+"),
        RequestRow(
            "is a refresh token like others where refresh tokens are presented", .renewal(isFirst: true),
            { $0.firstExchangeEndpoint = "https://as.example/first" },
            is: RequestKindTests.token + "&grant_type=refresh_token&refresh_token=r%2F1+"),
    ]

    @Test("goes where the provider wants it, in its form", arguments: rows)
    func builds(_ row: RequestRow) throws {
        #expect(try row.request().line == row.line)
    }

    /// Both forms that Instagram's answer to a code has in its documentation, and Facebook's without a life.
    static let answers: [(Preset, String, String?)] = [
        (.instagram, #"{"access_token":"a1","user_id":17841405793187218,"permissions":"p,q"}"#, "p,q"),
        (.instagram, #"{"data":[{"access_token":"a1","user_id":"1","permissions":["p","q"]}]}"#, "p q"),
        (.facebook, #"{"access_token":"a1","token_type":"bearer"}"#, nil),
    ]

    @Test("is taken to live an hour where nobody says, whatever later ones live", arguments: answers)
    func life(_ preset: Preset, _ body: String, _ scope: String?) throws {
        let provider = Provider(
            name: Provider.plain.name, preset: preset, tokenEndpoint: nil, clientID: "c", clientSecret: nil)
        func read(_ body: String) -> LoginAnswer {
            LoginAnswer.read(
                status: 200, headers: { _ in nil }, body: Array(body.utf8), provider: provider,
                sentAt: AnswerRow.sentAt, receivedAt: AnswerRow.receivedAt)
        }
        guard case .granted(let fresh, _) = read(body) else {
            Issue.record("no token")
            return
        }
        #expect(fresh.accessToken.exposed == "a1" && fresh.scope == scope)
        #expect(fresh.lifetime == .seconds(3600) && !fresh.lifetimeIsKnown)
        guard case .granted(let stated, _) = read(#"{"access_token":"a1","expires_in":5400}"#) else {
            Issue.record("no token")
            return
        }
        #expect(stated.lifetime == .seconds(5400))
    }

    @Test("is sealed for where it goes, beside where later ones go")
    func seal() {
        let provider = Provider.with {
            $0.kind = .exchangeAccessToken
            $0.firstExchangeEndpoint = "https://as.example/first"
        }
        #expect(provider.sealedFor == "https://as.example/token https://as.example/first")
        var same = provider
        same.firstExchangeEndpoint = same.tokenEndpoint
        #expect(same.sealedFor == "https://as.example/token")
        var none = provider
        none.kind = .refreshToken
        #expect(none.sealedFor == "https://as.example/token")
    }
}
