import Testing
import Vocabulary

@testable import Simulation

private let minute = Int64(60_000_000_000)

@Suite struct TallyTests {
    @Test(
        "a lapse counts in the minute it begins, and the account is lapsed in each minute until its new token"
    )
    func lapse() {
        var tally = Tally(minutes: 6)
        tally.replaced(due: minute, expiry: 2 * minute, at: 4 * minute + 1)
        #expect(tally.lapses == [0, 0, 1, 0, 0, 0])
        #expect(tally.lapsed == [0, 0, 1, 1, 1, 0])
        #expect(tally.overdue == [0, 1, 1, 1, 1, 0])
        #expect(tally.firstLapse == .seconds(120) && tally.lastLapse == .seconds(120))
        #expect(tally.longestLapse == .nanoseconds(2 * minute + 1))
        #expect(tally.caughtUpAt == .nanoseconds(4 * minute + 1))
    }

    @Test(
        "a token that is replaced in time leaves no trace, and one that had lapsed at the start is no lapse of the run"
    )
    func noLapse() {
        var tally = Tally(minutes: 3)
        tally.replaced(due: 2 * minute, expiry: 3 * minute, at: 2 * minute)
        #expect(tally.lapsesTotal == 0 && tally.caughtUpAt == .zero)
        #expect(tally.overdue == [0, 0, 0])
        tally.replaced(due: -9 * minute, expiry: -minute, at: minute)
        #expect(tally.lapsesTotal == 0 && tally.lapsedAtStart == 1)
        #expect(tally.lapsed == [1, 1, 0])
        #expect(tally.isCaughtUp(by: .seconds(60)) && !tally.isCaughtUp(by: .seconds(59)))
    }

    @Test("whoever is lapsed at the end has not been caught up with")
    func openLapse() {
        var tally = Tally(minutes: 2)
        tally.replaced(due: 0, expiry: minute, at: 2 * minute, isEnd: true)
        #expect(tally.lapsedAtEnd == 1 && tally.lapsesTotal == 1)
        #expect(tally.caughtUpAt == nil && !tally.isCaughtUp(by: .seconds(1_000_000)))
    }

    @Test("peak over mean: 1 for an even flow, the number of stretches for a single burst")
    func peakToMean() {
        var even = Tally(minutes: 40)
        for time in 0..<40 { even.refreshed(at: Int64(time) * minute) }
        #expect(even.peakToMean(in: 0..<40, width: 10) == 1)
        // The last stretch is not whole.
        #expect(even.peakToMean(in: 0..<39, width: 10) == 1)
        var burst = Tally(minutes: 40)
        burst.refreshed(at: 25 * minute)
        #expect(burst.peakToMean(in: 0..<40, width: 10) == 4)
        #expect(burst.peakToMean(in: 0..<20, width: 10) == 0)
    }

    @Test("a cycle is as long as it takes to refresh every account once more")
    func cycle() {
        var tally = Tally(minutes: 10)
        for time in [1, 4, 4, 5, 6, 8] { tally.refreshed(at: Int64(time) * minute) }
        #expect(tally.cycle(from: .seconds(120), of: 3) == 4..<5)
        #expect(tally.cycle(from: .zero, of: 5) == 1..<6)
        #expect(tally.cycle(from: .zero, of: 9) == 1..<10)
        #expect(tally.cycle(from: .seconds(540), of: 1) == 10..<10)
    }

    @Test("the tally of all clients is the sum of theirs")
    func sum() {
        var one = Tally(minutes: 3)
        one.refreshed(at: 0)
        one.replaced(due: 0, expiry: minute, at: minute + 1)
        var other = Tally(minutes: 3)
        other.failed(at: minute)
        other.replaced(due: 0, expiry: 1, at: 2 * minute, isEnd: true)
        let sum = Tally.sum([one, other])
        #expect(sum.refreshes == [1, 0, 0] && sum.failures == [0, 1, 0])
        #expect(sum.lapses == [1, 1, 0] && sum.lapsed == [1, 2, 1])
        #expect(sum.firstLapse == .nanoseconds(1) && sum.lastLapse == .seconds(60))
        #expect(sum.lapsedAtEnd == 1 && sum.refreshesTotal == 1 && sum.failuresTotal == 1)
    }

    @Test("the most requests in any second are counted exactly, across the second's edges")
    func window() {
        var window = RequestWindow(span: 1_000_000_000)
        for time in [0, 900, 1000, 1100, 1900, 2100] { window.add(Int64(time) * 1_000_000) }
        // 900, 1000, 1100 and, a second after 900, no longer 1900.
        #expect(window.most == 3 && window.count == 2)
    }

    @Test(
        "twice the budget in a second, 1.1 times in ten; an even flow at the budget is always allowed",
        arguments: [
            ("60/min", 2, 11), ("20/s", 40, 220), ("20/min", 1, 4), ("1/h", 1, 1), ("150/min", 5, 27),
            ("18/min", 1, 4),
        ])
    func allowed(_ row: (rate: String, second: Int, tenSeconds: Int)) {
        let client = VirtualClient(
            Situation.Client(provider, ClientRules(budget: Rate(row.rate))), minutes: 1)
        #expect(client.mostInSecond == row.second)
        #expect(client.mostInTenSeconds == row.tenSeconds)
    }
}
