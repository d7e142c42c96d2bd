// Decides when a client's next token request may leave: a token bucket, reckoned as the Generic Cell Rate Algorithm does
// (ITU-T I.371): one time instead of a counter and a refill. What the provider tells of its limit only slows it down.
// Rejected: a counter per clock minute, which lets twice the budget through around each full minute; and to learn upward,
// for what a provider leaves us may be meant for the company's other programs.

import Vocabulary

/// A client's right to send token requests. A value without a clock.
public struct Budget: Sendable {
    private let configured: Rate?
    /// How far apart requests are, by what the provider last told, and until when that holds.
    private var learned: (interval: Duration, until: BootTime)?
    /// When the next request would leave, were they evenly spread.
    private var nextAt = BootTime.distantPast
    public private(set) var pausedSince: BootTime?
    /// No request leaves before, but for one probe.
    public private(set) var pausedUntil = BootTime.distantPast
    private var hasProbed = false
    /// Pauses in a row for which the provider named no end.
    private var unnamedPauses = 0

    /// For which the provider named no end: 1 s, 2 s and so on up to a minute.
    private static let longestUnnamedPause = Duration.seconds(60)

    public init(_ configured: Rate?) { self.configured = configured }

    /// How far apart requests are at `now`; nil where nothing bounds them.
    public func interval(_ now: BootTime) -> Duration? {
        let learned = learned.flatMap { now < $0.until ? $0.interval : nil }
        return [configured?.interval, learned].compactMap { $0 }.max()
    }

    /// Requests that may leave at once: what half a second gives. With it no second has more than twice the budget and
    /// no 10 s more than 1.1 times, some of it left for what the way to the provider adds.
    private static func burst(_ interval: Duration) -> Int64 {
        max(1, 500_000_000 / max(1, interval.nanoseconds))
    }

    /// The earliest a request may leave: `now`, or later.
    public func earliest(_ now: BootTime) -> BootTime {
        max(now, pausedUntil, earliestOfRate(now))
    }

    private func earliestOfRate(_ now: BootTime) -> BootTime {
        guard let interval = interval(now) else { return .distantPast }
        return nextAt - interval * Int(Self.burst(interval) - 1)
    }

    /// A request leaves at `now`.
    public mutating func spend(_ now: BootTime) {
        if now < pausedUntil { hasProbed = true }
        guard let interval = interval(now) else { return }
        nextAt = max(nextAt, now) + interval
    }

    /// Whether one request may leave although the client is paused: for somebody who asks for it.
    public func mayProbe(_ now: BootTime) -> Bool {
        now < pausedUntil && !hasProbed && earliestOfRate(now) <= now
    }

    /// The answer to a request that left at `sentAt` told what is left of the provider's window.
    /// - Parameter inFlight: requests that the provider has not counted yet.
    public mutating func learn(_ allowance: Allowance, inFlight: Int, _ now: BootTime) {
        let left = allowance.remaining - Int64(inFlight)
        guard left > 0 else { return pause(until: now + allowance.resetsIn, now) }
        learned = (allowance.resetsIn / Int(clamping: left), now + allowance.resetsIn)
    }

    /// The provider answered 429 or 503 to a request that left at `sentAt`.
    ///
    /// - Parameter retryAfter: as long as it asked for; nil where it did not, then a second, doubled with each time in a row.
    public mutating func limit(retryAfter: Duration?, sentAt: BootTime, _ now: BootTime) {
        if let retryAfter { return pause(until: now + retryAfter, now) }
        // What left before the pause began tells nothing new.
        if let pausedSince, sentAt < pausedSince { return }
        let pause = min(Duration.seconds(1 << min(unnamedPauses, 6)), Self.longestUnnamedPause)
        unnamedPauses += 1
        self.pause(until: now + pause, now)
    }

    private mutating func pause(until end: BootTime, _ now: BootTime) {
        guard end > pausedUntil else { return }
        if now >= pausedUntil { hasProbed = false }
        pausedSince = now
        pausedUntil = end
    }

    /// A request was answered well.
    public mutating func succeeded() { unnamedPauses = 0 }
}
