// Decides how much of a client's traffic may be second tries: where one request in three fails, retrying each at once is
// what turns trouble into an outage (Beyer et al., Site Reliability Engineering, 2016, ch. 21).

import Vocabulary

/// Retries, bounded by a tenth of the client's requests over ten seconds. A value without a clock.
public struct RetryBudget: Sendable {
    private var requests = SlidingCount(seconds: 10)

    /// What a client that sends little may retry all the same: one a second.
    static let least = 10

    public init() {}

    /// The earliest a retry may leave: `now`, or when the window has moved on.
    public mutating func earliest(_ now: BootTime) -> BootTime {
        requests.advance(to: now)
        guard requests.marked >= max(Self.least, requests.all / 10) else { return now }
        return BootTime(nanoseconds: (now.nanoseconds / 1_000_000_000 + 1) * 1_000_000_000)
    }

    public mutating func spend(isRetry: Bool, _ now: BootTime) { requests.add(isMarked: isRetry, now) }
}
