import StrictJSON
import Testing
import Vocabulary

@testable import OAuth

@Suite("Client authentication")
struct ClientAuthenticationTests {
    private static let secret = "s3cr3t/+%& ="
    /// client%3A1:s3cr3t%2F%2B%25%26%20%3D and client:1:s3cr3t/+%& =
    private static let encoded = "Basic Y2xpZW50JTNBMTpzM2NyM3QlMkYlMkIlMjUlMjYlMjAlM0Q="
    /// s3cr3t/+%& =:
    private static let asUsername = "Basic czNjcjN0LyslJiA9Og=="
    private static let raw = "Basic Y2xpZW50OjE6czNjcjN0LyslJiA9"

    static let rows: [(ClientAuthMethod, String, String?)] = [
        (.clientSecretPost, "client_id=client%3A1&client_secret=s3cr3t%2F%2B%25%26+%3D&", nil),
        (.clientSecretBasic, "", encoded),
        (.clientSecretBasicRaw, "", raw),
        (.clientSecretAsUsername, "", asUsername),
        (.none, "client_id=client%3A1&", nil),
        (.tlsClientAuth, "client_id=client%3A1&", nil),
    ]

    private static func provider(_ method: ClientAuthMethod) -> Provider {
        .with {
            $0.authMethod = method
            $0.clientID = "client:1"
            $0.clientSecret = Secret(secret)
        }
    }

    @Test("is the same for every request, byte by byte", arguments: rows)
    func methods(_ method: ClientAuthMethod, _ parameters: String, _ header: String?) throws {
        let provider = Self.provider(method)
        let requests = [
            try TokenRequest.renewal(provider, refreshToken: Secret("r1"), .test),
            try .authorizationCode(provider, code: Secret("c1"), verifier: nil, .test),
            try .deviceToken(provider, deviceCode: Secret("d1"), .test),
            try .deviceAuthorization(provider, scope: "x", .test),
            try .revocation(provider, token: Secret("r1"), hint: "refresh_token", .test),
        ]
        let rests = [
            "grant_type=refresh_token&refresh_token=r1", "grant_type=authorization_code&code=c1",
            "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code&device_code=d1", "scope=x",
            "token=r1&token_type_hint=refresh_token",
        ]
        for (request, rest) in zip(requests, rests) {
            #expect(String(decoding: request.body, as: UTF8.self) == parameters + rest)
            #expect(request.ownHeaders == header.map { ["Authorization: \($0)"] } ?? [])
        }
    }

    @Test("that shows a secret needs one", arguments: ClientAuthMethod.allCases.filter(\.needsSecret))
    func noSecret(_ method: ClientAuthMethod) {
        var provider = Self.provider(method)
        provider.clientSecret = nil
        #expect(throws: RequestProblem.noClientSecret) {
            try TokenRequest.renewal(provider, refreshToken: Secret("r1"), .test)
        }
    }

    @Test("by assertion is signed for the token endpoint", arguments: SigningKey.Algorithm.allCases)
    func assertion(_ algorithm: SigningKey.Algorithm) throws {
        var provider = Self.provider(.privateKeyJWT)
        provider.clientSecret = nil
        provider.signingKey = SigningFixture.key(algorithm, keyID: "key-1")
        provider.tokenEndpoint = "https://{shop}.as.example/token"
        let request = try TokenRequest.revocation(
            provider, token: Secret("r1"), hint: "refresh_token", .test)
        let assertion = try #require(request.parameter("client_assertion"))
        #expect(
            String(decoding: request.body, as: UTF8.self)
                == "client_id=client%3A1"
                + "&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer"
                + "&client_assertion=\(assertion)&token=r1&token_type_hint=refresh_token")
        let token = try SignedToken(assertion, algorithm)
        #expect(token.isVerified)
        #expect(token.header == #"{"alg":"\#(algorithm.rawValue)","typ":"JWT","kid":"key-1"}"#)
        #expect(
            token.claims
                == #"{"iss":"client:1","sub":"client:1","aud":"https://shop-1.as.example/token","#
                + #""iat":1800000000,"exp":1800000300,"jti":"serial-1-client"}"#)
    }

    @Test("by assertion needs a key")
    func noKey() {
        #expect(throws: RequestProblem.noSigningKey) {
            try TokenRequest.renewal(Self.provider(.privateKeyJWT), refreshToken: Secret("r1"), .test)
        }
    }
}
