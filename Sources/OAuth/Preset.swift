// Decides what a preset is: a provider without its client. Each row starts from RFC 6749 and assigns what differs, under
// the names that `Provider` has for it; the configuration overrides any of it. A type of its own with the same fields
// again was rejected: it would have to follow `Provider` knob by knob.

import Vocabulary

/// What is known of a provider before the operator says anything.
@dynamicMemberLookup
public struct Preset: Hashable, Sendable {
    /// The value of `preset` in the configuration.
    public let name: String
    /// What its templates are filled with where the configuration's `variables` say nothing else. A variable that has no
    /// usual value is not here: the operator has to give it.
    public var variables: [String: String] = [:]
    /// Everything but the client.
    var provider: Provider

    /// A row of the table: RFC 6749 with `differences` made to it.
    init(_ name: String, _ differences: (inout Preset) -> Void = { _ in }) {
        guard let providerName = ProviderName(name) else {
            preconditionFailure("a preset's name has a provider's form")
        }
        self.name = name
        provider = Provider(standard: providerName)
        differences(&self)
    }

    public subscript<Value>(dynamicMember path: WritableKeyPath<Provider, Value>) -> Value {
        get { provider[keyPath: path] }
        set { provider[keyPath: path] = newValue }
    }

    /// Plain RFC 6749: what a provider without a preset is. Not in `all`: it is chosen by naming none.
    public static let rfc6749 = Preset("rfc6749")

    /// Every preset that a configuration may name.
    public static let all: [Preset] = [
        seamless, google, googleServiceAccount, microsoft, github, slack, salesforce, hubspot, zoho, xero,
        intuit, atlassian, dropbox, box, notion, linear, discord, spotify, x, linkedin, shopify, stripe,
        stripeApps, facebook, instagram, okta, auth0, keycloak, openai,
    ]
}

extension [String: AnswerClass] {
    /// Codes by what they mean, as a configuration's lists have them.
    init(
        reauthorization: [String] = [], client: [String] = [], rate: [String] = [], transient: [String] = []
    ) {
        self.init()
        for code in reauthorization { self[code] = .reauthorizationRequired }
        for code in client { self[code] = .clientConfiguration }
        for code in rate { self[code] = .rateLimited }
        for code in transient { self[code] = .transient }
    }
}

extension Duration {
    static func days(_ count: Int) -> Duration { .seconds(count * 86_400) }
}
