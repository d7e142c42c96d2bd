// Decides how a table of requests is written: a provider with its peculiarities, what is asked of it, and the request's line.

import Testing
import Vocabulary

@testable import OAuth

/// A request and the whole line expected of it.
struct RequestRow: Sendable, CustomTestStringConvertible {
    enum Ask: Sendable {
        case renewal(scope: String? = nil, redirectURI: String? = nil)
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

    var testDescription: String { sentence }

    func request() throws(RequestProblem) -> TokenRequest {
        switch ask {
        case .renewal(let scope, let redirectURI):
            try .renewal(
                provider, refreshToken: Secret("r/1 "), scope: scope, redirectURI: redirectURI, .test)
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
