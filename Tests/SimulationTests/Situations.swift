// Small situations that the tests vary.

import Vocabulary

@testable import Simulation

let provider = ProviderName("p")!

/// `count` accounts of one client that lapse at moments spread over their `lifetime`, or all `expiresIn` from the start.
func situation(
    _ rules: ClientRules = ClientRules(), accounts count: Int = 20, lifetime: Duration = .seconds(600),
    expiresIn: Duration? = nil, askedEvery: Duration? = nil, troubles: [Trouble] = [],
    for duration: Duration = .seconds(3600)
) -> Situation {
    var client = Situation.Client(provider, rules)
    client.troubles = troubles
    let accounts = Trial.accounts(count, of: 0, provider) { index in
        (lifetime, expiresIn ?? lifetime / 2 + lifetime / 2 * index / count, askedEvery)
    }
    return Situation(clients: [client], accounts: accounts, duration: duration, seed: 7)
}

func run(_ situation: Situation, _ sabotage: Sabotage? = nil) -> Outcome {
    var simulation = Simulation(situation)
    simulation.sabotage = sabotage
    return simulation.run()
}
