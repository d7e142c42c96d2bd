// Decides how the refreshes of accounts that were refreshed together are spread, so that the next cycle is no longer in
// lockstep. A slot takes its fair share of all; what is beyond goes into earlier slots. Rejected: more jitter, which
// averages to twice the load where two waves meet and refreshes everybody too early.

import Vocabulary

/// How many of a client's refreshes are planned for each slot.
public struct Agenda: Sendable {
    private struct Slot: Sendable {
        var planned = 0
        /// Ever placed here: where in the slot the next one falls.
        var placed: UInt64 = 0
    }

    private var slots: [TimeSlot: Slot] = [:]
    /// Accounts of each slot length, planned or not.
    private var peers: [Int: Int] = [:]
    /// How many came in the latest slot.
    private var arrivals: (slot: TimeSlot?, count: Int) = (nil, 0)
    private var isWave = false
    private let phase: UInt64

    /// Up to so many in a slot crowd nobody.
    private static let leastShare = 4

    /// - Parameter seed: of where in their slots refreshes fall: no two daemons call a provider in step.
    public init(seed: UInt64) { phase = seed }

    /// An account of this lifetime has come; from now on it counts for everybody's fair share.
    public mutating func join(lifetime: Duration) {
        peers[TimeSlot(BootTime(nanoseconds: 0), lifetime: lifetime).shift, default: 0] += 1
    }

    /// An account of this lifetime has gone.
    public mutating func leave(lifetime: Duration) {
        peers[TimeSlot(BootTime(nanoseconds: 0), lifetime: lifetime).shift, default: 0] -= 1
    }

    /// Chooses when to refresh: at `wish`, unless its slot has more than a tenth above its fair share; then in the emptiest
    /// slot from `natural` on. Where these are crowded too a wave is passing: as long as more come than the fair share,
    /// each gets the first slot from `earliest` on that has room, for those that come later cannot go there. The choice is
    /// entered.
    ///
    /// - Parameters:
    ///   - now: when the account was refreshed.
    ///   - earliest: not before this in any case.
    ///   - natural: from here on a refresh throws nothing away.
    ///   - latest: and never after this.
    ///   - cycle: from one refresh of the account to the next.
    public mutating func place(
        _ wish: BootTime, _ now: BootTime, earliest: BootTime, natural: BootTime, latest: BootTime,
        lifetime: Duration,
        cycle: Duration
    ) -> (at: BootTime, slot: TimeSlot) {
        var slot = TimeSlot(wish, lifetime: lifetime)
        let share = fairShare(of: slot, cycle: cycle)
        noteArrival(TimeSlot(now, lifetime: lifetime), share)
        if !isWave, planned(slot) >= share {
            slot = emptiest(from: max(natural, earliest), to: latest, lifetime) ?? slot
            isWave = planned(slot) >= share
        }
        if isWave {
            slot =
                first(from: earliest, to: latest, lifetime, below: share)
                ?? emptiest(from: earliest, to: latest, lifetime) ?? slot
        }
        enter(slot)
        return (min(max(time(in: slot), earliest), latest), slot)
    }

    /// Counts who comes in each slot: a wave is over when no more come than there is room for.
    private mutating func noteArrival(_ slot: TimeSlot, _ share: Int) {
        guard slot == arrivals.slot else {
            if arrivals.count <= share || arrivals.slot != slot.sibling(slot.number - 1) { isWave = false }
            arrivals = (slot, 1)
            return
        }
        arrivals.count += 1
    }

    /// The numbers of the slots that lie wholly within the time.
    private func numbers(from start: BootTime, to end: BootTime, _ lifetime: Duration) -> (
        TimeSlot, Range<Int64>
    ) {
        let first = TimeSlot(start, lifetime: lifetime)
        let end = TimeSlot(end, lifetime: lifetime).number
        return (first, first.number + 1..<max(first.number + 1, end))
    }

    private func emptiest(from start: BootTime, to end: BootTime, _ lifetime: Duration) -> TimeSlot? {
        let (pattern, numbers) = numbers(from: start, to: end, lifetime)
        var emptiest: (slot: TimeSlot, planned: Int)?
        for number in numbers {
            let slot = pattern.sibling(number)
            let planned = planned(slot)
            if planned == 0 { return slot }
            if planned < emptiest?.planned ?? .max { emptiest = (slot, planned) }
        }
        return emptiest?.slot
    }

    private func first(from start: BootTime, to end: BootTime, _ lifetime: Duration, below share: Int)
        -> TimeSlot?
    {
        let (pattern, numbers) = numbers(from: start, to: end, lifetime)
        for number in numbers where planned(pattern.sibling(number)) < share {
            return pattern.sibling(number)
        }
        return nil
    }

    private func planned(_ slot: TimeSlot) -> Int { slots[slot]?.planned ?? 0 }

    private func fairShare(of slot: TimeSlot, cycle: Duration) -> Int {
        let peers = Double(peers[slot.shift] ?? 0)
        let slotsPerCycle = Double(max(1, cycle.nanoseconds)) / Double(slot.length.nanoseconds)
        return max(Self.leastShare, Int((1.1 * peers / slotsPerCycle).rounded(.up)))
    }

    /// The multiples of the golden ratio fill the slot evenly, however many come (Weyl's sequence).
    private func time(in slot: TimeSlot) -> BootTime {
        let placed = slots[slot]?.placed ?? 0
        let fraction =
            (phase ^ UInt64(bitPattern: slot.number) &* 0xD1B5_4A32_D192_ED03) &+ placed
            &* 0x9E37_79B9_7F4A_7C15
        return slot.start + .nanoseconds(Int64(fraction >> UInt64(64 - slot.shift)))
    }

    /// Enters a refresh that is planned in `slot`.
    private mutating func enter(_ slot: TimeSlot) {
        slots[slot, default: Slot()].planned += 1
        slots[slot]!.placed += 1
    }

    /// A refresh that was entered is no longer planned.
    public mutating func remove(_ slot: TimeSlot) {
        guard let left = slots[slot]?.planned else { return }
        if left == 1 { slots[slot] = nil } else { slots[slot]!.planned = left - 1 }
    }
}
