import Testing
import Vocabulary

@testable import Simulation

@Suite struct ReportTests {
    private func verdict(_ situation: Situation, _ requirements: [Requirement]) -> Verdict {
        Trial(
            title: "twenty accounts", situation: situation, nextCycleFrom: .seconds(1200),
            requirements: requirements
        )
        .run()
    }

    @Test("a run that is well reads so, a fact a line")
    func well() {
        let verdict = verdict(situation(), [Scenario.nothingLapses])
        let lines = Report.render(verdict).split(separator: "\n", omittingEmptySubsequences: false)
        #expect(verdict.holds)
        #expect(lines[0] == "twenty accounts")
        #expect(lines[2] == "  simulated   1h, seed 7")
        #expect(lines[3] == "  refreshes   \(verdict.outcome.total.refreshesTotal) done, 0 failed")
        #expect(lines[4] == "  lapses      0")
        #expect(lines[5] == "  caught up   always")
        #expect(
            lines.suffix(3) == [
                "  held    no token lapses before the next one comes: 0",
                "  held    13 of 13 invariants, all through", "",
            ])
    }

    @Test("what is broken is named, with how often and the first time")
    func broken() {
        var broken = situation(
            accounts: 50, expiresIn: .seconds(200),
            troubles: [Trouble(.unreachable, from: .zero, until: .seconds(1200))])
        broken.clients[0].judgedBy.budget = Rate(1, per: .second)
        let verdict = verdict(broken, [Scenario.nothingLapses])
        let text = Report.render(verdict)
        #expect(!verdict.holds)
        #expect(text.contains("  lapses      50, the first after 3m 20s, for at most "))
        #expect(text.contains("\n  BROKEN  no token lapses before the next one comes: 50\n"))
        #expect(
            text.contains(
                "\n  BROKEN  no client sends more than twice its budget in a second, nor 1.1 times in 10 s: ")
        )
        #expect(text.contains("12 of 13 invariants"))
        #expect(text.allSatisfy { $0.isASCII })
    }

    @Test("several clients stand side by side")
    func clients() {
        let text = Report.render(Scenario.hangingProvider(100).run())
        #expect(
            text.contains("  CLIENT  ACCOUNTS  BUDGET  REFRESHES  FAILED  LAPSES  CAUGHT UP  IN FLIGHT\n"))
        #expect(text.contains("\n  p9      10        -       "))
    }

    @Test("of many runs each broken invariant is told once, with its seeds")
    func many() {
        var summaries: [Summary] = []
        for seed in 1...3 as ClosedRange<UInt64> {
            var situation = situation(accounts: 50, expiresIn: .zero)
            situation.seed = seed
            if seed > 1 { situation.clients[0].judgedBy.budget = Rate(1, per: .second) }
            summaries.append(Summary(verdict(situation, [])))
        }
        let text = Report.render(.faults, summaries)
        #expect(text.hasPrefix("faults: 3 runs, seeds 1 to 3\n"))
        #expect(text.contains(": in 2 runs, seeds 2, 3; first p: "))
        #expect(text.hasSuffix("  held    12 of 13 invariants, all through\n"))
        #expect(summaries.map(\.holds) == [true, false, false])
    }

    @Test(
        "durations read by their two largest units",
        arguments: [
            (.zero, "0 ms"), (.milliseconds(20), "20 ms"), (.seconds(59), "59s"), (.seconds(3600), "1h"),
            (.seconds(3661), "1h 1m"), (.seconds(90_000), "1d 1h"),
        ] as [(Duration, String)])
    func words(_ row: (duration: Duration, text: String)) {
        #expect(row.duration.inWords == row.text)
    }
}
