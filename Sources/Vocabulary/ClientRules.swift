// Decides how what binds one client at one provider is spoken of: what the operator set, and what the provider's answers
// tell. A client is a provider's registration (RFC 6749 §2.2); providers count and limit by it, not by account.

/// What the configuration says of a client's requests.
public struct ClientRules: Hashable, Sendable {
    /// At most so many token requests; nil for as many as `concurrency` lets through.
    public var budget: Rate?
    /// Token requests in flight at once.
    public var concurrency: Int
    /// A planned refresh is never sent longer before the token's expiry than this, unless it would come too late
    /// otherwise; nil for half the token's lifetime.
    public var notEarlierThan: Duration?
    /// Whether a refresh token may be presented again whose answer was lost.
    public var replay: ReplayPolicy
    /// The least time between two refreshes of one account that succeeded (Instagram: a day).
    public var minimumRefreshInterval: Duration?
    /// The most time between two of them, whatever the access token's life: a refresh token that nobody uses dies.
    public var keepalive: Duration?
    /// Whether refreshing starts earlier where the budget could not do it all later. Off only to compare.
    public var plansAhead = true

    /// A token endpoint answers within a second or so; 64 are some hundred refreshes a second, and few enough that no
    /// provider takes them for an attack.
    public static let standardConcurrency = 64

    public init(
        budget: Rate? = nil, concurrency: Int = standardConcurrency, notEarlierThan: Duration? = nil,
        replay: ReplayPolicy = .standard
    ) {
        self.budget = budget
        self.concurrency = concurrency
        self.notEarlierThan = notEarlierThan
        self.replay = replay
    }
}

/// What an answer's headers tell of the client's rate limit (X-RateLimit-Remaining and -Reset and their relatives).
public struct Allowance: Hashable, Sendable {
    /// Requests left in the provider's window.
    public let remaining: Int64
    /// From the answer's arrival to the window's end; within 1 s and 1 h.
    public let resetsIn: Duration

    public init(remaining: Int64, resetsIn: Duration) {
        self.remaining = remaining
        self.resetsIn = resetsIn
    }
}
