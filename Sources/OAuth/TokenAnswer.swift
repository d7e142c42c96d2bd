// Decides what comes out of a token endpoint's answer. Whatever the answer, an old grant is never lost by it: a
// failure carries no instruction to delete, and a success without a new refresh token means "keep the old one".

import StrictJSON
import Vocabulary

/// A token endpoint's answer, judged.
public struct TokenAnswer: Hashable, Sendable {
    public let outcome: Outcome
    /// What its headers tell of the client's rate limit, whatever the outcome.
    public let allowance: Allowance?

    public enum Outcome: Hashable, Sendable {
        case granted(FreshGrant)
        /// No token came of it; the old grant stays as it is.
        case failed(Failure, AnswerDetail)
    }

    /// Judges a whole answer to a refresh.
    ///
    /// - Parameters:
    ///   - headers: the value of a header by its name, case-insensitively; nil where there is none.
    ///   - sentAt: when the request was sent; lifetimes count from here (RFC 6749 §5.1 counts from the generation
    ///     of the answer, which we cannot know: the earliest possible is the safe one).
    ///   - issuedSince: of a replay, when the refresh token was first presented: a provider that allows replays answers
    ///     with what it issued then, so the lifetime counts from there, and "none" means that it is over.
    ///   - receivedAt: when the answer was complete; `retryAfter` and the allowance count from here.
    public static func read(
        status: Int, headers: (String) -> String?, body: [UInt8], provider: Provider, sentAt: Moment,
        issuedSince: Moment? = nil, receivedAt: Moment
    ) -> TokenAnswer {
        let answer = AnswerReader(
            status: status, provider: provider, body: AnswerBody(body), sentAt: sentAt.wall,
            ageWhenSent: issuedSince.map { max(.zero, sentAt.boot - $0.boot) },
            pacing: Pacing(
                headers: headers, format: provider.response, sentAt: sentAt.wall, receivedAt: receivedAt.wall)
        )
        return TokenAnswer(outcome: answer.judged(), allowance: answer.pacing.allowance)
    }
}

/// A new access token and what came with it.
public struct FreshGrant: Hashable, Sendable {
    public var accessToken: Secret
    /// The scheme to serve it under: `Bearer`, or what the provider's `authorization_scheme` or `token_type_map` says.
    public var tokenType: String
    /// `lifetime` after the request was sent.
    public var expiresAt: WallTime
    /// From the sending of the request; never negative, never above the provider's `maximumLifetime`.
    public var lifetime: Duration
    /// Whether the answer or the provider's description gave the lifetime; otherwise it is `assumedLifetime`.
    public var lifetimeIsKnown: Bool
    /// The refresh token that replaces the old one; nil keeps the old one.
    public var refreshToken: Secret?
    public var refreshTokenExpiresAt: WallTime?
    /// nil where the answer names none: the scope is what it was (RFC 6749 §5.1).
    public var scope: String?

    /// An access token whose lifetime nobody states is taken to live so long: long enough not to burden a provider
    /// that means "for ever", and the lifetime most providers give.
    public static let assumedLifetime = Duration.seconds(3600)
}

/// What may be told of a failed answer: its status, code and shape; never a value from it.
public struct AnswerDetail: Hashable, Sendable, CustomStringConvertible {
    public let status: Int
    /// The error's code if it looks like one: 1 to 64 of `[A-Za-z0-9_.-]`.
    public let code: String?
    /// Why a success cannot be used.
    public let problem: UnusableGrant?
    /// The body's kind and member names.
    public let shape: String

    public var description: String {
        let code = code.map { ", code \($0)" } ?? ""
        let problem = problem.map { ", \($0.rawValue)" } ?? ""
        return "status \(status)\(code)\(problem), \(shape)"
    }
}

/// Why an answer that claims success yields no token.
public enum UnusableGrant: String, Error, Sendable {
    case noAccessToken = "no access token"
    case accessTokenNotHeaderSafe = "an access token that cannot stand in a header"
    case refreshTokenDamaged = "a refresh token with characters that are none"
    case unknownTokenType = "a token type that is not understood"
}
