// Decides how a failure is spoken of: a stable reason, and from it who must act. Rooms that detect failures choose
// the reason; nobody else derives the need again.

/// Who must act for an account to be well.
public enum Need: String, Sendable, CaseIterable {
    case nobody, time, `operator`, user
}

/// Why an account is not well: a stable kebab-case code of `STATUS`.
public enum Reason: String, Sendable, CaseIterable {
    /// The network, 408, 425, 5xx: it passes.
    case transient
    /// 429 or the provider's own code for it.
    case rateLimited = "rate-limited"
    /// A success that cannot be used: HTML, truncated JSON, no access token.
    case malformedAnswer = "malformed-answer"
    /// 401 or 403 without a known code: it does not say whether the client or the account is refused.
    case unauthorized
    /// The refresh token is dead: `invalid_grant` (RFC 6749 §5.2) and its relatives.
    case reauthorizationRequired = "reauthorization-required"
    /// The provider refuses our client or our request: `invalid_client`, 404, 422 and the like.
    case clientConfiguration = "client-configuration"
    /// The provider's certificate or protocol version was refused.
    case tls
    /// The request was sent and no whole answer came: the provider may have rotated the refresh token.
    case inDoubt = "in-doubt"
    /// The new grant could not be made durable yet.
    case storage
    /// The stored record cannot be opened: damaged, swapped, or sealed for another token endpoint.
    case recordDamaged = "record-damaged"

    /// Who must act.
    public var need: Need {
        switch self {
        case .transient, .rateLimited, .malformedAnswer, .unauthorized, .inDoubt: .time
        case .reauthorizationRequired: .user
        case .clientConfiguration, .tls, .storage, .recordDamaged: .operator
        }
    }
}

/// One failed refresh.
public struct Failure: Error, Hashable, Sendable {
    public let reason: Reason
    /// The provider's floor for the next attempt (Retry-After, X-RateLimit-Reset), from the answer's arrival.
    public let retryAfter: Duration?

    public init(_ reason: Reason, retryAfter: Duration? = nil) {
        self.reason = reason
        self.retryAfter = retryAfter
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
