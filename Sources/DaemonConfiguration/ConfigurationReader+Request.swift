// Decides how an operator says what a provider wants in its requests beyond RFC 6749.

import OAuth
import StrictJSON
import Vocabulary

extension ConfigurationReader {
    /// What goes to the authorization endpoint.
    mutating func readAuthorization(
        of section: Section, _ variables: [String: String], into provider: inout Provider
    ) {
        if let scopes = texts("scopes", of: section, .scope) { provider.scopes = scopes }
        let key = "authorize_parameters"
        if let parameters = textsByName(key, of: section, names: .ownParameter, .anyText) {
            provider.authorization.parameters = parameters
        }
        provider.authorization.parameters = provider.authorization.parameters.mapValues {
            filled($0, variables)
        }
        if let separator = text("scope_separator", of: section, .nonEmpty) {
            provider.authorization.scopeSeparator = separator
        }
        if let name = text("scope_parameter", of: section, .ownParameter) {
            provider.authorization.scopeParameter = name
        }
        if let usesPKCE = flag("pkce", of: section) { provider.authorization.usesPKCE = usesPKCE }
        if let usesNonce = flag("nonce", of: section) { provider.authorization.usesNonce = usesNonce }
    }

    /// What goes to the token endpoint.
    mutating func readRequest(
        of section: Section, _ variables: [String: String], into provider: inout Provider
    ) {
        var rules = provider.request
        let form = form(of: section, beside: (rules.method, rules.encoding))
        rules.method = form.method ?? rules.method
        rules.encoding = form.encoding ?? rules.encoding
        if let headers = textsByName("headers", of: section, names: .headerName, .headerValue) {
            rules.headers = headers
        }
        rules.headers = rules.headers.mapValues { filled($0, variables) }
        if let parameters = parameters(of: section) { rules.parameters = parameters }
        rules.parameters = rules.parameters.mapValues { $0.mapValues { filled($0, variables) } }
        if let names = parameterNames(of: section) { rules.parameterNames = names }
        if let own = ownRules(of: section, rules) { rules.own = own }
        refuseFirstExchange(of: section, provider.kind)
        if let sends = flag("redirect_uri_on_refresh", of: section) {
            rules.sendsRedirectURIOnRefresh = sends
        }
        if let sends = flag("scope_on_refresh", of: section) { rules.sendsScopeOnRefresh = sends }
        provider.request = rules
    }

    private mutating func refuseFirstExchange(of section: Section, _ kind: GrantKind) {
        let name = RequestKind.firstExchange.rawValue
        for key in ["parameters", "requests"]
        where kind != .exchangeAccessToken && section.object[key]?.object?[name] != nil {
            report(
                "\(section.path(of: key)).\(name)",
                .unacceptable(expected: "no such key where kind is not exchange_access_token"))
        }
    }

    /// `request_method` and `request_encoding`, for all requests or for those of one kind.
    /// - Parameter usual: what holds where neither is there.
    private mutating func form(
        of section: Section, beside usual: (method: RequestRules.Method, encoding: RequestEncoding)
    ) -> (method: RequestRules.Method?, encoding: RequestEncoding?) {
        let method = word(
            "request_method", of: section, kind: "request method", as: RequestRules.Method.self)
        let encoding = word(
            "request_encoding", of: section, kind: "request encoding", as: RequestEncoding.self)
        if method ?? usual.method == .get, encoding ?? usual.encoding != .query {
            let key = section.object["request_encoding"] == nil ? "request_method" : "request_encoding"
            report(section.path(of: key), .unacceptable(expected: "GET with request_encoding query only"))
        }
        return (method, encoding)
    }

    /// `requests`: what one kind of request has of its own.
    private mutating func ownRules(of section: Section, _ usual: RequestRules) -> [RequestKind: OwnRules]? {
        guard section.object["requests"] != nil else { return nil }
        let kinds = subsection("requests", of: section, keys: RequestKind.allCases.map(\.rawValue))
        let keys = ["request_method", "request_encoding", "token_endpoint_auth_method", "parameter_names"]
        var own: [RequestKind: OwnRules] = [:]
        for kind in RequestKind.allCases where kinds.object[kind.rawValue] != nil {
            let rules = subsection(kind.rawValue, of: kinds, keys: keys)
            let form = form(of: rules, beside: (usual.method, usual.encoding))
            own[kind] = OwnRules(
                method: form.method, encoding: form.encoding, authMethod: authMethod(of: rules),
                parameterNames: parameterNames(of: rules))
        }
        return own
    }

    private mutating func parameters(of section: Section) -> [RequestKind: [String: String]]? {
        guard section.object["parameters"] != nil else { return nil }
        let kinds = subsection("parameters", of: section, keys: RequestKind.allCases.map(\.rawValue))
        var parameters: [RequestKind: [String: String]] = [:]
        for kind in RequestKind.allCases {
            if let texts = textsByName(kind.rawValue, of: kinds, names: .nonEmpty, .anyText) {
                parameters[kind] = texts
            }
        }
        return parameters
    }

    private mutating func parameterNames(of section: Section) -> [String: String?]? {
        guard let mapping = mapping("parameter_names", of: section) else { return nil }
        var names: [String: String?] = [:]
        for name in mapping.object.names where isAccepted(name, in: mapping, by: .nonEmpty) {
            if mapping.object[name] == .null {
                names.updateValue(nil, forKey: name)
            } else if let other = text(name, of: mapping, .otherName) {
                names[name] = other
            }
        }
        return names
    }

    /// The claims of what the client signs for a grant.
    mutating func readAssertion(
        of section: Section, _ variables: [String: String], into provider: inout Provider
    ) {
        let keys = ["issuer", "subject", "subject_is_issuer", "audience", "scope_claim"]
        let assertion = subsection("assertion", of: section, keys: keys)
        func claim(_ key: String, _ reader: inout Self) -> String? {
            reader.text(key, of: assertion, .nonEmpty).map { reader.filled($0, variables) }
        }
        if let issuer = claim("issuer", &self) { provider.assertion.issuer = issuer }
        if let subject = claim("subject", &self) { provider.assertion.subject = subject }
        if let audience = claim("audience", &self) { provider.assertion.audience = audience }
        if let isIssuer = flag("subject_is_issuer", of: assertion) {
            provider.assertion.subjectIsIssuer = isIssuer
        }
        if let has = flag("scope_claim", of: assertion) { provider.assertion.hasScopeClaim = has }
    }
}
