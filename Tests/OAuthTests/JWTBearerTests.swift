import StrictJSON
import Testing
import Vocabulary

@testable import OAuth

@Suite("A grant by assertion")
struct JWTBearerTests {
    private static func provider(_ change: (inout Provider) -> Void = { _ in }) -> Provider {
        .with {
            $0.kind = .jwtBearer
            $0.authMethod = .none
            $0.clientSecret = nil
            $0.signingKey = SigningFixture.key(.rs256)
            $0.scopes = ["a", "b"]
            change(&$0)
        }
    }

    private static let grantType = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer"

    @Test("asks for scopes beside the assertion, whose claims are the client's, and names no client")
    func plain() throws {
        let request = try TokenRequest.renewal(Self.provider(), refreshToken: nil, .test)
        let assertion = try #require(request.parameter("assertion"))
        #expect(
            request.line
                == "POST https://as.example/token \(Self.grantType)&assertion=\(assertion)&scope=a+b")
        let token = try SignedToken(assertion, .rs256)
        #expect(token.isVerified)
        #expect(token.header == #"{"alg":"RS256","typ":"JWT"}"#)
        #expect(
            token.claims
                == #"{"iss":"client-1","sub":"client-1","aud":"https://as.example/token","iat":1800000000,"#
                + #""exp":1800000300,"jti":"serial-1"}"#)
    }

    @Test("carries the rules' claims, the scopes among them where these are wanted so")
    func google() throws {
        let provider = Self.provider {
            $0.assertion.issuer = "robot@project.example"
            $0.assertion.subject = "{account}"
            $0.assertion.audience = "https://audience.example/"
            $0.assertion.hasScopeClaim = true
            $0.signingKey = SigningFixture.key(.es256, keyID: "k")
        }
        let request = try TokenRequest.renewal(provider, refreshToken: nil, .test)
        let assertion = try #require(request.parameter("assertion"))
        #expect(request.line == "POST https://as.example/token \(Self.grantType)&assertion=\(assertion)")
        let token = try SignedToken(assertion, .es256)
        #expect(token.isVerified)
        #expect(
            token.claims
                == #"{"iss":"robot@project.example","sub":"u@x.example/1","aud":"https://audience.example/","#
                + #""iat":1800000000,"exp":1800000300,"jti":"serial-1","scope":"a b"}"#)
    }

    @Test("goes with the client's authentication where there is one, under another jti")
    func authenticated() throws {
        let request = try TokenRequest.renewal(
            Self.provider { $0.authMethod = .privateKeyJWT }, refreshToken: nil, .test)
        let grant = try SignedToken(try #require(request.parameter("assertion")), .rs256)
        let client = try SignedToken(try #require(request.parameter("client_assertion")), .rs256)
        #expect(grant.claims.contains(#""jti":"serial-1""#))
        #expect(client.claims.contains(#""jti":"serial-1-client""#))
        #expect(request.parameter("client_id") == "client-1")
    }

    @Test("needs a key, and variables for its subject")
    func problems() {
        #expect(throws: RequestProblem.noSigningKey) {
            try TokenRequest.renewal(Self.provider { $0.signingKey = nil }, refreshToken: nil, .test)
        }
        #expect(throws: RequestProblem.unfilledVariable("user")) {
            try TokenRequest.renewal(
                Self.provider { $0.assertion.subject = "{user}" }, refreshToken: nil, .test)
        }
    }
}
