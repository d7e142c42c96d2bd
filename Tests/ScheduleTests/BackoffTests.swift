// Decides the ceilings, caps and floors of the backoff, and that its jitter is full.

import Schedule
import Testing
import Vocabulary

@Suite("The backoff")
struct BackoffTests {
    struct Row: CustomTestStringConvertible {
        let failures: Int
        let remaining: Duration
        var retryAfter: Duration?
        let least: Duration
        let most: Duration
        var testDescription: String {
            "failure \(failures), \(remaining) left, Retry-After \(retryAfter.map { "\($0)" } ?? "none")"
        }
    }

    static let rows: [Row] = [
        Row(failures: 1, remaining: .seconds(3600), least: .seconds(1), most: .seconds(1)),
        Row(failures: 2, remaining: .seconds(3600), least: .seconds(1), most: .seconds(2)),
        Row(failures: 3, remaining: .seconds(3600), least: .seconds(1), most: .seconds(4)),
        Row(failures: 5, remaining: .seconds(3600), least: .seconds(1), most: .seconds(16)),
        Row(failures: 6, remaining: .seconds(3600), least: .seconds(1), most: .seconds(32)),
        Row(failures: 7, remaining: .seconds(3600), least: .seconds(1), most: .seconds(60)),
        Row(failures: 7, remaining: .seconds(120), least: .seconds(1), most: .seconds(30)),
        Row(failures: 7, remaining: .seconds(10), least: .seconds(1), most: .seconds(5)),
        Row(failures: 9, remaining: .zero, least: .seconds(1), most: .seconds(256)),
        Row(failures: 10, remaining: .seconds(-5), least: .seconds(1), most: .seconds(300)),
        Row(failures: 99, remaining: .seconds(Int64.min), least: .seconds(1), most: .seconds(300)),
        Row(failures: .max, remaining: .seconds(Int64.max), least: .seconds(1), most: .seconds(60)),
        Row(failures: 0, remaining: .seconds(3600), least: .seconds(1), most: .seconds(1)),
        Row(failures: .min, remaining: .seconds(3600), least: .seconds(1), most: .seconds(1)),
        Row(
            failures: 1, remaining: .seconds(3600), retryAfter: .seconds(30), least: .seconds(30),
            most: .seconds(30)),
        Row(
            failures: 7, remaining: .seconds(3600), retryAfter: .seconds(30), least: .seconds(30),
            most: .seconds(60)),
        Row(
            failures: 7, remaining: .seconds(3600), retryAfter: .seconds(-30), least: .seconds(1),
            most: .seconds(60)),
        Row(
            failures: 1, remaining: .seconds(3600), retryAfter: .zero, least: .seconds(1), most: .seconds(1)),
        Row(
            failures: 1, remaining: .seconds(3600), retryAfter: .seconds(172_800), least: .seconds(3600),
            most: .seconds(3600)),
        Row(
            failures: 9, remaining: .zero, retryAfter: .seconds(Int64.max), least: .seconds(3600),
            most: .seconds(3600)),
    ]

    @Test("draws within its row of the table and reaches both of its ends", arguments: rows)
    func table(row: Row) {
        var generator = SeededGenerator(seed: 1)
        let delays = (0..<3000).map { _ in
            Backoff.delay(
                failures: row.failures, remaining: row.remaining, retryAfter: row.retryAfter,
                using: &generator)
        }
        let spread = row.most - row.least
        #expect(delays.allSatisfy { (row.least...row.most).contains($0) })
        #expect(delays.min()! <= row.least + spread / 50)
        #expect(delays.max()! >= row.most - spread / 50)
    }

    @Test(
        "caps at a quarter of what is left, within 5 s and 60 s, and at 300 s once lapsed",
        arguments: [
            (Duration.seconds(3600), Duration.seconds(60)), (.seconds(240), .seconds(60)),
            (.seconds(239), .milliseconds(59_750)), (.seconds(100), .seconds(25)),
            (.seconds(20), .seconds(5)),
            (.seconds(19), .seconds(5)), (.nanoseconds(1), .seconds(5)), (.zero, .seconds(300)),
            (.seconds(-1), .seconds(300)),
        ])
    func cap(remaining: Duration, cap: Duration) {
        #expect(Backoff.cap(remaining: remaining) == cap)
    }

    @Test("is full jitter: above the floor every tenth of the range is as likely as another")
    func uniform() {
        var generator = SeededGenerator(seed: 2)
        var histogram = [Int](repeating: 0, count: 10)
        for _ in 0..<20_000 {
            let delay = Backoff.delay(
                failures: 7, remaining: .seconds(3600), retryAfter: nil, using: &generator)
            histogram[min(9, Int(delay / .seconds(6)))] += 1
        }
        #expect(histogram.allSatisfy { (1800...2200).contains($0) }, "\(histogram)")
    }

    @Test("really sleeps: the time between attempts grows to the cap while a failure lasts")
    func grows() {
        var generator = SeededGenerator(seed: 3)
        func mean(_ failures: Int) -> Double {
            let total = (0..<2000).reduce(Duration.zero) { sum, _ in
                sum + Backoff.delay(failures: failures, remaining: .zero, retryAfter: nil, using: &generator)
            }
            return total / .seconds(1) / 2000
        }
        let means = (1...12).map(mean)
        for (earlier, later) in zip(means[..<9], means[1...]) { #expect(later > earlier) }
        #expect((135...165).contains(means[11]))
    }
}
