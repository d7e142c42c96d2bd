// Decides that no window of time sees more requests than the budget says, whatever the demand.

import Testing
import Vocabulary

@testable import Schedule

@Suite("A budget")
struct BudgetTests {
    private static let start = BootTime(nanoseconds: 1_000_000_000_000)

    /// As many requests as may leave in `duration`, each at the first moment it may.
    private func send(_ budget: inout Budget, from start: BootTime = start, for duration: Duration)
        -> [BootTime]
    {
        var sent: [BootTime] = []
        var now = start
        while true {
            now = budget.earliest(now)
            guard now < start + duration else { return sent }
            budget.spend(now)
            sent.append(now)
        }
    }

    private func most(_ sent: [BootTime], in window: Duration) -> Int {
        var (most, first) = (0, 0)
        for last in sent.indices {
            while sent[first] < sent[last] - window { first += 1 }
            most = max(most, last - first + 1)
        }
        return most
    }

    @Test(
        "is used whole, with at most twice of it in any second and 1.1 times in any 10 s",
        arguments: ["60/min", "20/s", "1000/s", "90/min", "600/min", "7/s"])
    func windows(text: String) throws {
        let rate = try #require(Rate(text))
        var budget = Budget(rate)
        let sent = send(&budget, for: .seconds(100))
        #expect(Double(sent.count) >= rate.perSecond * 100 - 1)
        #expect(Double(most(sent, in: .seconds(1))) <= max(2, rate.perSecond * 2))
        #expect(Double(most(sent, in: .seconds(10))) <= rate.perSecond * 11)
    }

    @Test("below one a second, requests are as far apart as it says, and an idle hour saves up no burst")
    func slow() {
        var budget = Budget(Rate("6/min"))
        #expect(send(&budget, for: .seconds(60)).count == 6)
        let later = Self.start + .seconds(3600)
        let sent = send(&budget, from: later, for: .seconds(60))
        #expect(sent == (0..<6).map { later + .seconds(10 * $0) })
    }

    @Test("that nobody set lets everything through")
    func unbounded() {
        let budget = Budget(nil)
        #expect(budget.earliest(Self.start) == Self.start)
        #expect(budget.interval(Self.start) == nil)
    }

    @Test("C6: what is left of the provider's window is spread over it; what is in flight is not left")
    func learns() {
        var budget = Budget(nil)
        budget.learn(Allowance(remaining: 30, resetsIn: .seconds(60)), inFlight: 10, Self.start)
        #expect(budget.interval(Self.start) == .seconds(3))
        #expect(send(&budget, for: .seconds(60)).count == 20)
        #expect(budget.interval(Self.start + .seconds(60)) == nil, "the window is over")
    }

    @Test("is learned downward only")
    func neverUpward() {
        var budget = Budget(Rate("60/min"))
        budget.learn(Allowance(remaining: 5000, resetsIn: .seconds(60)), inFlight: 0, Self.start)
        #expect(budget.interval(Self.start) == .seconds(1))
    }

    @Test("C6: pauses until the named reset when nothing is left, but for one probe")
    func exhausted() {
        var budget = Budget(Rate("20/s"))
        budget.learn(Allowance(remaining: 0, resetsIn: .seconds(40)), inFlight: 0, Self.start)
        #expect(budget.earliest(Self.start) == Self.start + .seconds(40))
        #expect(budget.mayProbe(Self.start + .seconds(5)))
        budget.spend(Self.start + .seconds(5))
        #expect(!budget.mayProbe(Self.start + .seconds(20)))
        #expect(!budget.mayProbe(Self.start + .seconds(40)), "there is no pause to probe")
    }

    @Test(
        "C6: a limit without a time pauses 1, 2, 4 s and so on up to a minute; a good answer starts it anew")
    func unnamed() {
        var budget = Budget(nil)
        var now = Self.start
        var pauses: [Duration] = []
        for _ in 0..<8 {
            budget.limit(retryAfter: nil, sentAt: now, now)
            pauses.append(budget.pausedUntil - now)
            now = budget.pausedUntil
        }
        #expect(pauses == [1, 2, 4, 8, 16, 32, 60, 60].map { Duration.seconds($0) })
        budget.succeeded()
        budget.limit(retryAfter: nil, sentAt: now, now)
        #expect(budget.pausedUntil == now + .seconds(1))
    }

    @Test("sixty-four requests that were under way together and limited together pause once")
    func oneBurst() {
        var budget = Budget(nil)
        for number in 0..<64 {
            budget.limit(
                retryAfter: nil, sentAt: Self.start - .seconds(1), Self.start + .milliseconds(number))
        }
        #expect(budget.pausedUntil == Self.start + .seconds(1))
    }
}
