// Decides which keys a provider has and which of them must be there. A preset's values hold where the configuration says
// nothing; what it says replaces them key by key.

import OAuth
import StrictJSON
import Vocabulary

extension ConfigurationReader {
    private static let providerKeys = [
        "preset", "kind", "issuer", "authorization_endpoint", "token_endpoint", "refresh_endpoint",
        "first_exchange_endpoint",
        "revocation_endpoint", "device_authorization_endpoint", "variables", "account_variables",
        "client_id", "client_secret", "private_key", "key_id", "signing_algorithm",
        "token_endpoint_auth_method", "redirect_uri", "scopes", "authorize_parameters", "scope_separator",
        "scope_parameter", "pkce", "nonce", "request_method", "request_encoding", "headers", "parameters",
        "parameter_names", "requests", "redirect_uri_on_refresh", "scope_on_refresh", "assertion",
        "authorization_scheme", "refresh_token_lifetime", "min_refresh_interval", "keepalive", "rate",
        "replay_after_lost_response", "not_earlier_than", "tls", "response",
    ]

    /// The provider `name` that `value` describes; what is wrong in it is reported and left as the preset has it.
    mutating func provider(_ name: ProviderName, _ value: JSONValue, at path: String) -> Provider? {
        guard let section = section(value, at: path, keys: Self.providerKeys) else { return nil }
        // What an unknown preset would have supplied must not be reported as missing besides.
        guard let preset = preset(of: section) else { return nil }
        var provider = Provider(
            name: name, preset: preset, tokenEndpoint: nil, clientID: "", clientSecret: nil)
        if let kind = word("kind", of: section, kind: "kind of grant", as: GrantKind.self) {
            provider.kind = kind
        }
        let variables = variables(of: section, preset, &provider)
        readEndpoints(of: section, variables, into: &provider)
        provider.clientID = requiredText("client_id", of: section, .nonEmpty) ?? ""
        readRequest(of: section, variables, into: &provider)
        readClient(of: section, into: &provider)
        readAuthorization(of: section, variables, into: &provider)
        readRedirectURI(of: section, into: &provider)
        readAssertion(of: section, variables, into: &provider)
        readServing(of: section, into: &provider)
        readResponse(of: section, into: &provider.response)
        readRules(of: section, into: &provider)
        readTLS(of: section, into: &provider)
        return provider
    }

    private mutating func preset(of section: Section) -> Preset? {
        guard section.object["preset"] != nil else { return .rfc6749 }
        let name = word("preset", of: section, kind: "preset", known: Preset.all.map(\.name))
        return Preset.all.first { $0.name == name }
    }

    /// A login may bring its own; only what goes with each refresh must be known before.
    private mutating func readRedirectURI(of section: Section, into provider: inout Provider) {
        provider.redirectURI =
            provider.request.sendsRedirectURIOnRefresh
            ? requiredText("redirect_uri", of: section, .redirectURI)
            : text("redirect_uri", of: section, .redirectURI)
    }

    /// What is served, and for how long it can be renewed.
    private mutating func readServing(of section: Section, into provider: inout Provider) {
        if let scheme = text("authorization_scheme", of: section, .scheme) {
            provider.authorizationScheme = scheme
        }
        if let lifetime = duration("refresh_token_lifetime", of: section, .lifetime) {
            provider.refreshTokenLifetime = lifetime
        }
    }
}
