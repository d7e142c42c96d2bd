// Decides Seamless.AI's envelope: a JSON body in, three members out, errors that are not RFC 6749's. Whatever its
// documentation leaves open is answered here as strictly as it could be, so that a client that passes here does not
// depend on leniency.

import FoundationEssentials

/// Reads and answers `POST /api/client/v1/oauth/accessToken`; reads `POST /api/client/v1/oauth/revoke`.
enum SeamlessDialect {
    private struct Body: Decodable {
        let clientID, clientSecret, redirectURI, grantType: String?
        let code, codeVerifier, refreshToken, token: String?

        enum CodingKeys: String, CodingKey {
            case clientID = "client_id"
            case clientSecret = "client_secret"
            case redirectURI = "redirect_uri"
            case grantType = "grant_type"
            case code, token
            case codeVerifier = "code_verifier"
            case refreshToken = "refresh_token"
        }
    }

    private struct TokenAnswer: Encodable {
        let accessToken: String
        let refreshToken: String?
        let expiresAt: Int
    }

    private struct ValidationError: Encodable {
        let msg: String
        let code = "validationError"
        let data: [String] = []
    }

    private struct Message: Encodable { let message: String }

    private struct CodedMessage: Encodable {
        let code: String
        let message: String
    }

    static func tokenRequest(_ request: WireRequest) throws(Rejection) -> TokenRequest {
        let body = try body(request)
        let client = try credentials(body)
        let redirectURI = try required(body.redirectURI, "redirect_uri")
        let grant: TokenRequest.Grant
        switch try required(body.grantType, "grant_type") {
        case "authorization_code":
            grant = .authorizationCode(try required(body.code, "code"), verifier: body.codeVerifier)
        case "refresh_token":
            grant = .refreshToken(try required(body.refreshToken, "refresh_token"), scope: nil)
        default: throw Rejection(.unsupportedGrantType)
        }
        return TokenRequest(client: client, redirectURI: redirectURI, grant: grant)
    }

    static func revocationRequest(_ request: WireRequest) throws(Rejection) -> RevocationRequest {
        let body = try body(request)
        return RevocationRequest(
            client: try credentials(body), token: try required(body.token, "token"))
    }

    private static func body(_ request: WireRequest) throws(Rejection) -> Body {
        guard request.contentType == "application/json" else {
            throw Rejection(.malformed, "the content type must be application/json")
        }
        guard let body = try? JSONDecoder().decode(Body.self, from: Data(request.body)) else {
            throw Rejection(.malformed, "the body must be a JSON object of strings")
        }
        return body
    }

    private static func credentials(_ body: Body) throws(Rejection) -> ClientCredentials {
        ClientCredentials(
            id: try required(body.clientID, "client_id"),
            secret: try required(body.clientSecret, "client_secret"))
    }

    /// - Parameter includesRefreshToken: false where the server repeats none.
    static func answer(_ tokens: IssuedTokens, includesRefreshToken: Bool) -> Answer {
        Answer(
            status: 200,
            json: TokenAnswer(
                accessToken: tokens.accessToken,
                refreshToken: includesRefreshToken ? tokens.refreshToken : nil,
                expiresAt: tokens.expiresAtRoundedDown))
    }

    static func answer(_ rejection: Rejection) -> Answer {
        switch rejection.refusal {
        case .malformed, .unsupportedGrantType, .redirectURIMismatch, .invalidScope:
            Answer(status: 422, json: ValidationError(msg: rejection.detail))
        case .rateLimited:
            Answer(status: 429, json: CodedMessage(code: "rateLimitExceeded", message: rejection.detail))
        case .invalidClient, .unknownGrant, .foreignGrant, .reused, .revoked, .lapsed, .verifierMismatch,
            .authorizationPending, .slowDown, .deviceLapsed, .accessDenied:
            Answer(status: 401, json: Message(message: rejection.detail))
        case .scripted:
            preconditionFailure("a scripted answer is the test's own")
        }
    }

    /// The answer to an API call without a valid access token.
    static let unauthorized = Answer(status: 401, json: Message(message: "Unauthorized"))

    /// One contact, who does not exist.
    static let contacts = Answer(
        status: 200,
        json: [
            "data": [
                [
                    "name": "Ada Example", "title": "Engineer", "company": "Example Ltd",
                    "email": "ada@company.example",
                ]
            ]
        ])

    private static func required(_ value: String?, _ name: String) throws(Rejection) -> String {
        guard let value, !value.isEmpty else { throw Rejection(.malformed, "\(name) is required") }
        return value
    }
}

extension RateLimit.Reading {
    /// X-RateLimit headers as Seamless sends them.
    var headers: [String: String] {
        [
            "X-RateLimit-Limit": String(limit), "X-RateLimit-Remaining": String(remaining),
            "X-RateLimit-Reset": String(reset),
        ]
    }
}
