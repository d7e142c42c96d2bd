// Decides how a verdict reads: what was tried, what came of it in figures, and what held. ASCII, one fact a line, so that an
// operator sees at a glance whether something needs a look, and a log keeps it.

import Vocabulary

/// A verdict, or many of one scenario, as text.
public enum Report {
    /// One run; LF at its end.
    public static func render(_ verdict: Verdict) -> String {
        let (trial, outcome) = (verdict.trial, verdict.outcome)
        let total = outcome.total
        var facts = [
            ("simulated", "\(outcome.duration.inWords), seed \(trial.situation.seed)"),
            ("refreshes", refreshes(total, logins: outcome.logins)), ("lapses", lapses(total)),
            ("caught up", caughtUp(total, from: trial.recoversFrom)),
        ]
        if outcome.asked > 0 {
            let refused = outcome.refusals.count.grouped
            facts.append(("asked", "\(outcome.asked.grouped) requests for tokens, \(refused) refused"))
        }
        if let client = outcome.clients.first, outcome.clients.count == 1 {
            facts.append(("at most", "\(extremes(client)), \(client.mostInFlight) in flight"))
        }
        if let cycle = trial.nextCycle(total) {
            facts.append(("next cycle", spread(total, cycle)))
        }
        var lines = [trial.title, ""] + column(facts)
        if outcome.clients.count > 1 { lines += [""] + table(outcome.clients) }
        return (lines + [""] + findings(verdict)).joined(separator: "\n") + "\n"
    }

    private static func refreshes(_ tally: Tally, logins: Int) -> String {
        "\(tally.refreshesTotal.grouped) done, \(tally.failuresTotal.grouped) failed"
            + (logins > 0 ? ", \(logins.grouped) users logged in again" : "")
    }

    static func lapses(_ tally: Tally) -> String {
        var text = tally.lapsesTotal.grouped
        if let first = tally.firstLapse {
            text += ", the first after \(first.inWords), for at most \(tally.longestLapse.inWords)"
        }
        return tally.lapsedAtStart > 0 ? "\(text); \(tally.lapsedAtStart.grouped) at the start" : text
    }

    private static func caughtUp(_ tally: Tally, from recovery: Duration) -> String {
        guard let time = tally.caughtUpAt else {
            return "not by the end: \(tally.lapsedAtEnd.grouped) lapsed"
        }
        guard time > .zero else { return "always" }
        guard recovery > .zero, time > recovery else { return "after \(time.inWords)" }
        return "after \(time.inWords), \((time - recovery).inWords) after the recovery"
    }

    private static func extremes(_ client: Outcome.Client) -> String {
        func figure(_ extreme: (most: Int, allowed: Int?), _ span: String) -> String {
            let allowed = extreme.allowed.map { " of \($0.grouped)" } ?? ""
            return "\(extreme.most.grouped)\(allowed) requests in \(span)"
        }
        return "\(figure(client.inSecond, "any second")), \(figure(client.inTenSeconds, "any 10 s"))"
    }

    private static func spread(_ tally: Tally, _ cycle: Range<Int>) -> String {
        let minutes = tally.refreshes[cycle.clamped(to: 0..<tally.minutes)]
        let sum = minutes.reduce(0) { $0 + Int($1) }
        let mean = Double(sum) / Double(max(1, minutes.count))
        return "from \(Duration.seconds(cycle.lowerBound * 60).inWords) to"
            + " \(Duration.seconds(cycle.upperBound * 60).inWords): \(Int(mean.rounded()).grouped) refreshes a minute,"
            + " at most \(Int(minutes.max() ?? 0).grouped)"
    }

    // MARK: Layout

    private static func column(_ facts: [(String, String)]) -> [String] {
        let width = facts.reduce(0) { max($0, $1.0.count) }
        return facts.map { "  " + $0.0.padded(to: width) + "  " + $0.1 }
    }

    private static func table(_ clients: [Outcome.Client]) -> [String] {
        let header = [
            "CLIENT", "ACCOUNTS", "BUDGET", "REFRESHES", "FAILED", "LAPSES", "CAUGHT UP", "IN FLIGHT",
        ]
        let rows = clients.map { client in
            [
                client.name.text, client.accounts.grouped, client.budget?.description ?? "-",
                client.tally.refreshesTotal.grouped, client.tally.failuresTotal.grouped,
                client.tally.lapsesTotal.grouped,
                client.tally.caughtUpAt.map { $0 == .zero ? "-" : $0.inWords } ?? "never",
                client.mostInFlight.grouped,
            ]
        }
        let widths = header.indices.map { column in
            ([header] + rows).reduce(0) { max($0, $1[column].count) }
        }
        return ([header] + rows).map { row in
            let cells = zip(row, widths).map { $0.padded(to: $1) }
            return "  " + cells.joined(separator: "  ").trimmed
        }
    }

    private static func findings(_ verdict: Verdict) -> [String] {
        var lines = verdict.findings.map { mark($0.holds) + $0.sentence }
        let breaches = verdict.outcome.breaches.all
        for invariant in Invariant.allCases {
            guard let breach = breaches[invariant] else { continue }
            let times = breach.count == 1 ? "once" : "\(breach.count.grouped) times"
            lines.append(
                mark(false)
                    + "\(invariant.rawValue): \(times), first \(breach.detail) (at \(breach.at.inWords))")
        }
        lines.append(held(Invariant.allCases.count - breaches.count))
        return lines
    }

    private static func mark(_ holds: Bool) -> String { holds ? "  held    " : "  BROKEN  " }

    private static func held(_ count: Int) -> String {
        mark(true) + "\(count) of \(Invariant.allCases.count) invariants, all through"
    }

    // MARK: Many

    /// Runs of one scenario with many seeds, in the order of the seeds; LF at its end.
    public static func render(_ scenario: Scenario, _ summaries: [Summary]) -> String {
        guard let first = summaries.first, let last = summaries.last else { return "nothing was run\n" }
        let runs = summaries.count.grouped
        var lines = [
            "\(scenario.rawValue): \(runs) runs, seeds \(first.seed) to \(last.seed)", "",
        ]
        func sum(_ figure: (Summary) -> Int) -> String { summaries.reduce(0) { $0 + figure($1) }.grouped }
        lines += column([
            (
                "refreshes",
                "\(sum(\.refreshes)) done, \(sum(\.failures)) failed, \(sum(\.logins)) users logged in again"
            ),
            (
                "lapses",
                "\(sum(\.lapses)), each of them where provider or budget left no way (\(Invariant.caused))"
            ),
        ])
        lines.append("")
        var broken = 0
        for invariant in Invariant.allCases {
            let seeds = summaries.filter { $0.breaches.all[invariant] != nil }
            guard let example = seeds.first, let breach = example.breaches.all[invariant] else { continue }
            broken += 1
            let named = seeds.prefix(5).map { String($0.seed) }.joined(separator: ", ")
            lines.append(
                mark(false) + "\(invariant.rawValue): in \(seeds.count.grouped) runs, seeds \(named)"
                    + (seeds.count > 5 ? " ..." : "") + "; first \(breach.detail) (at \(breach.at.inWords))")
        }
        for summary in summaries where !summary.missed.isEmpty {
            lines += summary.missed.map { mark(false) + "\($0), seed \(summary.seed)" }
        }
        lines.append(held(Invariant.allCases.count - broken))
        return lines.joined(separator: "\n") + "\n"
    }
}

/// What is kept of a run among many.
public struct Summary: Sendable {
    public let seed: UInt64
    let refreshes: Int
    let failures: Int
    let lapses: Int
    let logins: Int
    let breaches: Breaches
    /// The requirements that did not hold.
    let missed: [String]

    public init(_ verdict: Verdict) {
        let total = verdict.outcome.total
        seed = verdict.trial.situation.seed
        refreshes = total.refreshesTotal
        failures = total.failuresTotal
        lapses = total.lapsesTotal
        logins = verdict.outcome.logins
        breaches = verdict.outcome.breaches
        missed = verdict.findings.filter { !$0.holds }.map(\.sentence)
    }

    public var holds: Bool { breaches.all.isEmpty && missed.isEmpty }
}

extension String {
    func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }

    /// Without blanks at its end.
    var trimmed: String {
        var text = self[...]
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
