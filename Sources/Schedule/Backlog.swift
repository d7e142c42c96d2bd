// Decides when refreshing has to begin so that all of a client's accounts are done before they lapse: earliest deadline
// first, reckoned backward from the last deadline (Lawler and Moore 1969), over slots of deadlines instead of single
// accounts, so that a million cost what a hundred cost. Rejected: a margin that grows with the number of accounts, which
// is too early for those that lapse alone and too late for those that lapse together.

import Vocabulary

/// The deadlines of a client's accounts that are fresh and wait for their time.
public struct Backlog: Sendable {
    private struct Entries: Sendable {
        /// Some may have left: they are skipped when they are met.
        var ids: [UInt32] = []
        var count = 0
    }

    private var slots: [TimeSlot: Entries] = [:]
    public private(set) var count = 0

    public init() {}

    /// Enters the account under its deadline's slot.
    public mutating func insert(_ id: Int, _ slot: TimeSlot) {
        slots[slot, default: Entries()].ids.append(UInt32(id))
        slots[slot]!.count += 1
        count += 1
    }

    /// Takes out an account that was entered under `slot`; whoever keeps the accounts no longer names that slot for it.
    public mutating func remove(_ slot: TimeSlot) {
        guard let left = slots[slot]?.count else { return }
        count -= 1
        if left == 1 { slots[slot] = nil } else { slots[slot]!.count = left - 1 }
    }

    /// An account of the earliest slot, unless it has left since; whoever keeps the accounts knows. It stays here.
    public func candidate() -> (id: Int, slot: TimeSlot)? {
        guard let (slot, entries) = slots.min(by: { $0.key.start < $1.key.start }) else { return nil }
        return entries.ids.last.map { (Int($0), slot) }
    }

    /// The candidate of this slot has left: the next one is tried.
    public mutating func discardCandidate(of slot: TimeSlot) {
        slots[slot]?.ids.removeLast()
        if slots[slot]?.ids.isEmpty == true { slots[slot] = nil }
    }

    /// The latest moment to begin, with one refresh each `interval`, so that every account is done by its deadline;
    /// `distantFuture` where there is none. Before `now` it means that some will be late. Some µs for each hundred slots.
    public func latestStart(interval: Duration) -> BootTime {
        var start = BootTime.distantFuture
        for (slot, entries) in slots.sorted(by: { $0.key.start > $1.key.start }) {
            start = min(start, slot.start) - interval * entries.count
        }
        return start
    }

    /// The first deadline that is missed when refreshing goes on from `start`, earliest deadline first.
    public func firstMissed(interval: Duration, from start: BootTime) -> BootTime? {
        var time = start
        for (slot, entries) in slots.sorted(by: { $0.key.start < $1.key.start }) {
            time = time + interval * entries.count
            if time > slot.end { return slot.end }
        }
        return nil
    }
}
