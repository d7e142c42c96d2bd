// Decides which situations are tried by name, and what each must come to beyond the invariants. Their numbers are those of the
// project's list of scenarios (T7 to T10).

import Vocabulary

/// A situation worth trying, as `tokend-simulate` names it.
public enum Scenario: String, CaseIterable, Sendable {
    case lockstep
    case overload
    case outage
    case restart
    case clockSteps = "clock-steps"
    case hangingProvider = "hanging-provider"
    case faults

    /// What it is about, in a line.
    public var abstract: String {
        switch self {
        case .lockstep: "10,000 accounts of 6 h that lapse at one instant, under a budget of 60 a minute (T7)"
        case .overload:
            "10,000 accounts of 1 h under a budget of 60 a minute, which cannot keep them fresh (T7)"
        case .outage: "1,000,000 accounts of 1 h, an outage of an hour, budget 1.5 times the steady rate (T8)"
        case .restart: "a start with every token lapsed, and one with every token valid (T9)"
        case .clockSteps: "the wall clock steps an hour ahead, a day back, to 1970, and right again (T2)"
        case .hangingProvider: "one provider of ten never answers for half an hour (T10)"
        case .faults: "a week of random faults by seed: outages, lost answers, limits, refusals, revocations"
        }
    }

    /// How many accounts it has unless told otherwise.
    public var standardAccounts: Int {
        switch self {
        case .lockstep, .overload: 10_000
        case .outage: 1_000_000
        case .restart: 100_000
        case .clockSteps: 10_000
        case .hangingProvider: 2_000
        case .faults: 30
        }
    }

    /// What is run for it.
    public func trials(_ options: Options = Options()) -> [Trial] {
        let count = max(1, options.accounts ?? standardAccounts)
        var trials =
            switch self {
            case .lockstep: [Self.lockstep(count)]
            case .overload: [Self.overload(count)]
            case .outage: [Self.outage(count)]
            case .restart: [Self.restart(count, isLapsed: true), Self.restart(count, isLapsed: false)]
            case .clockSteps: [Self.clockSteps(count)]
            case .hangingProvider: [Self.hangingProvider(count)]
            case .faults: [Self.faults(count, days: options.days, seed: options.seed)]
            }
        for index in trials.indices {
            trials[index].situation.seed = options.seed
            guard !options.plansAhead else { continue }
            trials[index].title += ", without planning ahead"
            for client in trials[index].situation.clients.indices {
                trials[index].situation.clients[client].rules.plansAhead = false
            }
        }
        return trials
    }

    /// What can be varied.
    public struct Options: Sendable {
        public var seed: UInt64 = 1
        /// nil for `standardAccounts`.
        public var accounts: Int?
        /// Whether refreshing starts earlier where the budget could not do it all later.
        public var plansAhead = true
        /// How long the random faults go on, the calm at their end included; at least 2.
        var days = 7

        public init() {}
    }
}

/// A situation, and what it must come to.
public struct Trial: Sendable {
    public var title: String
    public var situation: Situation
    /// From when on a cycle is looked for by which the spread is judged: all accounts refreshed once.
    public var nextCycleFrom: Duration?
    /// When the trouble ends from which the accounts recover.
    public var recoversFrom = Duration.zero
    public var requirements: [Requirement]

    /// The cycle that begins when all have caught up.
    func nextCycle(_ tally: Tally) -> Range<Int>? {
        nextCycleFrom.map {
            let start = max($0, (tally.caughtUpAt ?? .zero) + .seconds(60))
            return tally.cycle(from: start, of: situation.accounts.count)
        }
    }

    /// Runs it to the end.
    public func run() -> Verdict {
        var simulation = Simulation(situation)
        let outcome = simulation.run()
        return Verdict(trial: self, outcome: outcome)
    }

    /// Accounts of one client, `p/0` and so on.
    static func accounts(
        _ count: Int, of client: Int, _ name: ProviderName,
        _ account: (Int) -> (lifetime: Duration, expiresIn: Duration, askedEvery: Duration?)
    ) -> [Situation.Account] {
        (0..<count).map { index in
            let facts = account(index)
            return Situation.Account(
                name: AccountName("\(name)/\(index)")!, client: client, lifetime: facts.lifetime,
                expiresIn: facts.expiresIn, askedEvery: facts.askedEvery)
        }
    }
}

/// Something that a scenario must come to.
public struct Requirement: Sendable {
    let judge: @Sendable (Trial, Outcome) -> Finding

    init(_ judge: @escaping @Sendable (Outcome) -> Finding) { self.judge = { judge($1) } }

    init(_ judge: @escaping @Sendable (Trial, Outcome) -> Finding) { self.judge = judge }
}

/// Whether a requirement holds, and the sentence that says so, with the figure that was found.
public struct Finding: Sendable {
    public let holds: Bool
    public let sentence: String

    init(_ holds: Bool, _ sentence: String) {
        self.holds = holds
        self.sentence = sentence
    }
}

/// What a trial came to.
public struct Verdict: Sendable {
    public var trial: Trial
    public var outcome: Outcome
    public var findings: [Finding]

    init(trial: Trial, outcome: Outcome) {
        self.trial = trial
        self.outcome = outcome
        findings = trial.requirements.map { $0.judge(trial, outcome) }
    }

    /// Whether every requirement and every invariant held.
    public var holds: Bool { outcome.breaches.all.isEmpty && findings.allSatisfy(\.holds) }
}
