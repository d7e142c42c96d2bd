// Decides what has to be known of an authorization server and of our registration with it. A provider is data: what
// is peculiar to one stands in `Preset` or in the configuration, never in a branch on its name. A protocol with a
// type per provider was rejected: every knob could then be turned only by a release.

import Vocabulary

/// An authorization server's token endpoint and the client registered there (RFC 6749 §2).
public struct Provider: Hashable, Sendable {
    public let name: ProviderName
    public var authorizationEndpoint: String?
    public var tokenEndpoint: String
    /// RFC 7009.
    public var revocationEndpoint: String?
    public var clientID: String
    /// nil for a public client, whose `authMethod` is `none`.
    public var clientSecret: Secret?
    public var redirectURI: String?
    /// What a login asks for; a refresh never names a scope, which means the scope granted (RFC 6749 §6).
    public var scopes: [String]
    public var authMethod: ClientAuthMethod
    public var requestEncoding: RequestEncoding
    public var sendsRedirectURIOnRefresh: Bool
    /// The dialect of the token endpoint's answers.
    public var response: AnswerFormat
    /// A file of PEM certificates to trust instead of the system's.
    public var tlsCAFile: String?
    /// A longer lifetime is cut to this.
    public var maximumLifetime: Duration
    /// What binds the client's requests: budget, concurrency, when to refresh, whether to replay.
    public var clientRules: ClientRules

    /// One year, because no provider is known to issue longer ones: what lies beyond is a wrong unit or means
    /// "never", and a refresh a year costs nothing.
    public static let longestLifetime = Duration.seconds(365 * 86_400)

    /// A provider that is as `preset` says where nothing else is given.
    public init(
        name: ProviderName, preset: Preset = .rfc6749, tokenEndpoint: String, clientID: String,
        clientSecret: Secret?, redirectURI: String? = nil
    ) {
        self.name = name
        authorizationEndpoint = preset.authorizationEndpoint
        self.tokenEndpoint = tokenEndpoint
        revocationEndpoint = preset.revocationEndpoint
        self.clientID = clientID
        self.clientSecret = clientSecret
        self.redirectURI = redirectURI
        scopes = preset.scopes
        authMethod = preset.authMethod
        requestEncoding = preset.requestEncoding
        sendsRedirectURIOnRefresh = preset.sendsRedirectURIOnRefresh
        response = preset.response
        maximumLifetime = Self.longestLifetime
        clientRules = preset.clientRules
    }
}

/// How the client proves who it is at the token endpoint: `token_endpoint_auth_method` of RFC 7591 §2.
public enum ClientAuthMethod: String, Sendable, CaseIterable {
    case clientSecretPost = "client_secret_post"
    case clientSecretBasic = "client_secret_basic"
    /// A public client: it names itself and has no secret.
    case none
}

/// How the parameters of a token request are written into its body.
public enum RequestEncoding: String, Sendable, CaseIterable {
    /// `application/x-www-form-urlencoded`, as RFC 6749 §6 demands.
    case form
    /// A flat JSON object of strings.
    case json
}
