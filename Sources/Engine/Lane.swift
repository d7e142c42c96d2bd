// Decides which account of a provider is refreshed next when more are due than may be in flight: replays first, whose
// window closes, then whoever a client waits for, then the earliest expiry. A provider has a lane of its own, so a dead one holds only its own slots.

import HeapModule
import Vocabulary

/// A provider's queue of accounts ready to be refreshed, and how many are in flight.
struct Lane: Sendable {
    /// Exchanges in flight at once per provider. A token endpoint answers within a second or so; 64 are some hundred
    /// refreshes a second, and few enough that no provider takes them for an attack.
    static let concurrency = 64

    /// How pressing a refresh is, most first.
    enum Urgency: Int, Sendable {
        case replay, waitedFor, planned
    }

    private struct Ready: Comparable, Sendable {
        let urgency: Urgency
        let expiry: BootTime
        let index: Int
        let stamp: UInt64

        static func < (left: Self, right: Self) -> Bool {
            if left.urgency != right.urgency { return left.urgency.rawValue < right.urgency.rawValue }
            if left.expiry != right.expiry { return left.expiry < right.expiry }
            return left.stamp < right.stamp
        }
    }

    private var ready = Heap<Ready>()
    /// The newest entry of each queued account; older ones in the heap are void.
    private var stamps: [Int: (stamp: UInt64, urgency: Urgency)] = [:]
    private var lastStamp: UInt64 = 0
    private(set) var inFlight = 0

    /// Queues the account, or moves it forward when it is queued already and now more pressing.
    mutating func enqueue(_ index: Int, _ urgency: Urgency, expiry: BootTime) {
        if let queued = stamps[index], queued.urgency.rawValue <= urgency.rawValue { return }
        lastStamp += 1
        stamps[index] = (lastStamp, urgency)
        ready.insert(Ready(urgency: urgency, expiry: expiry, index: index, stamp: lastStamp))
    }

    mutating func withdraw(_ index: Int) { stamps[index] = nil }

    /// The next account to refresh, which then counts as in flight until `finished`; nil when none is ready or all
    /// slots are taken.
    mutating func next() -> Int? {
        guard inFlight < Self.concurrency else { return nil }
        while let candidate = ready.popMin() {
            guard stamps[candidate.index]?.stamp == candidate.stamp else { continue }
            stamps[candidate.index] = nil
            inFlight += 1
            return candidate.index
        }
        return nil
    }

    /// The lane with nobody queued: no exchange begins from it.
    var withoutReady: Lane {
        var lane = Lane()
        lane.inFlight = inFlight
        return lane
    }

    /// An exchange that `next` started has been answered.
    mutating func finished() { inFlight -= 1 }
}
