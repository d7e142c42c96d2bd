import Testing
import Vocabulary

@testable import Simulation

@Suite("The scenarios, small")
struct ScenarioTests {
    private func options(_ accounts: Int, seed: UInt64 = 1) -> Scenario.Options {
        var options = Scenario.Options()
        options.accounts = accounts
        options.seed = seed
        return options
    }

    @Test("a seed repeats a run exactly, and another one does not")
    func repeatable() {
        let series = [1, 1, 2].map { days(3, seed: $0).outcome.total.refreshes }
        #expect(series[0] == series[1])
        #expect(series[0] != series[2])
    }

    @Test("every scenario has as many accounts as it is told, and each is of its client's provider")
    func accounts() {
        for scenario in Scenario.allCases {
            for trial in scenario.trials(options(20)) {
                #expect(trial.situation.accounts.count == 20)
                #expect(
                    trial.situation.accounts.allSatisfy {
                        trial.situation.clients[$0.client].name == $0.name.provider
                    })
            }
        }
    }

    @Test("without planning the engine is told so, and the title tells it")
    func withoutPlanning() {
        var options = options(10)
        options.plansAhead = false
        let trial = Scenario.lockstep.trials(options)[0]
        #expect(trial.situation.clients.allSatisfy { !$0.rules.plansAhead })
        #expect(trial.title.hasSuffix("without planning ahead"))
    }

    /// Two days of faults, the last 28 hours calm.
    private func days(_ accounts: Int, seed: UInt64) -> Verdict {
        var options = options(accounts, seed: seed)
        options.days = 2
        return Scenario.faults.trials(options)[0].run()
    }

    private func verdicts(_ scenario: Scenario, _ accounts: Int) -> [Verdict] {
        scenario.trials(options(accounts)).map { $0.run() }
    }

    @Test(
        "T2 T7 T8 T9 T10: each scenario comes to what it must, and keeps every invariant",
        arguments: [
            (.lockstep, 500), (.overload, 200), (.outage, 2000), (.restart, 300), (.clockSteps, 500),
            (.hangingProvider, 100),
        ] as [(Scenario, Int)])
    func scenarios(_ row: (scenario: Scenario, accounts: Int)) {
        for verdict in verdicts(row.scenario, row.accounts) {
            #expect(verdict.holds, "\(Report.render(verdict))")
            #expect(verdict.findings.count >= 2)
        }
    }

    @Test("T7: without planning the accounts that lapse together do lapse")
    func comparison() {
        var options = options(500)
        options.plansAhead = false
        let verdict = Scenario.lockstep.trials(options)[0].run()
        #expect(!verdict.holds)
        #expect(verdict.outcome.total.lapsesTotal > 100)
    }

    @Test("C1 C4 C6 R5: days of random faults keep every invariant", arguments: 1...20)
    func faults(seed: UInt64) {
        let verdict = days(9, seed: seed)
        #expect(verdict.outcome.breaches.all.isEmpty, "\(Report.render(verdict))")
        #expect(verdict.outcome.total.refreshesTotal > 100 && verdict.outcome.total.failuresTotal > 0)
    }
}
