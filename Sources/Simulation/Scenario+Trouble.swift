// Decides the scenarios of trouble: clocks that step, a provider that hangs, and a week in which everything goes wrong at times.

import Engine
import Glibc
import Vocabulary

extension Scenario {
    static func clockSteps(_ count: Int) -> Trial {
        let lifetime = Duration.seconds(3600)
        let provider = ProviderName("p")!
        let accounts = Trial.accounts(count, of: 0, provider) { index in
            (lifetime, .seconds(18 * 60) + .seconds(42 * 60) * index / count, .seconds(600))
        }
        var situation = Situation(
            clients: [Situation.Client(provider)], accounts: accounts, duration: .seconds(6 * 3600), seed: 1)
        let to1970 = Simulation.start.wall - WallTime(epochSeconds: 0)
        let steps: [(hour: Int64, by: Duration)] = [
            (1, .seconds(3600)), (2, .seconds(-86_400)), (3, .zero - to1970), (4, to1970 + .seconds(82_800)),
        ]
        situation.wallSteps = steps.map { .init(at: .seconds($0.hour * 3600), by: $0.by) }
        let whole = 10..<360
        return Trial(
            title:
                "\(count.grouped) accounts of 1h; the wall clock steps +1h, -1 day, to 1970, and right again",
            situation: situation,
            requirements: [
                nothingLapses,
                Requirement {
                    let told = $0.notices[.clockStepped] ?? 0
                    return Finding(told == steps.count, "the log tells each step once: \(told)")
                },
                Requirement {
                    Finding(
                        $0.refusals.isEmpty, "no request for a token is refused: \($0.refusals.count.grouped)"
                    )
                },
                Requirement {
                    let ratio = $0.total.peakToMean(in: whole, width: 10)
                    return Finding(
                        (0.001...1.2).contains(ratio),
                        "no storm: the busiest 10 minutes 1.2 times the mean at most, \(ratio.hundredths)")
                },
            ])
    }

    static func hangingProvider(_ count: Int) -> Trial {
        let lifetime = Duration.seconds(600)
        let names = (0..<10).map { ProviderName("p\($0)")! }
        var clients = names.map { Situation.Client($0) }
        let hangs = (from: Duration.seconds(600), until: Duration.seconds(2400))
        clients[0].troubles = [Trouble(.hangs(processes: false), from: hangs.from, until: hangs.until)]
        let each = max(1, count / 10)
        let accounts = names.enumerated().flatMap { client, name in
            Trial.accounts(each, of: client, name) { index in
                (lifetime, .seconds(180) + .seconds(420) * index / each, nil)
            }
        }
        return Trial(
            title:
                "ten providers with \(each.grouped) accounts of 10m each; one never answers from 10m to 40m",
            situation: Situation(
                clients: clients, accounts: accounts, duration: .seconds(5400), seed: 1),
            recoversFrom: hangs.until,
            requirements: [
                Requirement {
                    let others = Tally.sum($0.clients.dropFirst().map(\.tally))
                    return Finding(
                        others.lapsesTotal == 0 && others.failuresTotal == 0,
                        "the other nine do not notice: \(others.lapsesTotal) lapses, \(others.failuresTotal) failures"
                    )
                },
                Requirement {
                    let most = $0.clients[0].mostInFlight
                    return Finding(
                        most <= ClientRules.standardConcurrency,
                        "the one that hangs holds its own slots alone: \(most)")
                },
                Requirement {
                    let tally = $0.clients[0].tally
                    let time = tally.caughtUpAt.map { ($0 - hangs.until).inWords } ?? "never"
                    return Finding(
                        tally.isCaughtUp(by: hangs.until + .seconds(360)),
                        "its own accounts are well within 6m of its return: \(time)")
                },
                nobodyLogsIn,
            ])
    }

    static func faults(_ count: Int, days: Int, seed: UInt64) -> Trial {
        var random = SplitMix64(seed: seed &* 0x9E37_79B9)
        let duration = Duration.seconds(days * 86_400)
        // Replays wait for the end of a token's life, a day; then a user takes an hour to log in.
        let calm = duration - .seconds(28 * 3600)
        var clients = [
            Situation.Client(
                ProviderName("strict")!,
                ClientRules(budget: Rate(30, per: .minute), concurrency: 4, replay: .never)),
            Situation.Client(
                ProviderName("grace")!,
                ClientRules(budget: Rate(2, per: .second), concurrency: 8, replay: .within(.seconds(60)))),
            Situation.Client(ProviderName("plain")!, ClientRules(replay: .always)),
        ]
        clients[0].limit = Rate(30, per: .minute)
        clients[1].limit = Rate(120, per: .minute)
        clients[1].announcesLimit = true
        for index in clients.indices { clients[index].troubles = week(of: calm, using: &random) }
        let lifetimes: [Int64] = [600, 900, 1800, 3600, 7200, 21_600, 43_200, 86_400]
        let accounts = (0..<count).map { index in
            let lifetime = lifetimes.randomElement(using: &random)!
            let client = index % clients.count
            return Situation.Account(
                name: AccountName("\(clients[client].name)/\(index)")!, client: client,
                lifetime: .seconds(lifetime),
                expiresIn: .milliseconds(Int64.random(in: 30_000...lifetime * 1000, using: &random)),
                askedEvery: index % 2 == 0 ? .seconds(1800) : nil)
        }
        var situation = Situation(clients: clients, accounts: accounts, duration: duration, seed: seed)
        situation.revocations = (0..<3).map { _ in
            .init(
                at: .seconds(Int64.random(in: 0..<calm.components.seconds, using: &random)),
                account: Int.random(in: 0..<count, using: &random))
        }
        return Trial(
            title:
                "\(days == 7 ? "a week" : "\(days) days") of random faults at 3 providers with \(count.grouped) accounts, seed \(seed)",
            situation: situation,
            requirements: [
                Requirement {
                    let failures = $0.total.failuresTotal
                    return Finding(
                        failures > 100, "it was a lively time: \(failures.grouped) failed attempts")
                }
            ])
    }

    /// What a provider does to a client until `calm`: episodes some hours apart, and now and then a single failure.
    private static func week(of calm: Duration, using random: inout SplitMix64) -> [Trouble] {
        var troubles = [
            Trouble(.unavailable(retryAfter: nil), from: .zero, until: calm, share: 0.01),
            Trouble(.losesAnswers, from: .zero, until: calm, share: 0.002),
            Trouble(.slow, from: .zero, until: calm, share: 0.01),
        ]
        var time = 0.0
        while true {
            time += 6 * 3600 * Self.exponential(using: &random)
            // From 10 s to 2 h, as many short ones as long ones.
            let length = 10 * exp2(Double.random(in: 0...9.5, using: &random))
            guard time + length < Double(calm.components.seconds) else { return troubles }
            let kind = kind(using: &random)
            var share = [1, 1, 0.5, 0.1].randomElement(using: &random)!
            // A provider that knows the client one moment and not the next is none that anybody has seen.
            if case .refusesWithoutCode = kind { share = 1 }
            let trouble = Trouble(
                kind, from: .seconds(time), until: .seconds(time + length), share: share)
            troubles.insert(trouble, at: 0)
            time += length
        }
    }

    private static func kind(using random: inout SplitMix64) -> Trouble.Kind {
        let retryAfter: Duration? = [nil, .seconds(1), .seconds(30), .seconds(600)].randomElement(
            using: &random)!
        let kinds: [Trouble.Kind] = [
            .unreachable, .unavailable(retryAfter: retryAfter), .rateLimited(retryAfter: retryAfter),
            .hangs(processes: false), .hangs(processes: true), .losesAnswers, .garbles, .refusesClient,
            .refusesWithoutCode, .slow,
        ]
        return kinds.randomElement(using: &random)!
    }

    private static func exponential(using random: inout SplitMix64) -> Double {
        -log(Double.random(in: Double.leastNonzeroMagnitude..<1, using: &random))
    }
}
