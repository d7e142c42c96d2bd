// Decides, in one table, what is peculiar to each provider we know. A row holds only what differs from RFC 6749;
// the configuration overrides any value of it.

import Vocabulary

/// What is known of a provider before the operator says anything.
public struct Preset: Hashable, Sendable {
    /// The value of `preset` in the configuration.
    public let name: String
    public var authorizationEndpoint: String?
    public var tokenEndpoint: String?
    public var revocationEndpoint: String?
    public var scopes: [String] = []
    public var authMethod = ClientAuthMethod.clientSecretPost
    public var request = RequestRules()
    public var response = AnswerFormat()
    public var clientRules = ClientRules()

    /// Plain RFC 6749: what a provider without a preset is. Not in `all`: it is chosen by naming none.
    public static let rfc6749 = Preset(name: "rfc6749")

    /// Every preset that a configuration may name.
    public static let all: [Preset] = [seamless]

    /// Seamless.AI (its OpenAPI description and docs.seamless.ai): JSON in, no `expires_in`, no `token_type`, and
    /// errors of its own: 401 `{message}`, 422 `{msg, code, data}`, 429 `{code, message}`.
    public static let seamless = Preset(
        name: "seamless",
        authorizationEndpoint: "https://login.seamless.ai/oauth/authorize",
        tokenEndpoint: "https://api.seamless.ai/api/client/v1/oauth/accessToken",
        request: RequestRules(encoding: .json, sendsRedirectURIOnRefresh: true),
        response: AnswerFormat(
            expiresAt: .init(field: "expires_at", format: .epochSeconds),
            errorCodePaths: ["/code", "/error"],
            codes: [
                // The account or its plan lacks something that only its owner can buy or allow.
                "insufficientCredits": .clientConfiguration,
                "missingLicense": .clientConfiguration,
                "insufficientScope": .clientConfiguration,
                "rateLimitExceeded": .rateLimited,
            ]),
        // Its API's documented limit, for a whole organization.
        clientRules: ClientRules(budget: Rate(60, per: .minute)))
}

extension RequestRules {
    /// What differs from RFC 6749 in a row of `Preset`.
    init(encoding: RequestEncoding, sendsRedirectURIOnRefresh: Bool = false) {
        self.init()
        self.encoding = encoding
        self.sendsRedirectURIOnRefresh = sendsRedirectURIOnRefresh
    }
}
