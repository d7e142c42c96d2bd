// Decides how "so many in the last so many seconds" is counted: in buckets of one second, which is exact to a second and
// costs the same whatever the load. Rejected: a list of times, which grows with the load.

import Vocabulary

/// Two counts over the last `seconds` seconds: of all events, and of the marked ones among them.
public struct SlidingCount: Sendable {
    private var buckets: [(all: Int, marked: Int)]
    /// The second of the newest bucket.
    private var second: Int64 = .min
    public private(set) var all = 0
    public private(set) var marked = 0

    public init(seconds: Int) { buckets = Array(repeating: (0, 0), count: seconds) }

    /// Lets time pass: what is older than the window no longer counts.
    public mutating func advance(to now: BootTime) {
        let current = now.nanoseconds / 1_000_000_000
        guard current > second else { return }
        guard second != .min, current - second < Int64(buckets.count) else {
            clear()
            second = current
            return
        }
        while second < current {
            second += 1
            let index = index(of: second)
            all -= buckets[index].all
            marked -= buckets[index].marked
            buckets[index] = (0, 0)
        }
    }

    public mutating func add(isMarked: Bool, _ now: BootTime) {
        advance(to: now)
        let index = index(of: second)
        buckets[index].all += 1
        all += 1
        guard isMarked else { return }
        buckets[index].marked += 1
        marked += 1
    }

    public mutating func clear() {
        for index in buckets.indices { buckets[index] = (0, 0) }
        all = 0
        marked = 0
    }

    private func index(of second: Int64) -> Int { Int(second.magnitude % UInt64(buckets.count)) }
}
