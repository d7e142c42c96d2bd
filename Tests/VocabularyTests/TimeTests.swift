import Testing
import Vocabulary

@Suite struct TimeTests {
    @Test(
        "epoch seconds become wall time and back, clamped to what 64 bits of nanoseconds hold",
        arguments: [
            (0, 0), (1, 1), (-1, -1), (1_795_533_468, 1_795_533_468), (9_223_372_036, 9_223_372_036),
            (9_223_372_037, 9_223_372_036), (.max, 9_223_372_036), (-9_223_372_037, -9_223_372_037),
            (.min, -9_223_372_037),
        ] as [(Int64, Int64)])
    func epochSeconds(_ row: (given: Int64, seconds: Int64)) {
        #expect(WallTime(epochSeconds: row.given).epochSeconds == row.seconds)
    }

    @Test(
        "an instant is shown as the second it lies in, never the next",
        arguments: [
            (999_999_999, 0), (1_000_000_000, 1), (-1, -1), (-1_000_000_000, -1), (-1_000_000_001, -2),
        ]
            as [(Int64, Int64)])
    func floor(_ row: (nanoseconds: Int64, seconds: Int64)) {
        #expect(WallTime(nanoseconds: row.nanoseconds).epochSeconds == row.seconds)
    }

    @Test("arithmetic saturates on both clocks")
    func saturation() {
        let day: Duration = .seconds(86400)
        #expect(BootTime.distantFuture + day == .distantFuture)
        #expect(BootTime.distantPast - day == .distantPast)
        #expect(BootTime.distantFuture - BootTime.distantPast == .nanoseconds(Int64.max))
        #expect(BootTime.distantPast - BootTime.distantFuture == .nanoseconds(Int64.min))
        #expect(WallTime(nanoseconds: .max) + day == WallTime(nanoseconds: .max))
        #expect(WallTime(nanoseconds: .min) - WallTime(nanoseconds: 1) == .nanoseconds(Int64.min))
        #expect(BootTime(nanoseconds: 5) - .nanoseconds(7) == BootTime(nanoseconds: -2))
    }

    @Test(
        "a duration's nanoseconds saturate, its seconds are rounded up",
        arguments: [
            (.zero, 0, 0), (.nanoseconds(1), 1, 1), (.milliseconds(1500), 1_500_000_000, 2),
            (.milliseconds(-1500), -1_500_000_000, -1), (.seconds(7), 7_000_000_000, 7),
            (.seconds(Int64.max / 2), .max, Int64.max / 2), (.seconds(Int64.min / 2), .min, Int64.min / 2),
        ] as [(Duration, Int64, Int64)])
    func durations(_ row: (duration: Duration, nanoseconds: Int64, seconds: Int64)) {
        #expect(row.duration.nanoseconds == row.nanoseconds)
        #expect(row.duration.secondsRoundedUp == row.seconds)
    }

    @Test("a moment converts between its clocks, and back")
    func conversion() {
        let moment = Moment(boot: BootTime(nanoseconds: 100), wall: WallTime(epochSeconds: 1_000_000))
        let expiry = WallTime(epochSeconds: 1_000_060)
        #expect(moment.boot(at: expiry) == BootTime(nanoseconds: 60_000_000_100))
        #expect(moment.wall(at: moment.boot(at: expiry)) == expiry)
        #expect(moment.boot(at: WallTime(epochSeconds: 999_999)) == BootTime(nanoseconds: -999_999_900))
        let later = moment + .seconds(5)
        #expect(later.boot - moment.boot == .seconds(5) && later.wall - moment.wall == .seconds(5))
    }

    @Test("T2: a step is what the wall clock moved beside the boot clock, however long a sleep lies between")
    func step() {
        let before = Moment(boot: BootTime(nanoseconds: 100), wall: WallTime(epochSeconds: 1_800_000_000))
        let night = before + .seconds(28_800)
        #expect(night.step(since: before) == .zero)
        for step in [Duration.seconds(3600), .seconds(-86_400), .milliseconds(-1)] {
            #expect(Moment(boot: night.boot, wall: night.wall + step).step(since: before) == step)
        }
    }

    @Test("a clock that shows a time before this version's year was never set")
    func plausible() {
        #expect(WallTime.earliestPlausible.isPlausible && Moment.now().wall.isPlausible)
        #expect(!WallTime(nanoseconds: WallTime.earliestPlausible.nanoseconds - 1).isPlausible)
    }

    @Test("the clocks are the kernel's")
    func clocks() {
        let (first, second) = (Moment.now(), Moment.now())
        #expect(second.boot >= first.boot)
        // 2020 to 2262: the wall clock counts from the epoch and not from boot.
        #expect(first.wall > WallTime(epochSeconds: 1_577_836_800))
    }
}
