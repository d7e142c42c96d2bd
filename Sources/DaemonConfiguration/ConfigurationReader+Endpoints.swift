// Decides what may stand in an endpoint. Variables of the configuration are filled in here, so that what is left is each
// account's; and an account must not decide which host gets the client's secret.

import OAuth
import StrictJSON
import Vocabulary

extension ConfigurationReader {
    /// The configuration's variables above the preset's; takes those of the accounts down in `provider`.
    mutating func variables(
        of section: Section, _ preset: Preset, _ provider: inout Provider
    ) -> [String: String] {
        let own = textsByName("variables", of: section, names: .variableOfTemplate, .templateValue) ?? [:]
        reportUnused(own.keys.sorted(), of: section, provider)
        if let names = texts("account_variables", of: section, .variableOfTemplate) {
            for (index, name) in names.enumerated() where own[name] != nil {
                report(
                    "\(section.path(of: "account_variables"))[\(index)]",
                    .unacceptable(expected: "a variable that does not stand in variables as well"))
            }
            provider.accountVariables = Set(names)
        }
        provider.accountVariables.subtract(own.keys)
        let usual = preset.variables.filter { !provider.accountVariables.contains($0.key) }
        return usual.merging(own) { $1 }
    }

    /// Reports the variables that no template names: beside a preset with usual values a misspelt one would go unnoticed.
    private mutating func reportUnused(_ names: [String], of section: Section, _ preset: Provider) {
        let templates = Self.endpoints.compactMap { preset[keyPath: $0.1] } + [preset.issuer ?? ""]
        let known = Set(templates.flatMap(Template.names)).subtracting(["account"]).sorted()
        let all = JSONValue.object(section.object).serialized
        for name in names where !known.contains(name) && !all.contains("{\(name)}") {
            let problem: ConfigurationError.Problem =
                known.isEmpty
                ? .unacceptable(expected: "a variable that stands somewhere as {\(name)}")
                : .unknownKey(known: EditDistance.nearestFirst(known, to: name))
            report("\(section.path(of: "variables")).\(name)", problem)
        }
    }

    /// Every endpoint, from the configuration or the preset, with `variables` filled in.
    mutating func readEndpoints(
        of section: Section, _ variables: [String: String], into provider: inout Provider
    ) {
        var unfilled: Set<String> = []
        provider.issuer = issuer(of: section, variables, preset: provider.issuer, &unfilled)
        if section.object["issuer"] == nil, provider.issuer == nil, provider.tokenEndpoint == nil {
            require("token_endpoint", of: section, TextRule.endpoint.expected)
        }
        if provider.kind != .exchangeAccessToken, section.object["first_exchange_endpoint"] != nil {
            report(
                section.path(of: "first_exchange_endpoint"),
                .unacceptable(expected: "no such key where kind is not exchange_access_token"))
        }
        // Where the preset has one for both, another one is for both as well.
        let isShared =
            provider.firstExchangeEndpoint != nil && provider.firstExchangeEndpoint == provider.tokenEndpoint
            && section.object["first_exchange_endpoint"] == nil
        defer { if isShared { provider.firstExchangeEndpoint = provider.tokenEndpoint } }
        for (key, path) in Self.endpoints {
            let own = text(key, of: section, .endpointTemplate)
            guard let template = own ?? provider[keyPath: path] else { continue }
            let filled = Template.fill(template, variables)
            provider[keyPath: path] = filled
            let missing = Template.names(in: filled).filter {
                $0 != "account" && !provider.accountVariables.contains($0)
            }
            let place = section.path(of: own == nil ? "variables" : key)
            for name in missing where own != nil || unfilled.insert(name).inserted {
                report(place, .unfilled(variable: name))
            }
            if missing.isEmpty { checkEndpoint(filled, at: section.path(of: key)) }
        }
    }

    private static var endpoints: [(String, WritableKeyPath<Provider, String?>)] {
        [
            ("authorization_endpoint", \.authorizationEndpoint), ("token_endpoint", \.tokenEndpoint),
            ("refresh_endpoint", \.refreshEndpoint), ("first_exchange_endpoint", \.firstExchangeEndpoint),
            ("revocation_endpoint", \.revocationEndpoint),
            ("device_authorization_endpoint", \.deviceAuthorizationEndpoint),
        ]
    }

    /// An issuer is one server's name, so no account's variable stands in it. The preset's does not speak for an
    /// authorization endpoint of the operator's own.
    private mutating func issuer(
        of section: Section, _ variables: [String: String], preset: String?, _ unfilled: inout Set<String>
    ) -> String? {
        let own = text("issuer", of: section, .issuerTemplate)
        let usual = section.object["authorization_endpoint"] == nil ? preset : nil
        guard let template = own ?? usual else { return nil }
        let filled = Template.fill(template, variables)
        let missing = Template.names(in: filled)
        let place = section.path(of: own == nil ? "variables" : "issuer")
        for name in missing where unfilled.insert(name).inserted {
            report(place, .unfilled(variable: name))
        }
        if missing.isEmpty, !TextRule.issuer.accepts(filled) {
            report(section.path(of: "issuer"), .unacceptable(expected: TextRule.issuer.expected))
        }
        return filled
    }

    private mutating func checkEndpoint(_ template: String, at path: String) {
        // Any word will do: what an account may fill in holds nothing that changes a URL's structure.
        let names = Template.names(in: template)
        let sample = Template.fill(template, Dictionary(uniqueKeysWithValues: names.map { ($0, "sample") }))
        guard TextRule.endpoint.accepts(sample) else {
            report(path, .unacceptable(expected: TextRule.endpoint.expected))
            return
        }
        guard Endpoint.hasFixedHost(template) else {
            let expected =
                "an account's variable only as the first label of a host, in front of a domain of at least two, "
                + "as in https://{shop}.example.com"
            report(path, .unacceptable(expected: expected))
            return
        }
    }
}

extension ConfigurationReader {
    /// `text` with the configuration's variables filled in.
    func filled(_ text: String, _ variables: [String: String]) -> String { Template.fill(text, variables) }
}
