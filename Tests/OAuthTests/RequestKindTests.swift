import StrictJSON
import Testing
import Vocabulary

@testable import OAuth

@Suite("Every kind of request")
struct RequestKindTests {
    static let token = "POST https://as.example/token client_id=client-1&client_secret=hush"

    static let kinds: [RequestRow] = [
        RequestRow(
            "a refresh names redirect URI and granted scope where they are wanted",
            .renewal(scope: "a b", redirectURI: "https://app.example/cb"),
            {
                $0.request.sendsRedirectURIOnRefresh = true
                $0.request.sendsScopeOnRefresh = true
            },
            is: token + "&redirect_uri=https%3A%2F%2Fapp.example%2Fcb&grant_type=refresh_token"
                + "&refresh_token=r%2F1+&scope=a+b"),
        RequestRow(
            "a refresh names no scope that was not granted", .renewal(),
            {
                $0.scopes = ["a"]
                $0.request.sendsScopeOnRefresh = true
            },
            is: token + "&grant_type=refresh_token&refresh_token=r%2F1+"),
        RequestRow(
            "a renewal goes to the refresh endpoint where there is one", .renewal(),
            { $0.refreshEndpoint = "https://as.example/refresh" },
            is:
                "POST https://as.example/refresh client_id=client-1&client_secret=hush&grant_type=refresh_token"
                + "&refresh_token=r%2F1+"),
        RequestRow(
            "client credentials need no token and name the provider's scopes", .renewal(scope: "granted"),
            {
                $0.kind = .clientCredentials
                $0.scopes = ["a", "b"]
            },
            is: token + "&grant_type=client_credentials&scope=a+b"),
        RequestRow(
            "client credentials without scopes name none", .renewal(), { $0.kind = .clientCredentials },
            is: token + "&grant_type=client_credentials"),
        RequestRow(
            "an exchange shows the access token", .renewal(), { $0.kind = .exchangeAccessToken },
            is: token + "&grant_type=exchange_access_token&access_token=r%2F1+"),
        RequestRow(
            "a code goes with verifier and the provider's redirect URI", .code(verifier: "v-1"),
            { $0.redirectURI = "https://app.example/cb" },
            is: token + "&redirect_uri=https%3A%2F%2Fapp.example%2Fcb&grant_type=authorization_code"
                + "&code=c%2F1&code_verifier=v-1"),
        RequestRow(
            "a code goes with the login's own redirect URI, to the token endpoint",
            .code(redirectURI: "app:/cb"),
            {
                $0.redirectURI = "https://app.example/cb"
                $0.refreshEndpoint = "https://as.example/refresh"
            },
            is: token + "&redirect_uri=app%3A%2Fcb&grant_type=authorization_code&code=c%2F1"),
        RequestRow(
            "a code goes without a verifier where the provider has no PKCE", .code(verifier: "v-1"),
            { $0.authorization.usesPKCE = false },
            is: token + "&grant_type=authorization_code&code=c%2F1"),
        RequestRow(
            "a device login asks for the provider's scopes", .device(),
            { $0.scopes = ["a", "b"] },
            is: "POST https://as.example/device client_id=client-1&client_secret=hush&scope=a+b"),
        RequestRow(
            "a device login asks for the scope that it is given, separated as it is",
            .device(scope: "x,y"),
            {
                $0.scopes = ["a", "b"]
                $0.authMethod = .none
            }, is: "POST https://as.example/device client_id=client-1&scope=x%2Cy"),
        RequestRow(
            "a device code is presented at the token endpoint", .deviceToken,
            is: token + "&grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code&device_code=d%2B1"
        ),
        RequestRow(
            "a revocation says which token it is", .revocation(hint: "refresh_token"),
            is: "POST https://as.example/revoke client_id=client-1&client_secret=hush&token=r1"
                + "&token_type_hint=refresh_token"),
        RequestRow(
            "scopes are separated as the provider wants it", .renewal(),
            {
                $0.kind = .clientCredentials
                $0.scopes = ["a", "b"]
                $0.authorization.scopeSeparator = ","
            },
            is: token + "&grant_type=client_credentials&scope=a%2Cb"),
    ]

    @Test("is what its standard says, byte by byte", arguments: kinds)
    func standard(_ row: RequestRow) throws {
        #expect(try row.request().line == row.line)
    }

    /// What one kind of request has of its own: nothing of it reaches the others.
    static let own: [RequestRow] = [
        RequestRow(
            "a refresh by GET, of a public client under another name", .renewal(), revokesApart,
            is: "GET https://as.example/token?app=client-1&grant_type=refresh_token&refresh_token=r%2F1%20"),
        RequestRow(
            "a code as everywhere", .code(), revokesApart,
            is: token + "&grant_type=authorization_code&code=c%2F1"),
        RequestRow(
            "a revocation without a hint", .revocation(hint: "refresh_token"), revokesApart,
            is: "POST https://as.example/revoke client_id=client-1&client_secret=hush&token=r1"),
    ]

    private static func revokesApart(_ provider: inout Provider) {
        provider.request.own = [
            .refreshToken: OwnRules(
                method: .get, encoding: .query, authMethod: ClientAuthMethod.none,
                parameterNames: ["client_id": "app"]),
            .revocation: OwnRules(parameterNames: ["token_type_hint": nil]),
        ]
    }

    @Test("has what is its own", arguments: own)
    func differs(_ row: RequestRow) throws {
        #expect(try row.request().line == row.line)
    }

    @Test("says which endpoint it lacks")
    func missingEndpoints() {
        let bare = Provider.with {
            $0.tokenEndpoint = nil
            $0.revocationEndpoint = nil
            $0.deviceAuthorizationEndpoint = nil
        }
        let secret = Secret("x")
        #expect(throws: RequestProblem.noEndpoint(.token)) {
            try TokenRequest.renewal(bare, refreshToken: secret, .test)
        }
        #expect(throws: RequestProblem.noEndpoint(.token)) {
            try TokenRequest.deviceToken(bare, deviceCode: secret, .test)
        }
        #expect(throws: RequestProblem.noEndpoint(.deviceAuthorization)) {
            try TokenRequest.deviceAuthorization(bare, .test)
        }
        #expect(throws: RequestProblem.noEndpoint(.revocation)) {
            try TokenRequest.revocation(bare, token: secret, hint: "refresh_token", .test)
        }
    }

    @Test(
        "of a kind that presents a token needs one",
        arguments: [
            (GrantKind.refreshToken, true), (.exchangeAccessToken, true), (.clientCredentials, false),
        ])
    func needsToken(_ kind: GrantKind, _ isNeeded: Bool) {
        let provider = Provider.with { $0.kind = kind }
        let problem: RequestProblem?
        do throws(RequestProblem) {
            _ = try TokenRequest.renewal(provider, refreshToken: nil, .test)
            problem = nil
        } catch {
            problem = error
        }
        #expect(problem == (isNeeded ? .noToken : nil))
    }
}
