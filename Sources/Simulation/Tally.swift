// Decides what is counted, minute by minute. A lapse is entered when it ends (or when the run does), from the expiry it began
// with: no event has to happen at the moment a token lapses, and a million accounts cost nothing while they are well.

import Vocabulary

/// What came to pass with a client's accounts. Times are durations from the start.
public struct Tally: Sendable {
    /// Per minute.
    public private(set) var refreshes: [Int32]
    /// Attempts that brought no grant, per minute.
    public private(set) var failures: [Int32]
    /// Accounts whose token lapsed in the minute.
    public private(set) var lapses: [Int32]
    private var lapsedChanges: [Int32]
    private var overdueChanges: [Int32]

    public private(set) var refreshesTotal = 0
    public private(set) var failuresTotal = 0
    /// Tokens that lapsed before a new one came; not those that had lapsed at the start.
    public private(set) var lapsesTotal = 0
    public private(set) var lapsedAtStart = 0
    /// Accounts that are lapsed when the run ends.
    public private(set) var lapsedAtEnd = 0
    public private(set) var firstLapse: Duration?
    public private(set) var lastLapse: Duration?
    public private(set) var longestLapse = Duration.zero
    /// When the last lapsed account got its new token.
    public private(set) var lastRecovery: Duration?

    init(minutes: Int) {
        refreshes = Array(repeating: 0, count: minutes)
        failures = refreshes
        lapses = refreshes
        lapsedChanges = Array(repeating: 0, count: minutes + 1)
        overdueChanges = lapsedChanges
    }

    public var minutes: Int { refreshes.count }
    /// When no account is lapsed any more; nil where some still are at the end, zero where none ever was.
    public var caughtUpAt: Duration? { lapsedAtEnd > 0 ? nil : lastRecovery ?? .zero }
    public func isCaughtUp(by time: Duration) -> Bool { caughtUpAt.map { $0 <= time } ?? false }
    /// Accounts without a valid token at some time of each minute.
    public var lapsed: [Int] { Self.sums(lapsedChanges) }
    /// Accounts past their planned refresh at some time of each minute.
    public var overdue: [Int] { Self.sums(overdueChanges) }

    private static func sums(_ changes: [Int32]) -> [Int] {
        var sum = 0
        return changes.dropLast().map { change in
            sum += Int(change)
            return sum
        }
    }

    private func minute(_ time: Int64) -> Int {
        min(max(Int(time / 60_000_000_000), 0), minutes - 1)
    }

    // MARK: Entries, in nanoseconds from the start

    mutating func failed(at time: Int64) {
        failures[minute(time)] += 1
        failuresTotal += 1
    }

    mutating func refreshed(at time: Int64) {
        refreshes[minute(time)] += 1
        refreshesTotal += 1
    }

    /// A token that was due for its refresh at `due` and lapsed at `expiry` was followed by another at `time`, or by nothing
    /// until the run's end.
    mutating func replaced(due: Int64, expiry: Int64, at time: Int64, isEnd: Bool = false) {
        if due < time {
            overdueChanges[minute(due)] += 1
            overdueChanges[minute(time) + 1] -= 1
        }
        guard expiry < time else { return }
        lapsedChanges[minute(expiry)] += 1
        lapsedChanges[minute(time) + 1] -= 1
        longestLapse = max(longestLapse, .nanoseconds(time - max(expiry, 0)))
        if isEnd { lapsedAtEnd += 1 } else { lastRecovery = max(lastRecovery ?? .zero, .nanoseconds(time)) }
        guard expiry > 0 else {
            lapsedAtStart += 1
            return
        }
        lapses[minute(expiry)] += 1
        lapsesTotal += 1
        firstLapse = min(firstLapse ?? .nanoseconds(expiry), .nanoseconds(expiry))
        lastLapse = max(lastLapse ?? .nanoseconds(expiry), .nanoseconds(expiry))
    }

    // MARK: Figures

    /// The busiest stretch of `width` minutes in `minutes` over the mean; 0 where nothing was refreshed. Stretches that
    /// would reach beyond the end are left out.
    public func peakToMean(in minutes: Range<Int>, width: Int) -> Double {
        let minutes = minutes.clamped(to: 0..<self.minutes)
        let stretches = stride(from: minutes.lowerBound, through: minutes.upperBound - width, by: width).map {
            refreshes[$0..<$0 + width].reduce(0) { $0 + Int($1) }
        }
        let sum = stretches.reduce(0, +)
        guard sum > 0, let peak = stretches.max() else { return 0 }
        return Double(peak) * Double(stretches.count) / Double(sum)
    }

    /// The minutes in which `count` accounts are refreshed once more, from the first one that is at `start` or later; to the
    /// end where the run ends before.
    public func cycle(from start: Duration, of count: Int) -> Range<Int> {
        let after = refreshes.indices.dropFirst(minute(start.nanoseconds))
        let first = after.first { refreshes[$0] > 0 } ?? minutes
        var left = count
        let end = refreshes.indices.dropFirst(first).first {
            left -= Int(refreshes[$0])
            return left <= 0
        }
        return first..<(end ?? minutes)
    }

    /// The tally of several clients together.
    public static func sum(_ tallies: [Tally]) -> Tally {
        guard var sum = tallies.first else { return Tally(minutes: 1) }
        for tally in tallies.dropFirst() { sum.add(tally) }
        return sum
    }

    private mutating func add(_ other: Tally) {
        func add(_ own: inout [Int32], _ others: [Int32]) {
            for index in own.indices { own[index] += others[index] }
        }
        add(&refreshes, other.refreshes)
        add(&failures, other.failures)
        add(&lapses, other.lapses)
        add(&lapsedChanges, other.lapsedChanges)
        add(&overdueChanges, other.overdueChanges)
        refreshesTotal += other.refreshesTotal
        failuresTotal += other.failuresTotal
        lapsesTotal += other.lapsesTotal
        lapsedAtStart += other.lapsedAtStart
        lapsedAtEnd += other.lapsedAtEnd
        firstLapse = [firstLapse, other.firstLapse].compactMap { $0 }.min()
        lastLapse = [lastLapse, other.lastLapse].compactMap { $0 }.max()
        longestLapse = max(longestLapse, other.longestLapse)
        lastRecovery = [lastRecovery, other.lastRecovery].compactMap { $0 }.max()
    }
}
