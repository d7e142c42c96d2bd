// Decides when a client asks too often: a fixed window of a minute, as X-RateLimit-Reset suggests, because with one
// a client can do exact sums. A sliding window was rejected: its reset would be a different moment for each request.

/// The requests of one client at one endpoint within the current minute.
struct RateLimit: Hashable, Sendable {
    /// What the X-RateLimit headers say.
    struct Reading: Hashable, Sendable {
        let isAllowed: Bool
        let limit: Int
        let remaining: Int
        /// Epoch seconds, rounded up: whoever waits until then is let in.
        let reset: Int
    }

    /// A minute: limits are given per minute.
    private static let window: Double = 60

    let limit: Int
    private var windowStart: Double = -.infinity
    private var used = 0

    init(limit: Int) { self.limit = limit }

    mutating func take(now: Double) -> Reading {
        if now >= windowStart + Self.window {
            windowStart = now
            used = 0
        }
        let isAllowed = used < limit
        if isAllowed { used += 1 }
        return Reading(
            isAllowed: isAllowed, limit: limit, remaining: limit - used,
            reset: Int((windowStart + Self.window).rounded(.up)))
    }
}
