// Decides how a failure is spoken of: a stable reason, and from it who must act. Rooms that detect failures choose
// the reason; nobody else derives the need again.

/// Who must act for an account to be well.
public enum Need: String, Sendable, CaseIterable {
    case nobody, time, `operator`, user
}

/// Why an account is not well: a stable kebab-case code of `STATUS`.
public enum Reason: String, Sendable, CaseIterable {
    /// The network before anything was sent, 408, 425, 500, 503: it passes.
    case transient
    /// 429 or the provider's own code for it.
    case rateLimited = "rate-limited"
    /// A success that cannot be used: HTML, truncated JSON, no access token.
    case malformedAnswer = "malformed-answer"
    /// 401 or 403 without a known code: it does not say whether the client or the account is refused.
    case unauthorized
    /// The refresh token is dead: `invalid_grant` (RFC 6749 §5.2) and its relatives.
    case reauthorizationRequired = "reauthorization-required"
    /// The refresh token is dead after an answer was lost: the provider rotated, and its successor never reached us.
    case lostRotation = "lost-rotation"
    /// The provider refuses our client or our request: `invalid_client`, 404, 422 and the like.
    case clientConfiguration = "client-configuration"
    /// The provider's certificate or protocol version was refused.
    case tls
    /// The request was sent and no whole answer of the provider came (timeout, reset, 502, 504): it may have rotated the
    /// refresh token.
    case inDoubt = "in-doubt"
    /// The state directory cannot be written: a new grant is in memory only, or no refresh may start.
    case storage
    /// The stored record cannot be opened: damaged, swapped, or sealed for another token endpoint.
    case recordDamaged = "record-damaged"

    /// Who must act.
    public var need: Need {
        switch self {
        case .transient, .rateLimited, .malformedAnswer, .unauthorized, .inDoubt: .time
        case .reauthorizationRequired, .lostRotation: .user
        case .clientConfiguration, .tls, .storage, .recordDamaged: .operator
        }
    }

    /// For a person: what happened, in a few words.
    public var explanation: String {
        switch self {
        case .transient: "the provider could not be reached or is troubled"
        case .rateLimited: "the provider wants fewer requests"
        case .malformedAnswer: "the provider's answer could not be used"
        case .unauthorized: "refused without saying whether client or account is meant"
        case .reauthorizationRequired:
            "the refresh token was revoked, has expired, or is shared with another program"
        case .lostRotation: "the provider rotated, and its answer was lost on the way"
        case .clientConfiguration: "the provider refuses our client or our request"
        case .tls: "the provider's certificate or its version of TLS was refused"
        case .inDoubt: "no answer came; the provider may have rotated"
        case .storage: "the state directory cannot be written"
        case .recordDamaged: "the stored record cannot be opened"
        }
    }

    /// Whether the provider may have rotated all the same: no answer, or a success of which nothing could be read.
    public var leavesDoubt: Bool { self == .inDoubt || self == .malformedAnswer }
}

/// One failed refresh.
public struct Failure: Error, Hashable, Sendable {
    public let reason: Reason
    /// The provider's floor for the next attempt (Retry-After, X-RateLimit-Reset), from the answer's arrival.
    public let retryAfter: Duration?
    /// Whether every account of the client would fail like this: `invalid_client`, a certificate that is refused.
    public let isOfClient: Bool

    public init(_ reason: Reason, retryAfter: Duration? = nil, isOfClient: Bool = false) {
        self.reason = reason
        self.retryAfter = retryAfter
        self.isOfClient = isOfClient
    }
}

/// An account's state, as `STATUS` and `LIST state=` name it.
public enum AccountState: String, Sendable, CaseIterable {
    case ok, refreshing, retrying, expired
    case loginNeeded = "login-needed"
    case operatorNeeded = "operator-needed"
    case inDoubt = "in-doubt"
    case new
}
