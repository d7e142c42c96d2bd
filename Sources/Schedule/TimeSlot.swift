// Decides how finely time is cut to plan ahead: by a token's lifetime, so that accounts which live equally long share
// some hundred slots, be it ten seconds or a month. Rejected: the wheel's own slots, which depend on when one looks.

import Vocabulary

/// A span of the boot clock, between a 64th and a 128th of the lifetime it was made for.
public struct TimeSlot: Hashable, Sendable {
    /// It is 2^shift ns long.
    let shift: Int
    let number: Int64

    /// The slot that holds `time`.
    public init(_ time: BootTime, lifetime: Duration) {
        shift = max(20, 57 - max(lifetime.nanoseconds, 1).leadingZeroBitCount)
        number = time.nanoseconds >> shift
    }

    private init(shift: Int, number: Int64) {
        self.shift = shift
        self.number = number
    }

    public var start: BootTime { BootTime(nanoseconds: number << shift) }
    var length: Duration { .nanoseconds(1 << shift) }
    var end: BootTime { start + length }
    /// The slot of the same length with this number.
    func sibling(_ number: Int64) -> TimeSlot { TimeSlot(shift: shift, number: number) }
}
