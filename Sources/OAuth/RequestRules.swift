// Decides what can be said of a provider's requests: how the client shows itself, how parameters are written, and what one
// kind of request has of its own.

/// How the client proves who it is at the token endpoint: `token_endpoint_auth_method` of RFC 7591 §2.
public enum ClientAuthMethod: String, Sendable, CaseIterable {
    case clientSecretPost = "client_secret_post"
    /// HTTP Basic, both words form-encoded first (RFC 6749 §2.3.1).
    case clientSecretBasic = "client_secret_basic"
    /// HTTP Basic without that encoding, as some servers want it against the standard.
    case clientSecretBasicRaw = "client_secret_basic_raw"
    /// HTTP Basic with the secret as the user name, no password and no client_id: our own word for what Stripe Apps want.
    case clientSecretAsUsername = "client_secret_as_username"
    /// A signed assertion (RFC 7523 §2.2).
    case privateKeyJWT = "private_key_jwt"
    /// The client's TLS certificate (RFC 8705 §2.1.1).
    case tlsClientAuth = "tls_client_auth"
    /// A public client: it names itself and has no secret.
    case none

    /// Whether it shows the client's secret.
    public var needsSecret: Bool {
        switch self {
        case .clientSecretPost, .clientSecretBasic, .clientSecretBasicRaw, .clientSecretAsUsername: true
        case .privateKeyJWT, .tlsClientAuth, .none: false
        }
    }
}

/// How the parameters of a request are written.
public enum RequestEncoding: String, Sendable, CaseIterable {
    /// `application/x-www-form-urlencoded`, as RFC 6749 §6 demands.
    case form
    /// A flat JSON object of strings.
    case json
    /// In the URL, where they may stand in logs: only for a provider that wants it so.
    case query
}

/// How requests to the token endpoint differ from RFC 6749's.
public struct RequestRules: Hashable, Sendable {
    /// `request_method`.
    public var method = Method.post
    /// `request_encoding`.
    public var encoding = RequestEncoding.form
    /// `headers`: beside ours, or in their place.
    public var headers: [String: String] = [:]
    /// `parameters`: extra ones by the grant that they are for.
    public var parameters: [RequestKind: [String: String]] = [:]
    /// `parameter_names`: another name for a standard parameter; nil leaves it out.
    public var parameterNames: [String: String?] = [:]
    /// `requests`: what one kind of request has of its own, in place of what holds for all.
    public var own: [RequestKind: OwnRules] = [:]
    /// `redirect_uri_on_refresh`.
    public var sendsRedirectURIOnRefresh = false
    /// `scope_on_refresh`: what was granted is asked for again; without it the scope stays what it is (RFC 6749 §6).
    public var sendsScopeOnRefresh = false

    public enum Method: String, Sendable, CaseIterable {
        case post = "POST"
        case get = "GET"
    }

    public init() {}
}

/// What one kind of request has of its own: an entry of `requests`, under the names that hold for all. nil leaves it so.
public struct OwnRules: Hashable, Sendable {
    public var method: RequestRules.Method?
    public var encoding: RequestEncoding?
    public var authMethod: ClientAuthMethod?
    public var parameterNames: [String: String?]?

    public init(
        method: RequestRules.Method? = nil, encoding: RequestEncoding? = nil,
        authMethod: ClientAuthMethod? = nil, parameterNames: [String: String?]? = nil
    ) {
        self.method = method
        self.encoding = encoding
        self.authMethod = authMethod
        self.parameterNames = parameterNames
    }
}

/// Which request is meant: the keys of `parameters` and `requests`.
public enum RequestKind: String, Sendable, CaseIterable {
    case authorizationCode = "authorization_code"
    case refreshToken = "refresh_token"
    case clientCredentials = "client_credentials"
    case jwtBearer = "jwt_bearer"
    case exchangeAccessToken = "exchange_access_token"
    /// The exchange of a login's short-lived access token, where it goes elsewhere than later ones.
    case firstExchange = "first_exchange"
    /// Both of RFC 8628's requests.
    case deviceCode = "device_code"
    case revocation
}

extension Provider {
    /// The provider as requests of `kind` see it: with what these have of their own in place of what holds for all.
    func described(for kind: RequestKind) -> Provider {
        guard let own = request.own[kind] else { return self }
        var provider = self
        if let method = own.method { provider.request.method = method }
        if let encoding = own.encoding { provider.request.encoding = encoding }
        if let method = own.authMethod { provider.authMethod = method }
        if let names = own.parameterNames { provider.request.parameterNames = names }
        return provider
    }
}
