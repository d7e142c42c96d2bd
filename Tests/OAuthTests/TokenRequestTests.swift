import Testing
import Vocabulary

@testable import OAuth

@Suite("A refresh request")
struct TokenRequestTests {
    private let token = Secret("r/1+%& =")

    private func header(_ name: String, of request: TokenRequest) -> String? {
        request.headers.first { $0.0 == name }?.1
    }

    private func text(_ request: TokenRequest) -> String { String(decoding: request.body, as: UTF8.self) }

    @Test("is RFC 6749 §6's form with the credentials in the body")
    func form() throws {
        let request = try TokenRequest.renewal(.plain, refreshToken: token, .test)
        #expect(request.url == "https://as.example/token")
        #expect(
            text(request)
                == "client_id=client-1&client_secret=hush&grant_type=refresh_token&refresh_token=r%2F1%2B%25%26+%3D"
        )
        #expect(
            request.headers.map { "\($0.0): \($0.1)" } == [
                "Accept: application/json", "User-Agent: tokend/\(tokendVersion)",
                "Content-Type: application/x-www-form-urlencoded",
            ])
    }

    @Test("carries Basic credentials form-encoded first, and then none in the body")
    func basic() throws {
        var provider = Provider.plain
        provider.authMethod = .clientSecretBasic
        provider.clientID = "client:1"
        provider.clientSecret = Secret("s3cr3t/+%& =")
        let request = try TokenRequest.renewal(provider, refreshToken: Secret("r1"), .test)
        // client%3A1:s3cr3t%2F%2B%25%26+%3D
        #expect(
            header("Authorization", of: request) == "Basic Y2xpZW50JTNBMTpzM2NyM3QlMkYlMkIlMjUlMjYlMjAlM0Q=")
        #expect(text(request) == "grant_type=refresh_token&refresh_token=r1")
    }

    @Test("of a public client names it and has no secret")
    func publicClient() throws {
        var provider = Provider.plain
        provider.authMethod = .none
        let request = try TokenRequest.renewal(provider, refreshToken: Secret("r1"), .test)
        #expect(text(request) == "client_id=client-1&grant_type=refresh_token&refresh_token=r1")
        #expect(header("Authorization", of: request) == nil)
    }

    @Test("to Seamless is JSON with the redirect URI")
    func seamless() throws {
        let provider = Provider(
            name: ProviderName("s")!, preset: .seamless, tokenEndpoint: Preset.seamless.tokenEndpoint!,
            clientID: "c", clientSecret: Secret("h\"\\"), redirectURI: "https://app.example/cb")
        let request = try TokenRequest.renewal(provider, refreshToken: token, .test)
        #expect(request.url == "https://api.seamless.ai/api/client/v1/oauth/accessToken")
        #expect(
            text(request)
                == #"{"client_id":"c","client_secret":"h\"\\","redirect_uri":"https://app.example/cb","#
                + #""grant_type":"refresh_token","refresh_token":"r/1+%& ="}"#)
        #expect(header("Content-Type", of: request) == "application/json")
        #expect(header("Accept", of: request) == "application/json")
    }

    @Test("prefers the account's redirect URI, and sends none where none is wanted")
    func redirectURI() throws {
        var provider = Provider.plain
        provider.redirectURI = "https://app.example/cb"
        let own = "https://other.example/cb"
        #expect(
            try !text(.renewal(provider, refreshToken: token, redirectURI: own, .test)).contains(
                "redirect_uri"))
        provider.request.sendsRedirectURIOnRefresh = true
        #expect(
            try text(.renewal(provider, refreshToken: token, redirectURI: own, .test))
                .contains("&redirect_uri=https%3A%2F%2Fother.example%2Fcb&"))
        #expect(
            try text(.renewal(provider, refreshToken: token, .test)).contains(
                "&redirect_uri=https%3A%2F%2Fapp.example%2Fcb&"))
    }

    @Test("never names a scope")
    func noScope() throws {
        var provider = Provider.plain
        provider.scopes = ["x"]
        #expect(try !text(.renewal(provider, refreshToken: token, .test)).contains("scope"))
    }

    @Test("shows its URL without the query and nothing of its secrets")
    func redacted() throws {
        var provider = Provider.plain
        provider.authMethod = .clientSecretBasic
        provider.tokenEndpoint = "https://as.example/token?key=CANARY"
        provider.clientSecret = Secret("CANARY")
        let request = try TokenRequest.renewal(provider, refreshToken: Secret("CANARY"), .test)
        var dumped = ""
        dump(request, to: &dumped)
        dump(provider.clientSecret, to: &dumped)
        #expect(request.description.hasPrefix("POST https://as.example/token (<redacted>, "))
        #expect(!"\(request)\(String(reflecting: request))\(dumped)".contains("CANARY"))
        #expect(!dumped.contains("Basic"))
    }
}
