// Decides how "what if" is answered for accounts that exist: by running the engine on them through an outage that begins now.
// What cannot be known from outside (how far apart a provider's answers are, who will ask for which account) is as in the
// scenarios, so the answer is an estimate to the minute, not to the second.

import Vocabulary

/// What becomes of accounts when their providers cannot be reached from now on.
public struct Forecast: Sendable {
    /// A live account.
    public struct Account: Sendable {
        public var name: AccountName
        /// Of its access tokens.
        public var lifetime: Duration
        /// From now to its token's expiry; zero or less where it has none that is valid.
        public var expiresIn: Duration

        public init(name: AccountName, lifetime: Duration, expiresIn: Duration) {
            self.name = name
            // A century at most: what a daemon sends may be anything.
            let longest = Duration.seconds(100 * 366 * 86_400)
            self.lifetime = min(max(lifetime, .seconds(1)), longest)
            self.expiresIn = min(max(expiresIn, .zero - longest), longest)
        }
    }

    let situation: Situation

    /// - Parameters:
    ///   - budgets: of the providers that have one.
    ///   - outage: how long no provider can be reached.
    public init(accounts: [Account], budgets: [ProviderName: Rate], outage: Duration) {
        let names = Set(accounts.map(\.name.provider)).sorted()
        let indices = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })
        var counts = Array(repeating: 0, count: names.count)
        let all = accounts.map { account in
            let client = indices[account.name.provider]!
            counts[client] += 1
            return Situation.Account(
                name: account.name, client: client, lifetime: account.lifetime, expiresIn: account.expiresIn)
        }
        let clients = names.map { name in
            var client = Situation.Client(name, ClientRules(budget: budgets[name]))
            client.troubles = [Trouble(.unreachable, from: .zero, until: outage)]
            return client
        }
        let duration = Self.horizon(outage, zip(counts, clients).map { ($0, $1.rules.budget) })
        var situation = Situation(clients: clients, accounts: all, duration: duration, seed: 1)
        situation.endsWell = false
        self.situation = situation
    }

    /// Long enough for every account to be refreshed twice after the outage, where the budgets allow it at all.
    private static func horizon(_ outage: Duration, _ clients: [(accounts: Int, budget: Rate?)]) -> Duration {
        let longest = clients.map { client in
            (client.budget?.interval ?? .milliseconds(10)) * client.accounts * 2
        }.max()
        return outage + .seconds(1800) + min(longest ?? .zero, .seconds(7 * 86_400))
    }

    /// How far it looks ahead.
    public var horizon: Duration { situation.duration }

    /// Runs it: a second for some hundred thousand accounts.
    public func run() -> Outcome {
        var simulation = Simulation(situation)
        return simulation.run()
    }
}
