import Testing
import TokenClient

@testable import tokenctl

@Suite struct RelativeTimeTests {
    @Test(
        "a span is told in its two largest units",
        arguments: [
            (0, "0s"), (-5, "0s"), (9, "9s"), (60, "1m"), (61, "1m 1s"), (3599, "59m 59s"), (3600, "1h"),
            (3661, "1h 1m"),
            (3601, "1h"), (86399, "23h 59m"), (90000, "1d 1h"), (86400 * 400 + 59, "400d"),
            (.max, "106751991167300d 15h"),
        ] as [(Int64, String)])
    func spans(_ row: (seconds: Int64, text: String)) {
        #expect(RelativeTime.spell(row.seconds) == row.text)
    }

    @Test(
        "an instant is told from now, and a token's life only while it lasts",
        arguments: [
            (100, 100, "now", "expired"), (160, 100, "in 1m", "1m"), (40, 100, "1m ago", "expired"),
            (.min, .max, "106751991167300d 15h ago", "expired"),
            (.max, .min, "in 106751991167300d 15h", "106751991167300d 15h"),
        ] as [(Int64, Int64, String, String)])
    func instants(_ row: (time: Int64, now: Int64, until: String, left: String)) {
        #expect(RelativeTime.until(row.time, now: row.now) == row.until)
        #expect(RelativeTime.left(until: row.time, now: row.now) == row.left)
    }

    @Test(
        "a plan is due once its time has come",
        arguments: [(99, "due"), (100, "due"), (101, "in 1s")] as [(Int64, String)])
    func plans(_ row: (time: Int64, text: String)) {
        #expect(RelativeTime.plan(row.time, now: 100) == row.text)
    }

    // As date(1) has them: date -u -d @SECONDS.
    @Test(
        "an instant in UTC is what the calendar says",
        arguments: [
            (0, "1970-01-01 00:00:00Z"), (-1, "1969-12-31 23:59:59Z"), (951_782_400, "2000-02-29 00:00:00Z"),
            (1_795_533_468, "2026-11-24 15:17:48Z"), (4_107_542_399, "2100-02-28 23:59:59Z"),
            (4_107_542_400, "2100-03-01 00:00:00Z"), (253_402_300_799, "9999-12-31 23:59:59Z"),
            (-62_135_596_800, "1-01-01 00:00:00Z"),
        ] as [(Int64, String)])
    func utc(_ row: (seconds: Int64, text: String)) {
        #expect(RelativeTime.utc(row.seconds) == row.text)
    }

    @Test("no instant at all traps", arguments: [Int64.min, .max, .min + 1, .max - 1])
    func extremes(_ seconds: Int64) {
        #expect(RelativeTime.utc(seconds).hasSuffix("Z"))
    }

    @Test(
        "numbers are grouped by thousands",
        arguments: [
            (0, "0"), (999, "999"), (1000, "1,000"), (-1000, "-1,000"), (1_234_567, "1,234,567"),
            (100_000, "100,000"),
            (.min, "-9,223,372,036,854,775,808"),
        ] as [(Int64, String)])
    func grouping(_ row: (number: Int64, text: String)) {
        #expect(row.number.grouped == row.text)
    }
}
