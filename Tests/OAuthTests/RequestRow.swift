// Decides how a table of requests is written: a provider with its peculiarities, what is asked of it, and the request's line.

import Testing
import Vocabulary

@testable import OAuth

/// A request and the whole line expected of it.
struct RequestRow: Sendable, CustomTestStringConvertible {
    enum Ask: Sendable {
        case renewal(isFirst: Bool = false, scope: String? = nil, redirectURI: String? = nil)
        case code(verifier: String? = nil, redirectURI: String? = nil)
        case device(scope: String? = nil)
        case deviceToken
        case revocation(hint: String)
    }

    let sentence: String
    let ask: Ask
    let provider: Provider
    let line: String

    init(
        _ sentence: String, _ ask: Ask, _ change: (inout Provider) -> Void = { _ in }, is line: String
    ) {
        self.sentence = sentence
        self.ask = ask
        provider = .with(change)
        self.line = line
    }

    /// A row of the provider that `preset` describes.
    init(_ sentence: String, _ ask: Ask, of preset: Preset, is line: String) {
        self.sentence = "\(preset.name): \(sentence)"
        self.ask = ask
        var provider = Provider(
            name: Provider.plain.name, preset: preset, tokenEndpoint: nil, clientID: "client-1",
            clientSecret: Secret("hush"), redirectURI: "https://app.example/cb")
        for path in [\Provider.tokenEndpoint, \.firstExchangeEndpoint, \.refreshEndpoint] {
            provider[keyPath: path] = provider[keyPath: path].map { Template.fill($0, preset.variables) }
        }
        self.provider = provider
        self.line = line
    }

    var testDescription: String { sentence }

    func request() throws(RequestProblem) -> TokenRequest {
        switch ask {
        case .renewal(let isFirst, let scope, let redirectURI):
            try .renewal(
                provider, refreshToken: Secret("r/1 "), isFirst: isFirst, scope: scope,
                redirectURI: redirectURI, .test)
        case .code(let verifier, let redirectURI):
            try .authorizationCode(
                provider, code: Secret("c/1"), redirectURI: redirectURI, verifier: verifier.map(Secret.init),
                .test)
        case .device(let scope): try .deviceAuthorization(provider, scope: scope, .test)
        case .deviceToken: try .deviceToken(provider, deviceCode: Secret("d+1"), .test)
        case .revocation(let hint): try .revocation(provider, token: Secret("r1"), hint: hint, .test)
        }
    }
}
