// Decides what has to be known of an authorization server and of our registration with it. A provider is data: what
// is peculiar to one stands in `Preset` or in the configuration, never in a branch on its name. A protocol with a
// type per provider was rejected: every knob could then be turned only by a release.

import Vocabulary

/// An authorization server's endpoints and the client registered there (RFC 6749 §2, RFC 8414).
///
/// Endpoints may hold templates, `{name}`: the configuration has filled its own variables in already; what is left is
/// each account's (`accountVariables`, and `account` for its name behind the slash).
public struct Provider: Hashable, Sendable {
    public internal(set) var name: ProviderName
    public var kind = GrantKind.refreshToken

    /// Where endpoints that are nil are discovered (RFC 8414, OpenID Connect Discovery); also what `iss` must be (RFC 9207).
    public var issuer: String?
    public var authorizationEndpoint: String?
    /// nil where `issuer` tells it.
    public var tokenEndpoint: String?
    /// Where refresh tokens are presented, if not at the token endpoint.
    public var refreshEndpoint: String?
    /// Where the short-lived token of a login is traded for a long-lived one, at once; of the kind `exchange_access_token`.
    public var firstExchangeEndpoint: String?
    /// RFC 7009.
    public var revocationEndpoint: String?
    /// RFC 8628.
    public var deviceAuthorizationEndpoint: String?
    /// The variables that each account fills in for itself.
    public var accountVariables: Set<String> = []

    public var clientID: String
    /// nil for a client whose `authMethod` shows none.
    public var clientSecret: Secret?
    /// Signs assertions: for `private_key_jwt`, and grants of the kind `jwt_bearer`.
    public var signingKey: SigningKey?
    public var authMethod: ClientAuthMethod
    public var redirectURI: String?
    /// What a login asks for.
    public var scopes: [String]

    public var authorization = AuthorizationRules()
    public var request = RequestRules()
    public var assertion = AssertionRules()
    /// The dialect of the token endpoint's answers.
    public var response: AnswerFormat
    /// The scheme that tokens are served under, whatever the answers call it (RFC 9110 §11.1); nil leaves it to these.
    public var authorizationScheme: String?
    /// How long a refresh token lives from when it was issued, where no answer says so.
    public var refreshTokenLifetime: Duration?

    public var tls = TLSFiles()
    /// A longer lifetime is cut to this.
    public var maximumLifetime: Duration
    /// What binds the client's requests: budget, concurrency, when to refresh, whether to replay.
    public var clientRules: ClientRules

    /// One year, because no provider is known to issue longer ones: what lies beyond is a wrong unit or means
    /// "never", and a refresh a year costs nothing.
    public static let longestLifetime = Duration.seconds(365 * 86_400)

    /// What this provider's grants are sealed for: nobody who edits a configuration gets them sent elsewhere.
    public var sealedFor: String {
        let usual = refreshEndpoint ?? tokenEndpoint ?? issuer ?? ""
        guard hasFirstExchange, let first = firstExchangeEndpoint, first != usual else { return usual }
        return "\(usual) \(first)"
    }

    /// Whether a login brings a token that has to be traded at once, before it counts as one of the provider's usual.
    public var hasFirstExchange: Bool { kind == .exchangeAccessToken && firstExchangeEndpoint != nil }

    /// All the ways in which the client shows itself in one request or another.
    public var authMethods: Set<ClientAuthMethod> {
        Set([authMethod] + request.own.values.compactMap(\.authMethod))
    }

    /// A provider that is as `preset` says where nothing else is given; a `tokenEndpoint` of nil leaves the preset's.
    public init(
        name: ProviderName, preset: Preset = .rfc6749, tokenEndpoint: String?, clientID: String,
        clientSecret: Secret?, redirectURI: String? = nil
    ) {
        self = preset.provider
        self.name = name
        if let tokenEndpoint { self.tokenEndpoint = tokenEndpoint }
        self.clientID = clientID
        self.clientSecret = clientSecret
        self.redirectURI = redirectURI
    }

    /// RFC 6749 and nothing else: what a preset starts from.
    init(standard name: ProviderName) {
        self.name = name
        clientID = ""
        authMethod = .clientSecretPost
        scopes = []
        response = AnswerFormat()
        maximumLifetime = Self.longestLifetime
        clientRules = ClientRules()
    }
}

/// What a provider wants at its authorization endpoint beyond RFC 6749 §4.1.1.
public struct AuthorizationRules: Hashable, Sendable {
    /// `authorize_parameters`: such as Google's `access_type=offline`; may overwrite any standard one but `state`.
    public var parameters: [String: String] = [:]
    /// `scope_separator`: a space by the standard, a comma at some.
    public var scopeSeparator = " "
    /// `scope_parameter`: the name under which scopes are asked for (Slack: `user_scope`).
    public var scopeParameter = "scope"
    /// `pkce`: whether a challenge is sent (RFC 7636, S256); off only where a server refuses what it does not know.
    public var usesPKCE = true
    /// `nonce`: whether one is sent where `openid` is asked for; off only where a server does not repeat it in the ID token.
    public var usesNonce = true

    public init() {}
}

/// The claims of an assertion of the kind `jwt_bearer` (RFC 7523 §3); nil takes what is named.
public struct AssertionRules: Hashable, Sendable {
    /// `assertion.issuer`; the client's identifier.
    public var issuer: String?
    /// `assertion.subject`, a template; the issuer, or none.
    public var subject: String?
    /// `assertion.subject_is_issuer`: whether the issuer is the subject where none is named: RFC 7523 §3 wants one, Google only for a user of its domain.
    public var subjectIsIssuer = true
    /// `assertion.audience`; the token endpoint.
    public var audience: String?
    /// `assertion.scope_claim`: whether the scopes stand in the assertion (Google) instead of beside it.
    public var hasScopeClaim = false

    public init() {}
}

/// A private key and how it signs (RFC 7515, RFC 7518 §3.1).
public struct SigningKey: Hashable, Sendable {
    /// PEM: PKCS #8, PKCS #1 or SEC 1.
    public var pem: Secret
    /// The `kid` of the header; nil for none.
    public var keyID: String?
    public var algorithm: Algorithm

    public enum Algorithm: String, Sendable, CaseIterable {
        case rs256 = "RS256"
        case ps256 = "PS256"
        case es256 = "ES256"
    }

    public init(pem: Secret, keyID: String? = nil, algorithm: Algorithm) {
        self.pem = pem
        self.keyID = keyID
        self.algorithm = algorithm
    }
}

/// PEM files of a provider's connections.
public struct TLSFiles: Hashable, Sendable {
    /// `tls.ca_file`: authorities to trust instead of the system's.
    public var caFile: String?
    /// `tls.certificate_file` and `tls.key_file`: the client's own (RFC 8705).
    public var certificateFile: String?
    public var keyFile: String?

    public init(caFile: String? = nil, certificateFile: String? = nil, keyFile: String? = nil) {
        self.caFile = caFile
        self.certificateFile = certificateFile
        self.keyFile = keyFile
    }
}
