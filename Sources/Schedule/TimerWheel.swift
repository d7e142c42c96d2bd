// Decides which timers are due and when to look again, for a million timers at a constant cost each.
//
// A hierarchical timing wheel (Varghese and Lauck 1987, scheme 7) filed by the highest digit in which a timer's tick
// differs from the wheel's, as tokio's is. So each slot spans a known range of ticks that lies wholly ahead, no slot
// wraps around, and the next occupied one is a count of trailing zeros per level: a jump of years costs what is
// occupied, and an idle wheel needs no tick.
//
// Rejected: a binary heap, O(log n) with a cache miss per level and no cheap cancel; a Dispatch timer per account, 492
// bytes and 2 us each; a wheel without cascades (the Linux kernel's since 4.8), late by an eighth of the delay; firing
// through a closure, which could not touch the wheel; bare slot heads beside the entries, which need a branch for the
// first entry of a list where circular lists through a sentinel need none.

import Vocabulary

/// One-shot timers on the boot clock, at most one for each of many small integer ids.
///
/// No timer fires early; called at each `nextWakeUp`, `advance` fires it less than one `resolution` late. A value
/// with no clock and no lock of its own. 16 bytes for each id up to the highest ever scheduled.
public struct TimerWheel: Sendable {
    /// What one tick lasts: 2^20 ns, a millisecond to the power of two, finer than what network and kernel add.
    public static let resolution = Duration.nanoseconds(1 << tickBits)

    /// Bounds `advance` to under a millisecond, cold caches included, so that whoever shares the thread is served in between.
    public static let defaultLimit = 2000

    private static let tickBits: UInt64 = 20
    /// 64 slots a level, so that one word tells which are occupied.
    private static let digitBits: UInt64 = 6
    private static let slotsPerLevel = 64
    /// Eight digits hold every tick up to BootTime.distantFuture, 2^43: nothing is beyond range.
    private static let levels = 8
    /// The nodes before this index are the slots' sentinels, level by level; id n is node firstEntry + n.
    private static let firstEntry = levels * slotsPerLevel

    /// A link of a slot's circular list, or the sentinel that such a list begins and ends with.
    private struct Node {
        /// In nanoseconds, as given to `schedule`.
        var deadline: Int64 = 0
        var next: UInt32
        var previous: UInt32

        /// In no list. No node has this index.
        static let unlinked = UInt32.max
    }

    private struct Slot {
        var level: Int
        var index: Int
        /// The first tick it covers.
        var start: UInt64
        var sentinel: Int { level * slotsPerLevel + index }
    }

    private var nodes: [Node]
    /// One bit per slot of each level: set if and only if its list is not empty.
    private var occupancy = InlineArray<8, UInt64>(repeating: 0)
    /// The tick that entries are filed by. Everything before it has fired, except what was scheduled for the past,
    /// which waits in the slot of this tick.
    private var current: UInt64 = 0

    /// Bytes that an id takes.
    public static var entrySize: Int { MemoryLayout<Node>.stride }

    /// How many timers are scheduled.
    public private(set) var count = 0

    public init() {
        nodes = (0..<Self.firstEntry).map { Node(next: UInt32($0), previous: UInt32($0)) }
    }

    /// Makes room for the ids below `ids`, so that no later call pays for moving the entries.
    public mutating func reserveCapacity(_ ids: Int) { nodes.reserveCapacity(Self.firstEntry + ids) }

    /// Sets the timer of `id`, or moves the one it has, in constant time; a `deadline` that has passed fires at the
    /// next `advance`. The memory kept grows with the highest `id`, so ids should be dense.
    public mutating func schedule(_ id: Int, at deadline: BootTime) {
        precondition(id >= 0 && id < Int(UInt32.max) - Self.firstEntry, "a timer's id is a small index")
        let node = Self.firstEntry + id
        if node >= nodes.count {
            let free = Node(next: Node.unlinked, previous: Node.unlinked)
            nodes.append(contentsOf: repeatElement(free, count: node + 1 - nodes.count))
        }
        if nodes[node].next == Node.unlinked { count += 1 } else { unlink(node) }
        nodes[node].deadline = deadline.nanoseconds
        file(node)
    }

    /// Removes the timer of `id`, in constant time; one that is not there is already removed.
    public mutating func cancel(_ id: Int) {
        guard let node = scheduledNode(of: id) else { return }
        unlink(node)
        nodes[node].next = Node.unlinked
        count -= 1
    }

    /// What `id` was scheduled for, exactly; nil once it has fired.
    public func deadline(of id: Int) -> BootTime? {
        scheduledNode(of: id).map { BootTime(nanoseconds: nodes[$0].deadline) }
    }

    /// When `advance` must be called next; nil when nothing is scheduled. Less than one `resolution` after the earliest
    /// deadline at the latest, or not after the last `advance` if that deadline has already passed.
    ///
    /// It may come before any deadline, to sort a slot of many timers into finer ones: at most seven times in a
    /// timer's life, whatever the distance, and once for all timers of the slot.
    public var nextWakeUp: BootTime? { nextSlot().map { Self.time(ofTick: $0.start) } }

    /// Appends to `due` the ids whose deadlines have passed at `now`, tick by tick in order and within a tick in no
    /// promised order; they are then free to be scheduled anew. An id in `due` can no longer be cancelled here.
    ///
    /// - Parameter limit: How many entries to move or fire, in all, before returning.
    /// - Returns: Whether the limit left work to do for this `now`: call again soon. Everything may be scheduled and
    ///   cancelled in between.
    ///
    /// A `now` before an earlier call's counts as that one's time; the boot clock does not run backwards.
    public mutating func advance(to now: BootTime, limit: Int = defaultLimit, into due: inout [Int]) -> Bool {
        precondition(limit > 0, "an advance that may move nothing never ends")
        guard now.nanoseconds >= 0 else { return false }
        let target = max(current, Self.tick(at: now))
        var budget = limit
        while let slot = nextSlot(), slot.start <= target {
            guard budget > 0 else { return true }
            current = slot.start
            if slot.level == 0 {
                fire(slot, budget: &budget, into: &due)
            } else {
                refile(slot, budget: &budget)
            }
        }
        current = target
        return false
    }

    // MARK: Slots

    /// The occupied slot that begins first, never before `current`. It is on the lowest level, unless a turn ended in
    /// the midst of a higher slot; that one begins at `current`, where of lower slots only the past may be.
    private func nextSlot() -> Slot? {
        var first: Slot?
        for level in 0..<Self.levels where occupancy[level] != 0 {
            let index = occupancy[level].trailingZeroBitCount
            let shift = Self.digitBits * UInt64(level)
            let ahead = (current >> shift) & ~63 | UInt64(index)
            let start = ahead << shift
            if let found = first, found.start <= start { continue }
            first = Slot(level: level, index: index, start: start)
        }
        return first
    }

    /// Moves what is in `slot` to lower levels. `current` is the slot's start, so every entry of it is nearer now.
    private mutating func refile(_ slot: Slot, budget: inout Int) {
        while budget > 0, let node = popFirst(of: slot) {
            file(node)
            budget -= 1
        }
    }

    private mutating func fire(_ slot: Slot, budget: inout Int, into due: inout [Int]) {
        while budget > 0, let node = popFirst(of: slot) {
            nodes[node].next = Node.unlinked
            due.append(node - Self.firstEntry)
            count -= 1
            budget -= 1
        }
    }

    // MARK: Lists

    private func scheduledNode(of id: Int) -> Int? {
        guard id >= 0, id < nodes.count - Self.firstEntry else { return nil }
        let node = Self.firstEntry + id
        return nodes[node].next == Node.unlinked ? nil : node
    }

    /// Appends `node` to the slot that covers its deadline: on the level of the highest digit in which the deadline's
    /// tick differs from `current`. The past counts as the current tick.
    private mutating func file(_ node: Int) {
        let deadline = BootTime(nanoseconds: nodes[node].deadline)
        let tick = max(current, Self.tick(notBefore: deadline))
        let highestBit = UInt64(63 - ((tick ^ current) | 63).leadingZeroBitCount)
        let level = highestBit / Self.digitBits
        let index = (tick >> (level * Self.digitBits)) & 63
        occupancy[Int(level)] |= 1 << index

        let sentinel = Int(level) * Self.slotsPerLevel + Int(index)
        let last = nodes[sentinel].previous
        nodes[node].previous = last
        nodes[node].next = UInt32(truncatingIfNeeded: sentinel)
        nodes[Int(last)].next = UInt32(truncatingIfNeeded: node)
        nodes[sentinel].previous = UInt32(truncatingIfNeeded: node)
    }

    /// Takes `node` out of its list, and says so in the occupancy when it was alone there: only then are both its
    /// neighbours the same, the sentinel.
    private mutating func unlink(_ node: Int) {
        let (next, previous) = (nodes[node].next, nodes[node].previous)
        nodes[Int(previous)].next = next
        nodes[Int(next)].previous = previous
        guard next == previous else { return }
        let sentinel = Int(next)
        occupancy[sentinel / Self.slotsPerLevel] &= ~(1 << UInt64(sentinel % Self.slotsPerLevel))
    }

    private mutating func popFirst(of slot: Slot) -> Int? {
        let node = Int(nodes[slot.sentinel].next)
        guard node != slot.sentinel else { return nil }
        unlink(node)
        return node
    }

    // MARK: Ticks

    /// The tick that has begun at `time`; at BootTime.distantFuture the last one, when nothing is left to wait for.
    private static func tick(at time: BootTime) -> UInt64 {
        time == .distantFuture ? tick(notBefore: time) : UInt64(time.nanoseconds) >> tickBits
    }

    /// The first tick that begins at or after `time`: rounded up, for no timer is early. Before boot it is 0.
    private static func tick(notBefore time: BootTime) -> UInt64 {
        (UInt64(max(time.nanoseconds, 0)) + ((1 << tickBits) - 1)) >> tickBits
    }

    /// When `tick` begins; the last one, past the end of BootTime by a nanosecond, begins at its end.
    private static func time(ofTick tick: UInt64) -> BootTime {
        BootTime(nanoseconds: Int64(clamping: tick << tickBits))
    }
}
