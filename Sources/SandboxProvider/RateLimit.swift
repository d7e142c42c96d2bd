// Decides when a client asks too often: a fixed window, as X-RateLimit-Reset suggests, because with one a client can do
// exact sums. A sliding window was rejected: its reset would be a different moment for each request.

/// So many requests in each window.
public struct Quota: Hashable, Sendable {
    public var requests: Int
    /// The window's length.
    public var seconds: Double

    public init(_ requests: Int, perSeconds seconds: Double) {
        self.requests = requests
        self.seconds = seconds
    }
}

/// The requests of one client at one endpoint within the current window.
struct RateLimit: Hashable, Sendable {
    /// What the X-RateLimit headers say.
    struct Reading: Hashable, Sendable {
        let isAllowed: Bool
        let limit: Int
        let remaining: Int
        /// Epoch seconds, rounded up: whoever waits until then is let in.
        let reset: Int
    }

    private let quota: Quota
    private var windowStart: Double = -.infinity
    private var used = 0

    init(_ quota: Quota) { self.quota = quota }

    mutating func take(now: Double) -> Reading {
        if now >= windowStart + quota.seconds {
            windowStart = now
            used = 0
        }
        let isAllowed = used < quota.requests
        if isAllowed { used += 1 }
        return Reading(
            isAllowed: isAllowed, limit: quota.requests, remaining: quota.requests - used,
            reset: Int((windowStart + quota.seconds).rounded(.up)))
    }
}
