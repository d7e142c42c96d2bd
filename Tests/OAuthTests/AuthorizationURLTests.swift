import Testing
import Vocabulary

@testable import OAuth

@Suite("An authorization URL")
struct AuthorizationURLTests {
    /// RFC 7636 Appendix B.
    private static let verifier = Secret("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
    private static let challenge =
        "code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256"

    @Test("challenges as RFC 7636 Appendix B does")
    func vector() {
        #expect(AuthorizationURL.challenge(Self.verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")
    }

    @Test("names all there is, in a fixed order")
    func everything() throws {
        let provider = Provider.with {
            $0.redirectURI = "https://app.example/cb"
            $0.scopes = ["openid", "a:b"]
        }
        let url = try AuthorizationURL.make(
            provider, state: "s-1", verifier: Self.verifier, nonce: "n-1", .test)
        #expect(
            url == "https://as.example/authorize?response_type=code&client_id=client-1"
                + "&redirect_uri=https%3A%2F%2Fapp.example%2Fcb&scope=openid%20a%3Ab&state=s-1&\(Self.challenge)"
                + "&nonce=n-1")
    }

    @Test("names nothing that there is not")
    func little() throws {
        let url = try AuthorizationURL.make(.with { _ in }, state: "s", verifier: nil, .test)
        #expect(url == "https://as.example/authorize?response_type=code&client_id=client-1&state=s")
    }

    @Test("prefers the login's own redirect URI and scope")
    func own() throws {
        let provider = Provider.with {
            $0.redirectURI = "https://app.example/cb"
            $0.scopes = ["a"]
        }
        let url = try AuthorizationURL.make(
            provider, state: "s", verifier: nil, redirectURI: "http://127.0.0.1:5000/", scope: "b,c", .test)
        #expect(
            url == "https://as.example/authorize?response_type=code&client_id=client-1"
                + "&redirect_uri=http%3A%2F%2F127.0.0.1%3A5000%2F&scope=b%2Cc&state=s")
    }

    @Test(
        "lets the provider's parameters overwrite everything but the state, and keeps the endpoint's own query"
    )
    func overwritten() throws {
        let provider = Provider.with {
            $0.authorizationEndpoint = "https://{shop}.as.example/authorize?tenant=1&state=fixed"
            $0.authorization.parameters = [
                "state": "fixed", "response_type": "code id_token", "access_type": "offline",
                "login": "{account}",
            ]
            $0.authorization.scopeParameter = "user_scope"
            $0.authorization.scopeSeparator = ","
            $0.authorization.usesPKCE = false
            $0.scopes = ["a", "b"]
        }
        let url = try AuthorizationURL.make(provider, state: "s", verifier: Self.verifier, .test)
        #expect(
            url
                == "https://shop-1.as.example/authorize?tenant=1&response_type=code%20id_token&client_id=client-1"
                + "&user_scope=a%2Cb&state=s&access_type=offline&login=u%40x.example%2F1")
    }

    @Test("needs an endpoint, and somebody to fill its templates")
    func problems() {
        #expect(throws: RequestProblem.noEndpoint(.authorization)) {
            try AuthorizationURL.make(.plain, state: "s", verifier: nil, .test)
        }
        let provider = Provider.with { $0.authorization.parameters = ["a": "{b}"] }
        #expect(throws: RequestProblem.unfilledVariable("b")) {
            try AuthorizationURL.make(provider, state: "s", verifier: nil, .test)
        }
    }
}
