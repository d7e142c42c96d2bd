// Decides how a table of answers is written: an answer, and what must come of it in one line of words, so that a row
// shows everything that was judged and nothing else can slip by.

import Testing
import Vocabulary

@testable import OAuth

/// An answer of a token endpoint and the whole outcome expected of it.
struct AnswerRow: Sendable, CustomTestStringConvertible {
    let sentence: String
    let status: Int
    /// By name in lower case.
    let headers: [String: String]
    let bytes: [UInt8]
    let provider: Provider
    let outcome: String

    /// - Parameter headers: `Name: value`, one to a line.
    init(
        _ sentence: String, status: Int = 200, headers: String = "", body: String,
        in format: AnswerFormat = AnswerFormat(), is outcome: String
    ) {
        self.init(
            sentence, status: status, headers: headers, bytes: Array(body.utf8), in: format, is: outcome)
    }

    init(
        _ sentence: String, status: Int = 200, headers: String = "", bytes: [UInt8],
        in format: AnswerFormat = AnswerFormat(), is outcome: String
    ) {
        var provider = Provider.plain
        provider.response = format
        self.init(
            sentence, status: status, headers: headers, bytes: bytes, of: provider, is: outcome)
    }

    /// A row about an answer of the provider that `preset` describes.
    init(
        _ sentence: String, status: Int = 200, headers: String = "", body: String, of preset: Preset,
        is outcome: String
    ) {
        let provider = Provider(
            name: Provider.plain.name, preset: preset, tokenEndpoint: nil, clientID: "c", clientSecret: nil)
        self.init(
            "\(preset.name): \(sentence)", status: status, headers: headers, bytes: Array(body.utf8),
            of: provider, is: outcome)
    }

    init(
        _ sentence: String, status: Int, headers: String, bytes: [UInt8], of provider: Provider,
        is outcome: String
    ) {
        self.sentence = sentence
        self.status = status
        self.headers = Dictionary(
            uniqueKeysWithValues: headers.split(separator: "\n").map { line in
                let parts = line.split(separator: ": ", maxSplits: 1, omittingEmptySubsequences: false)
                return (parts[0].lowercased(), String(parts[1]))
            })
        self.bytes = bytes
        self.provider = provider
        self.outcome = outcome
    }

    var testDescription: String { sentence }

    /// Fri, 15 Jan 2027 08:00:00 GMT.
    static let sentAt = Moment(
        boot: BootTime(nanoseconds: 7_000_000_000), wall: WallTime(epochSeconds: 1_800_000_000))
    /// Two seconds later, so that counting from the wrong one shows.
    static let receivedAt = sentAt + .seconds(2)

    /// - Parameter age: of a replay, how long ago its refresh token was first presented.
    func judged(replayedAfter age: Duration? = nil) -> TokenAnswer {
        TokenAnswer.read(
            status: status, headers: { headers[$0.lowercased()] }, body: bytes, provider: provider,
            sentAt: Self.sentAt, issuedSince: age.map { Self.sentAt - $0 }, receivedAt: Self.receivedAt)
    }
}

extension Moment {
    fileprivate static func - (left: Self, right: Duration) -> Self { left + (.zero - right) }
}

extension TokenAnswer {
    /// `<token> <type> <lifetime in seconds>` with what else there is, or `<reason>` likewise.
    var words: String {
        var words: [String]
        switch outcome {
        case .granted(let grant):
            words = [grant.accessToken.exposed, grant.tokenType, "\(grant.lifetime.components.seconds)"]
            if !grant.lifetimeIsKnown { words.append("assumed") }
            if let token = grant.refreshToken { words.append("refresh=\(token.exposed)") }
            if let time = grant.refreshTokenExpiresAt {
                words.append("refresh-ends=\((time - AnswerRow.sentAt.wall).components.seconds)")
            }
            if let scope = grant.scope { words.append("scope='\(scope)'") }
        case .failed(let failure, let detail):
            words = [failure.reason.rawValue]
            if let code = detail.code { words.append("code=\(code)") }
            if failure.isOfClient { words.append("of-client") }
            if let after = failure.retryAfter { words.append("after=\(after.components.seconds)") }
        }
        if let allowance {
            words.append("left=\(allowance.remaining)/\(allowance.resetsIn.components.seconds)")
        }
        return words.joined(separator: " ")
    }
}

extension Provider {
    /// A provider without peculiarities.
    static let plain = Provider(
        name: ProviderName("plain")!, tokenEndpoint: "https://as.example/token", clientID: "client-1",
        clientSecret: Secret("hush"))
}

extension AnswerFormat {
    /// The standard's format with `change` made to it.
    static func with(_ change: (inout AnswerFormat) -> Void) -> AnswerFormat {
        var format = AnswerFormat()
        change(&format)
        return format
    }
}
