import Testing
import Vocabulary

@testable import Simulation

/// An invariant that no run can break shows nothing.
@Suite("What is broken is noticed")
struct BreachTests {
    @Test("a run that nobody breaks keeps every invariant")
    func unbroken() {
        let outcome = run(situation(askedEvery: .seconds(60)))
        #expect(outcome.breaches.all.isEmpty, "\(outcome.breaches.all)")
        #expect(outcome.total.refreshesTotal > 20 * 6 && outcome.asked > 20 * 40)
    }

    @Test(
        "each way to drive the engine wrongly breaks the invariant that it should",
        arguments: [
            (.oversleeps, .punctual), (.sendsTwice, .spaced), (.forgetsRotation, .reused),
            (.forgetsRotation, .kept), (.answersTooLate, .served), (.losesOperations, .healthy),
            (.losesAccounts, .remembered), (.stopsClock, .restful),
        ] as [(Sabotage, Invariant)])
    func driver(_ row: (sabotage: Sabotage, invariant: Invariant)) {
        #expect(run(situation(), row.sabotage).breaches.all[row.invariant] != nil)
    }

    @Test("an account that is left to lapse without a reason is noticed")
    func caused() {
        let breaches = run(situation(lifetime: .seconds(60)), .oversleeps).breaches
        #expect(breaches.all[.caused] != nil)
    }

    @Test("callers that are not answered are noticed")
    func answered() {
        var lapsed = situation(expiresIn: .zero, askedEvery: .seconds(10))
        lapsed.clients[0].latency = .seconds(12)...(.seconds(12))
        #expect(run(lapsed).breaches.all[.answered] == nil)
        #expect(run(lapsed, .losesAnswers).breaches.all[.answered] != nil)
    }

    @Test("C8: an account that hammers is noticed")
    func attempts() {
        let down = situation(troubles: [Trouble(.unreachable, from: .seconds(60), until: .seconds(1200))])
        #expect(run(down).breaches.all.isEmpty)
        #expect(run(down, .hammers).breaches.all[.attempts] != nil)
    }

    @Test("more requests than the budget, and more in flight than the rules allow, are noticed")
    func limits() {
        var told = situation(accounts: 50, expiresIn: .zero)
        told.clients[0].judgedBy.budget = Rate(1, per: .second)
        told.clients[0].judgedBy.concurrency = 10
        let breaches = run(told).breaches
        #expect(breaches.all[.budget] != nil)
        #expect(breaches.all[.bounded] != nil)
    }
}
