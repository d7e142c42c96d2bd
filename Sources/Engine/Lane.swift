// Decides which of a client's due accounts is refreshed next: replays, whose window closes; then whoever a client waits
// for and whose token is about to lapse; then what is about to lapse unattended; then by expiry; then what has lapsed and
// nobody asks for; last what has failed for an hour. Shares keep each group moving. Rejected: strict order alone, by which
// clients that ask without end would let every other account lapse.

import HeapModule
import Schedule
import Vocabulary

/// A client's queue of accounts that are due.
struct Lane: Sendable {
    /// Why an account is due, most pressing first. An account that is queued already only moves up.
    enum Urgency: Int, Sendable {
        case replay, waitedFor, planned
        /// The budget cannot keep every account fresh, and nobody has asked for this one lately.
        case idle
    }

    /// What the order goes by.
    struct Due: Sendable {
        var urgency: Urgency
        /// Of the token; `distantPast` without one.
        var expiry: BootTime
        /// From here on the refresh may no longer be put off for others' sake.
        var mandatoryFrom: BootTime
        /// The last attempt failed: this one is a retry.
        var isRetry = false
        /// It has failed for over an hour.
        var isStale = false
    }

    struct Chosen: Hashable, Sendable {
        let index: Int
        let isRetry: Bool
    }

    private struct Ready: Comparable, Sendable {
        let due: Due
        let index: Int
        let stamp: UInt64

        static func < (left: Self, right: Self) -> Bool {
            if left.due.isStale != right.due.isStale { return right.due.isStale }
            if left.due.expiry != right.due.expiry { return left.due.expiry < right.due.expiry }
            return left.stamp < right.stamp
        }
        static func == (left: Self, right: Self) -> Bool { left.stamp == right.stamp }

        /// Less is sooner.
        func rank(_ now: BootTime) -> Int {
            if due.isStale { return 4 }
            if due.urgency == .waitedFor { return due.mandatoryFrom <= now ? 0 : 2 }
            if due.urgency == .idle || due.expiry <= now { return 3 }
            return due.mandatoryFrom <= now ? 1 : 2
        }
    }

    /// Each ordered by expiry.
    private enum Queue: Int, CaseIterable {
        case replay, waitedFor, planned, lapsed, retry, lapsedRetry
    }

    private var queues = Queue.allCases.map { _ in Heap<Ready>() }
    /// The newest entry of each queued account; older ones in the heaps are void.
    private var stamps: [Int: (stamp: UInt64, urgency: Urgency)] = [:]
    private var lastStamp: UInt64 = 0
    /// Refreshes begun: the shares count by it.
    private var begun = 0

    /// Of so many refreshes one is unattended, whoever waits.
    private static let unattendedShare = 5
    /// And one of so many is of an account that has lapsed or that nobody asks for: no refresh token dies of idleness.
    private static let lapsedShare = 20

    /// How many accounts are queued.
    var count: Int { stamps.count }

    func contains(_ index: Int) -> Bool { stamps[index] != nil }

    /// The queued accounts that somebody waits for.
    var waitedFor: [Int] { stamps.compactMap { $1.urgency == .waitedFor ? $0 : nil } }

    /// Whether an account is queued whose last attempt did not fail.
    mutating func hasFresh() -> Bool {
        for queue in [Queue.replay, .waitedFor, .planned, .lapsed] where first(queue) != nil { return true }
        return false
    }

    /// Queues the account, or moves it forward when it is queued already and now more pressing.
    mutating func enqueue(_ index: Int, _ due: Due) {
        if let queued = stamps[index], queued.urgency.rawValue <= due.urgency.rawValue { return }
        lastStamp += 1
        stamps[index] = (lastStamp, due.urgency)
        let queue: Queue =
            switch due.urgency {
            case .replay: .replay
            case _ where due.isRetry: .retry
            case .waitedFor: .waitedFor
            case .planned: .planned
            case .idle: .lapsed
            }
        queues[queue.rawValue].insert(Ready(due: due, index: index, stamp: lastStamp))
    }

    mutating func withdraw(_ index: Int) { stamps[index] = nil }

    mutating func withdrawAll() { self = Lane() }

    /// Takes out the replay whose window closes first.
    mutating func nextReplay() -> Chosen? { first(.replay) == nil ? nil : take(.replay) }

    /// Takes out the account to refresh next; nil when none is ready.
    /// - Parameter mayRetry: whether one whose last attempt failed may be.
    mutating func next(_ now: BootTime, mayRetry: Bool) -> Chosen? {
        retireLapsed(now)
        return choose(now, mayRetry: mayRetry).flatMap { take($0) }
    }

    private mutating func take(_ queue: Queue) -> Chosen? {
        guard let ready = queues[queue.rawValue].popMin() else { return nil }
        stamps[ready.index] = nil
        begun += 1
        return Chosen(index: ready.index, isRetry: ready.due.isRetry)
    }

    private mutating func choose(_ now: BootTime, mayRetry: Bool) -> Queue? {
        if first(.replay) != nil { return .replay }
        let retries: [Queue] = mayRetry ? [.retry, .lapsedRetry] : []
        if begun % Self.lapsedShare == Self.lapsedShare - 1,
            let share = best([.lapsed] + (mayRetry ? [.lapsedRetry] : []), now)
        {
            return share
        }
        if begun % Self.unattendedShare == Self.unattendedShare - 1,
            let share = best([.planned, .lapsed] + retries, now, isAttended: false)
        {
            return share
        }
        return best([.waitedFor, .planned, .lapsed] + retries, now)
    }

    /// The queue whose first account is the most pressing.
    private mutating func best(_ candidates: [Queue], _ now: BootTime, isAttended: Bool? = nil) -> Queue? {
        var best: (queue: Queue, rank: Int, ready: Ready)?
        for queue in candidates {
            guard let ready = first(queue) else { continue }
            if let isAttended, (ready.due.urgency == .waitedFor) != isAttended { continue }
            let rank = ready.rank(now)
            if let found = best, (found.rank, found.ready) <= (rank, ready) { continue }
            best = (queue, rank, ready)
        }
        return best?.queue
    }

    /// The first entry of the queue that is not void.
    private mutating func first(_ queue: Queue) -> Ready? {
        while let ready = queues[queue.rawValue].min {
            if stamps[ready.index]?.stamp == ready.stamp { return ready }
            queues[queue.rawValue].removeMin()
        }
        return nil
    }

    /// What has lapsed while it was queued gives way to what may still be in time, unless somebody waits for it.
    private mutating func retireLapsed(_ now: BootTime) {
        for (queue, lapsed) in [(Queue.planned, Queue.lapsed), (.retry, .lapsedRetry)] {
            while let ready = first(queue), ready.due.expiry <= now, ready.due.urgency != .waitedFor {
                queues[queue.rawValue].removeMin()
                queues[lapsed.rawValue].insert(ready)
            }
        }
    }
}
