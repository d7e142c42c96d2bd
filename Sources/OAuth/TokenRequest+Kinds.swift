// Decides which parameters each kind of request has by its standard. What a provider makes of them is `ParameterList`'s.

import Vocabulary

extension TokenRequest {
    /// The request that yields the account's next access token, by the provider's kind: from a refresh token (RFC 6749 §6), by
    /// the client's credentials (§4.4), by an assertion (RFC 7523 §2.1), or in exchange for a living access token.
    ///
    /// - Parameters:
    ///   - refreshToken: of the kind `exchange_access_token` it is the access token; kinds without a user need none.
    ///   - isFirst: the token is a login's that has not been exchanged yet; matters where the provider has a first exchange.
    ///   - scope: what was granted; sent only where the provider wants it on refresh.
    ///   - redirectURI: the account's own, in place of the provider's; sent only where the provider wants one on refresh.
    public static func renewal(
        _ provider: Provider, refreshToken: Secret?, isFirst: Bool = false, scope: String? = nil,
        redirectURI: String? = nil, _ context: RequestContext
    ) throws(RequestProblem) -> TokenRequest {
        var endpoint: EndpointName = provider.refreshEndpoint == nil ? .token : .refresh
        let (kind, parameters): (RequestKind, [Parameter?])
        switch provider.kind {
        case .refreshToken:
            let rules = provider.request
            kind = .refreshToken
            parameters = [
                rules.sendsRedirectURIOnRefresh
                    ? Parameter("redirect_uri", redirectURI ?? provider.redirectURI) : nil,
                Parameter("grant_type", "refresh_token"),
                Parameter("refresh_token", try exposed(refreshToken)),
                rules.sendsScopeOnRefresh ? Parameter("scope", scope) : nil,
            ]
        case .clientCredentials:
            kind = .clientCredentials
            parameters = [
                Parameter("grant_type", "client_credentials"), Parameter("scope", provider.joinedScopes),
            ]
        case .jwtBearer:
            kind = .jwtBearer
            parameters = [
                Parameter("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"),
                Parameter("assertion", try ClientAssertion.grant(provider, context)),
                provider.assertion.hasScopeClaim ? nil : Parameter("scope", provider.joinedScopes),
            ]
        case .exchangeAccessToken:
            // No standard fits: both names are for `parameters` and `parameter_names` to replace.
            let isFirst = isFirst && provider.hasFirstExchange
            if isFirst { endpoint = .firstExchange }
            kind = isFirst ? .firstExchange : .exchangeAccessToken
            parameters = [
                Parameter("grant_type", "exchange_access_token"),
                Parameter("access_token", try exposed(refreshToken)),
            ]
        }
        return try TokenRequest(provider, to: endpoint, kind, parameters.compactMap { $0 }, context)
    }

    /// The request that trades a login's code for a grant (RFC 6749 §4.1.3, RFC 7636 §4.5).
    ///
    /// - Parameters:
    ///   - redirectURI: the login's own, in place of the provider's; must be what the authorization URL named.
    ///   - verifier: of the challenge in the authorization URL; not sent where the provider is without PKCE.
    public static func authorizationCode(
        _ provider: Provider, code: Secret, redirectURI: String? = nil, verifier: Secret?,
        _ context: RequestContext
    ) throws(RequestProblem) -> TokenRequest {
        let verifier = provider.authorization.usesPKCE ? verifier : nil
        let parameters = [
            Parameter("redirect_uri", redirectURI ?? provider.redirectURI),
            Parameter("grant_type", "authorization_code"), Parameter("code", code.exposed),
            Parameter("code_verifier", verifier?.exposed),
        ]
        return try TokenRequest(
            provider, to: .token, .authorizationCode, parameters.compactMap { $0 }, context)
    }

    /// The request that begins a login by device code (RFC 8628 §3.1).
    ///
    /// - Parameter scope: what to ask for, in place of the provider's scopes.
    public static func deviceAuthorization(
        _ provider: Provider, scope: String? = nil, _ context: RequestContext
    ) throws(RequestProblem) -> TokenRequest {
        let parameters = [Parameter("scope", scope ?? provider.joinedScopes)]
        return try TokenRequest(
            provider, to: .deviceAuthorization, .deviceCode, parameters.compactMap { $0 }, context)
    }

    /// The request that asks whether the user has consented by now (RFC 8628 §3.4).
    public static func deviceToken(
        _ provider: Provider, deviceCode: Secret, _ context: RequestContext
    ) throws(RequestProblem) -> TokenRequest {
        let parameters: [Parameter] = [
            Parameter("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
            Parameter("device_code", deviceCode.exposed),
        ]
        return try TokenRequest(provider, to: .token, .deviceCode, parameters, context)
    }

    /// The request that revokes a token at the provider (RFC 7009 §2.1).
    ///
    /// - Parameter hint: `refresh_token` or `access_token`.
    public static func revocation(
        _ provider: Provider, token: Secret, hint: String, _ context: RequestContext
    ) throws(RequestProblem) -> TokenRequest {
        let parameters: [Parameter] = [
            Parameter("token", token.exposed), Parameter("token_type_hint", hint),
        ]
        return try TokenRequest(provider, to: .revocation, .revocation, parameters, context)
    }

    private static func exposed(_ token: Secret?) throws(RequestProblem) -> String {
        guard let token else { throw .noToken }
        return token.exposed
    }
}
