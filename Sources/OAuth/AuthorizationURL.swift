// Decides where a user is sent to consent. Pure: state, verifier and nonce are made elsewhere, where there is randomness.

import Crypto
import Vocabulary

/// The URL of an authorization request (RFC 6749 §4.1.1, RFC 7636 §4.3, OpenID Connect Core §3.1.2.1).
public enum AuthorizationURL {
    /// - Parameters:
    ///   - verifier: what the challenge is made from; without one, or where the provider is without PKCE, there is none.
    ///   - redirectURI: the login's own, in place of the provider's.
    ///   - scope: what to ask for, as the provider separates it; nil asks for the provider's scopes.
    public static func make(
        _ provider: Provider, state: String, verifier: Secret?, nonce: String? = nil,
        redirectURI: String? = nil,
        scope: String? = nil, _ context: RequestContext
    ) throws(RequestProblem) -> String {
        let rules = provider.authorization
        let challenge = rules.usesPKCE ? verifier.map(challenge) : nil
        let standard = [
            Parameter("response_type", "code"),
            Parameter("client_id", provider.clientID),
            Parameter("redirect_uri", redirectURI ?? provider.redirectURI),
            Parameter(rules.scopeParameter, scope ?? provider.joinedScopes),
            Parameter("state", state),
            Parameter("code_challenge", challenge),
            Parameter("code_challenge_method", challenge == nil ? nil : "S256"),
            Parameter("nonce", nonce),
        ]
        var parameters = ParameterList(standard.compactMap { $0 })
        // A state that is known beforehand protects nobody (RFC 6749 §10.12).
        let own = rules.parameters.filter { $0.key != "state" }
        try parameters.apply(extra: own, names: [:], context)
        return parameters.appended(to: try provider.endpoint(.authorization, context))
    }

    /// The S256 challenge of RFC 7636 §4.2.
    static func challenge(_ verifier: Secret) -> String {
        Base64URL.encode(SHA256.hash(data: Array(verifier.exposed.utf8)))
    }
}
