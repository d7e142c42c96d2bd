// Decides RFC 6749's envelope: form in, §5.1 and §5.2 out. Both ways of §2.3.1 for a client to name itself are open to
// every client, but not in one request.

/// Reads and answers `POST /token`, `POST /device_authorization` and `POST /revoke`.
enum PlainDialect {
    private struct TokenAnswer: Encodable {
        let accessToken: String
        let tokenType = "Bearer"
        let expiresIn: Int
        let refreshToken: String?
        let scope: String
        let idToken: String?
    }

    private struct DeviceAnswer: Encodable {
        let deviceCode, userCode, verificationURI, verificationURIComplete: String
        let expiresIn, interval: Double

        // The encoder's snake case would part the letters of URI.
        enum CodingKeys: String, CodingKey {
            case deviceCode, userCode, expiresIn, interval
            case verificationURI = "verificationUri"
            case verificationURIComplete = "verificationUriComplete"
        }
    }

    private struct ErrorAnswer: Encodable {
        let error: String
        let errorDescription: String
    }

    static func tokenRequest(_ request: WireRequest) throws(Rejection) -> TokenRequest {
        let fields = try fields(request)
        if fields["grant_type"] == assertionGrantType { return try assertionRequest(request, fields) }
        let client = try credentials(request, fields)
        let grant: TokenRequest.Grant
        switch try required(fields, "grant_type") {
        case "authorization_code":
            grant = .authorizationCode(try required(fields, "code"), verifier: fields["code_verifier"])
        case "refresh_token":
            grant = .refreshToken(try required(fields, "refresh_token"), scope: fields["scope"])
        case "client_credentials": grant = .clientCredentials(scope: fields["scope"])
        case deviceGrantType: grant = .deviceCode(try required(fields, "device_code"))
        default: throw Rejection(.unsupportedGrantType)
        }
        return TokenRequest(client: client, redirectURI: fields["redirect_uri"], grant: grant)
    }

    /// The assertion speaks for the client, which may authenticate as well (RFC 7523 §3.1).
    private static func assertionRequest(
        _ request: WireRequest, _ fields: FormFields
    ) throws(Rejection) -> TokenRequest {
        guard let claims = AssertionClaims(try required(fields, "assertion")) else {
            throw Rejection(.unknownGrant, "the assertion is no JWT with an issuer")
        }
        let isAuthenticated = request.authorization != nil || fields["client_secret"] != nil
        let client =
            isAuthenticated
            ? try credentials(request, fields) : ClientCredentials(id: claims.issuer, secret: nil)
        return TokenRequest(
            client: client, redirectURI: nil, grant: .assertion(claims, scope: fields["scope"]))
    }

    static func deviceRequest(_ request: WireRequest) throws(Rejection) -> DeviceRequest {
        let fields = try fields(request)
        return DeviceRequest(client: try credentials(request, fields), scope: fields["scope"])
    }

    /// RFC 8628 §3.2.
    /// - Parameter page: the verification URI.
    static func answer(_ authorization: DeviceAuthorization, page: String) -> Answer {
        Answer(
            status: 200, headers: noStore,
            json: DeviceAnswer(
                deviceCode: authorization.deviceCode, userCode: authorization.userCode,
                verificationURI: page,
                verificationURIComplete: page + "?user_code=" + authorization.userCode,
                expiresIn: authorization.lifetime, interval: authorization.interval))
    }

    static func revocationRequest(_ request: WireRequest) throws(Rejection) -> RevocationRequest {
        let fields = try fields(request)
        return RevocationRequest(
            client: try credentials(request, fields), token: try required(fields, "token"))
    }

    static func answer(_ tokens: IssuedTokens, includesRefreshToken: Bool, now: Double) -> Answer {
        Answer(
            status: 200, headers: noStore,
            json: TokenAnswer(
                accessToken: tokens.accessToken, expiresIn: max(0, Int(clampingDown: tokens.expiresAt - now)),
                refreshToken: includesRefreshToken ? tokens.refreshToken : nil, scope: tokens.scope,
                idToken: tokens.idToken))
    }

    static func answer(_ rejection: Rejection) -> Answer {
        let (status, error) = statusAndError(rejection.refusal)
        var headers = noStore
        if status == 401, rejection.usedBasic { headers["WWW-Authenticate"] = "Basic realm=\"sandbox\"" }
        return Answer(
            status: status, headers: headers,
            json: ErrorAnswer(error: error, errorDescription: rejection.detail))
    }

    /// The answer of RFC 7009 §2.2, whether there was such a token or not.
    static let revoked = Answer(status: 200, headers: noStore)

    /// RFC 6750 §3: no error code where no token was presented.
    static func unauthorized(hasToken: Bool) -> Answer {
        let challenge =
            hasToken ? "Bearer realm=\"sandbox\", error=\"invalid_token\"" : "Bearer realm=\"sandbox\""
        return Answer(status: 401, headers: ["WWW-Authenticate": challenge])
    }

    /// RFC 6749 §5.1.
    private static let noStore = ["Cache-Control": "no-store", "Pragma": "no-cache"]

    private static func statusAndError(_ refusal: Refusal) -> (Int, String) {
        switch refusal {
        case .malformed: (400, "invalid_request")
        case .unsupportedGrantType: (400, "unsupported_grant_type")
        case .invalidClient: (401, "invalid_client")
        case .invalidScope: (400, "invalid_scope")
        // Not an error of RFC 6749 §5.2, which knows no rate limits; the name is §4.1.2.1's.
        case .rateLimited: (429, "temporarily_unavailable")
        case .unknownGrant, .foreignGrant, .reused, .revoked, .lapsed, .redirectURIMismatch,
            .verifierMismatch:
            (400, "invalid_grant")
        case .authorizationPending: (400, "authorization_pending")
        case .slowDown: (400, "slow_down")
        case .deviceLapsed: (400, "expired_token")
        case .accessDenied: (400, "access_denied")
        case .scripted: preconditionFailure("a scripted answer is the test's own")
        }
    }

    private static func fields(_ request: WireRequest) throws(Rejection) -> FormFields {
        guard request.contentType == "application/x-www-form-urlencoded" else {
            throw Rejection(.malformed, "the content type must be application/x-www-form-urlencoded")
        }
        guard let text = String(validating: request.body, as: UTF8.self) else {
            throw Rejection(.malformed, "the body is not UTF-8")
        }
        do {
            return try FormFields(text)
        } catch {
            switch error {
            case .doubled(let name): throw Rejection(.malformed, "\(name) must not occur twice")
            case .badEncoding: throw Rejection(.malformed, "the body is not form-urlencoded")
            }
        }
    }

    private static func credentials(
        _ request: WireRequest, _ fields: FormFields
    ) throws(Rejection) -> ClientCredentials {
        guard let authorization = request.authorization else {
            guard let id = fields["client_id"], let secret = fields["client_secret"] else {
                throw Rejection(.invalidClient, "the client does not authenticate")
            }
            return ClientCredentials(id: id, secret: secret)
        }
        guard fields["client_secret"] == nil else {
            throw Rejection(.malformed, "a client must authenticate in one way only")
        }
        guard let basic = BasicCredentials(authorization) else {
            throw Rejection(.invalidClient, "the Authorization header is not Basic", usedBasic: true)
        }
        return ClientCredentials(id: basic.id, secret: basic.secret, usedBasic: true)
    }

    private static func required(_ fields: FormFields, _ name: String) throws(Rejection) -> String {
        guard let value = fields[name] else { throw Rejection(.malformed, "\(name) is required") }
        return value
    }
}
