// Decides that two clocks are two types. Deadlines run on the boot clock, which no administrator can set and which
// goes on during suspend; what is stored and shown is wall time. `Moment`, a reading of both, is the only place
// that converts between them.

import CLinux
import Glibc

/// A point on CLOCK_BOOTTIME in nanoseconds since boot, suspended time included. Arithmetic saturates.
public struct BootTime: Hashable, Comparable, Sendable {
    public let nanoseconds: Int64

    public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    /// Later than any deadline.
    public static let distantFuture = BootTime(nanoseconds: .max)
    /// Earlier than any deadline.
    public static let distantPast = BootTime(nanoseconds: .min)

    public static func < (left: Self, right: Self) -> Bool { left.nanoseconds < right.nanoseconds }

    public static func + (left: Self, right: Duration) -> Self {
        BootTime(nanoseconds: left.nanoseconds.saturatingAdding(right.nanoseconds))
    }

    public static func - (left: Self, right: Duration) -> Self {
        BootTime(nanoseconds: left.nanoseconds.saturatingSubtracting(right.nanoseconds))
    }

    public static func - (left: Self, right: Self) -> Duration {
        .nanoseconds(left.nanoseconds.saturatingSubtracting(right.nanoseconds))
    }
}

/// A point on CLOCK_REALTIME in nanoseconds since the Unix epoch. Arithmetic saturates.
public struct WallTime: Hashable, Comparable, Sendable {
    public let nanoseconds: Int64

    public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    /// The start of second `epochSeconds`, clamped to what nanoseconds in 64 bits can hold (year 2262).
    public init(epochSeconds: Int64) {
        let (nanoseconds, overflow) = epochSeconds.multipliedReportingOverflow(by: 1_000_000_000)
        self.nanoseconds = overflow ? (epochSeconds < 0 ? .min : .max) : nanoseconds
    }

    /// Whole seconds since the epoch, rounded down: an expiry is never shown later than it is.
    public var epochSeconds: Int64 {
        let (quotient, remainder) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        return remainder < 0 ? quotient - 1 : quotient
    }

    public static func < (left: Self, right: Self) -> Bool { left.nanoseconds < right.nanoseconds }

    public static func + (left: Self, right: Duration) -> Self {
        WallTime(nanoseconds: left.nanoseconds.saturatingAdding(right.nanoseconds))
    }

    public static func - (left: Self, right: Self) -> Duration {
        .nanoseconds(left.nanoseconds.saturatingSubtracting(right.nanoseconds))
    }

    /// The beginning of 2026, the year of this version's release: a clock that shows less was never set, as on a board
    /// without a battery. Not the day of the build: the same source must decide the same wherever it is built.
    public static let earliestPlausible = WallTime(epochSeconds: 1_767_225_600)

    /// Whether a clock that shows this may be right.
    public var isPlausible: Bool { self >= .earliestPlausible }
}

/// Both clocks, read at one instant.
public struct Moment: Hashable, Sendable {
    public let boot: BootTime
    public let wall: WallTime

    public init(boot: BootTime, wall: WallTime) {
        self.boot = boot
        self.wall = wall
    }

    /// Reads both clocks (clock_gettime(2), through the vDSO).
    public static func now() -> Moment {
        var real = timespec()
        clock_gettime(CLOCK_REALTIME, &real)
        return Moment(
            boot: .now(),
            wall: WallTime(nanoseconds: Int64(real.tv_sec) * 1_000_000_000 + Int64(real.tv_nsec)))
    }

    /// When `wall` is on the boot clock, were the wall clock never stepped after this moment.
    public func boot(at wall: WallTime) -> BootTime { boot + (wall - self.wall) }

    /// What the wall clock shows at `boot`, were it never stepped after this moment.
    public func wall(at boot: BootTime) -> WallTime { wall + (boot - self.boot) }

    /// How far the wall clock was stepped between `earlier` and this moment: what it has moved beyond the boot clock. Zero
    /// however long the machine slept, and however it was slewed: NTP slews both alike (adjtimex(2)).
    public func step(since earlier: Moment) -> Duration { (wall - earlier.wall) - (boot - earlier.boot) }

    /// The moment `duration` later, with no step of the wall clock between.
    public static func + (left: Self, right: Duration) -> Self {
        Moment(boot: left.boot + right, wall: left.wall + right)
    }
}

extension BootTime {
    /// Reads CLOCK_BOOTTIME (clock_gettime(2), through the vDSO).
    @inlinable
    public static func now() -> BootTime { BootTime(nanoseconds: clinux_boot_time_ns()) }
}

extension Duration {
    /// Whole nanoseconds, saturating at the range of Int64 (292 years).
    public var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        guard !overflow else { return seconds < 0 ? .min : .max }
        return whole.saturatingAdding(attoseconds / 1_000_000_000)
    }

    /// Whole seconds, rounded up: what a client is told to wait.
    public var secondsRoundedUp: Int64 {
        let (seconds, attoseconds) = components
        return attoseconds > 0 ? seconds + 1 : seconds
    }
}

extension Int64 {
    func saturatingAdding(_ other: Int64) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? (other < 0 ? .min : .max) : sum
    }

    func saturatingSubtracting(_ other: Int64) -> Int64 {
        let (difference, overflow) = subtractingReportingOverflow(other)
        return overflow ? (other < 0 ? .max : .min) : difference
    }
}
