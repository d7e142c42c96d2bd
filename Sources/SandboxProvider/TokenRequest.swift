// Decides what a token request means once its dialect was read. The two dialects differ in envelope and errors, not in
// meaning, so that everything behind this type exists once.

/// A request at a token endpoint (RFC 6749 §4.1.3, §4.4 and §6, RFC 7523 §2.1, RFC 8628 §3.4).
struct TokenRequest: Hashable, Sendable {
    enum Grant: Hashable, Sendable {
        case refreshToken(String, scope: String?)
        case authorizationCode(String, verifier: String?)

        case deviceCode(String)
        case clientCredentials(scope: String?)
        case assertion(AssertionClaims, scope: String?)

        /// The refresh token or code.
        var credential: String? {
            switch self {
            case .refreshToken(let token, _): token
            case .authorizationCode(let code, _), .deviceCode(let code): code
            case .clientCredentials, .assertion: nil
            }
        }

        /// Whether the answer leaves the refresh token out because the client can ask anew (RFC 6749 §4.4.3).
        var isRepeatable: Bool {
            switch self {
            case .clientCredentials, .assertion: true
            case .refreshToken, .authorizationCode, .deviceCode: false
            }
        }
    }

    let client: ClientCredentials
    let redirectURI: String?
    let grant: Grant
}

/// How a client says who it is (RFC 6749 §2.3.1).
struct ClientCredentials: Hashable, Sendable {
    let id: String
    /// nil where an assertion speaks for it (RFC 7523 §3.1).
    let secret: String?
    var usedBasic = false
}

/// A request at the device authorization endpoint (RFC 8628 §3.1).
struct DeviceRequest: Hashable, Sendable {
    let client: ClientCredentials
    let scope: String?
}

/// A request at the revocation endpoint (RFC 7009 §2.1).
struct RevocationRequest: Hashable, Sendable {
    let client: ClientCredentials
    let token: String
}

/// A refusal with a sentence for whoever debugs the client.
struct Rejection: Error, Hashable, Sendable {
    let refusal: Refusal
    let detail: String
    /// The error must name the scheme in WWW-Authenticate (RFC 6749 §5.2).
    var usedBasic = false

    init(_ refusal: Refusal, _ detail: String, usedBasic: Bool = false) {
        self.refusal = refusal
        self.detail = detail
        self.usedBasic = usedBasic
    }

    init(_ refusal: Refusal, usedBasic: Bool = false) {
        self.init(refusal, refusal.sentence, usedBasic: usedBasic)
    }
}

extension Refusal {
    /// What the answer's text says; it names no token.
    var sentence: String {
        switch self {
        case .malformed: "the request is malformed"
        case .unsupportedGrantType: "this server does not know the grant type"
        case .invalidClient: "unknown client or wrong secret"
        case .unknownGrant: "the grant is unknown"
        case .foreignGrant: "the grant belongs to another client"
        case .reused: "the grant was used before; everything issued from it is revoked"
        case .revoked: "the grant was revoked"
        case .lapsed: "the authorization code or assertion has lapsed"
        case .authorizationPending: "the user has not decided yet"
        case .slowDown: "the user has not decided yet, and the polls come too fast"
        case .deviceLapsed: "the device code has lapsed"
        case .accessDenied: "the user said no"
        case .redirectURIMismatch: "the redirect URI is not the one that was registered or authorized"
        case .verifierMismatch: "the code verifier does not fit the code challenge"
        case .invalidScope: "the scope exceeds what was granted"
        case .rateLimited: "too many requests in this window"
        case .scripted: "a fault answered instead of the server"
        }
    }
}
