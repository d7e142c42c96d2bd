// Decides when a provider counts as down, so that it is asked by one probe at a time instead of by every account, and how
// fast it is used again. After the circuit breaker (Nygard, Release It!, 2007) and TCP's slow start (RFC 5681 §3.1).
// Rejected: half-open with all at once, the stampede that puts a provider down again.

import Vocabulary

/// What is known of a provider's health from the answers it gives to one client. A value without a clock.
public struct Circuit: Sendable {
    public enum State: Hashable, Sendable {
        case closed
        /// Down. One probe may leave at `probeAt`; `probes` have been answered badly.
        case open(since: BootTime, probeAt: BootTime, probes: Int)
        /// A probe is out since `sentAt`.
        case probing(since: BootTime, sentAt: BootTime, probes: Int)
        /// Up again: so many requests at once, one more with each that is answered well.
        case recovering(limit: Int)
    }

    /// What an outcome changed.
    public enum Change: Hashable, Sendable {
        case opened
        /// The first good answer since `since`.
        case recovered(since: BootTime)
    }

    public private(set) var state = State.closed
    private var outcomes = SlidingCount(seconds: 30)
    private var lastProbe = BootTime.distantPast
    /// When it was last seen to be down: what failed before did so for that reason.
    public private(set) var lastDownAt = BootTime.distantPast
    /// Failures since the last good answer, and the account of the first of them.
    private var streak = (failures: 0, first: 0, isOfSeveral: false)
    private let concurrency: Int

    /// Fewer outcomes in 30 s prove nothing,
    static let leastOutcomes = 20
    /// unless so many failures follow each other, of more than one account: a client with few accounts has few outcomes.
    static let longestStreak = 10
    /// Between probes at most: an account is well within a minute of its provider.
    static let longestInterval = Duration.seconds(30)

    /// - Parameter concurrency: of the client; from so many at once on it counts as recovered.
    public init(concurrency: Int) { self.concurrency = concurrency }

    /// How many requests may be in flight.
    public var limit: Int {
        switch state {
        case .closed: concurrency
        case .open, .probing: 0
        case .recovering(let limit): limit
        }
    }

    /// When the next probe may leave; nil while none is due to.
    public var probeAt: BootTime? { if case .open(_, let probeAt, _) = state { probeAt } else { nil } }

    public var isDown: Bool { limit == 0 }

    /// Since when it is down.
    public var downSince: BootTime? {
        switch state {
        case .open(let since, _, _), .probing(let since, _, _): since
        case .closed, .recovering: nil
        }
    }

    /// A request leaves while the circuit is open.
    public mutating func probe(_ now: BootTime) {
        guard case .open(let since, _, let probes) = state else { return }
        lastProbe = now
        state = .probing(since: since, sentAt: now, probes: probes)
    }

    /// A request was answered by a provider that is well, whatever it said.
    public mutating func succeeded(_ now: BootTime) -> Change? {
        outcomes.add(isMarked: false, now)
        streak.failures = 0
        switch state {
        case .closed: return nil
        case .open(let since, _, _), .probing(let since, _, _):
            outcomes.clear()
            lastDownAt = now
            state = concurrency > 2 ? .recovering(limit: 2) : .closed
            return .recovered(since: since)
        case .recovering(let limit):
            state = limit + 1 >= concurrency ? .closed : .recovering(limit: limit + 1)
            return nil
        }
    }

    /// A request failed in a way that tells of the provider's health: unreachable, no answer, 5xx.
    /// - Parameter account: whose request it was.
    public mutating func failed(account: Int, isProbe: Bool, _ now: BootTime) -> Change? {
        outcomes.add(isMarked: true, now)
        streak =
            streak.failures == 0
            ? (1, account, false)
            : (streak.failures + 1, streak.first, streak.isOfSeveral || account != streak.first)
        if isDown { lastDownAt = now }
        switch state {
        case .closed, .recovering:
            if case .recovering(let limit) = state { state = .recovering(limit: max(1, limit / 2)) }
            let isHalf = outcomes.all >= Self.leastOutcomes && outcomes.marked * 2 >= outcomes.all
            guard isHalf || (streak.failures >= Self.longestStreak && streak.isOfSeveral) else { return nil }
            outcomes.clear()
            lastDownAt = now
            state = .open(since: now, probeAt: now + Self.interval(after: 0), probes: 0)
            return .opened
        case .probing(let since, let sentAt, let probes) where isProbe:
            // Counted from the sending: a probe that hangs does not make the next one later.
            state = .open(
                since: since, probeAt: max(now, sentAt + Self.interval(after: probes + 1)), probes: probes + 1
            )
            return nil
        case .open, .probing: return nil
        }
    }

    /// Somebody wants to know now. At most one probe a second is sent for it.
    public mutating func hasten(_ now: BootTime) {
        guard case .open(let since, let probeAt, let probes) = state else { return }
        state = .open(
            since: since, probeAt: min(probeAt, max(now, lastProbe + Self.interval(after: 0))), probes: probes
        )
    }

    /// The probe was not sent after all, or says nothing of the provider's health.
    public mutating func withdrawProbe(_ now: BootTime) {
        guard case .probing(let since, let sentAt, let probes) = state else { return }
        state = .open(since: since, probeAt: max(now, sentAt + Self.interval(after: 0)), probes: probes)
    }

    /// A second, doubled with each bad probe, at most 30 s.
    private static func interval(after probes: Int) -> Duration {
        min(.seconds(1 << min(probes, 5)), longestInterval)
    }
}
