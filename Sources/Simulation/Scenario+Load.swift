// Decides the scenarios of load: everything at once, more than the budget gives, an outage of many, and a restart.

import Engine
import Schedule
import Vocabulary

extension Scenario {
    private static let provider = ProviderName("p")!

    /// 60 a minute for 10,000 accounts, and as much for each of more or fewer.
    private static func budget(_ count: Int) -> Rate { Rate(max(1, count * 60 / 10_000), per: .minute) }

    static func lockstep(_ count: Int) -> Trial {
        let lifetime = Duration.seconds(6 * 3600)
        let budget = budget(count)
        var client = Situation.Client(provider, ClientRules(budget: budget))
        client.limit = budget
        let accounts = Trial.accounts(count, of: 0, provider) { _ in (lifetime, lifetime, nil) }
        let situation = Situation(
            clients: [client], accounts: accounts, duration: .seconds(14 * 3600), seed: 1)
        return Trial(
            title:
                "\(count.grouped) accounts of 6h that lapse at one instant, \(budget.requests.grouped) refreshes a minute",
            situation: situation, nextCycleFrom: lifetime,
            requirements: [nothingLapses, spreads(width: 10)])
    }

    static func overload(_ count: Int) -> Trial {
        let lifetime = Duration.seconds(3600)
        let duration = Duration.seconds(14 * 3600)
        let budget = budget(count)
        var client = Situation.Client(provider, ClientRules(budget: budget))
        client.limit = budget
        client.suffices = false
        // Every tenth account serves a program that asks each two minutes.
        let accounts = Trial.accounts(count, of: 0, provider) { index in
            (lifetime, lifetime, index % 10 == 0 ? .seconds(120) : nil)
        }
        var situation = Situation(clients: [client], accounts: accounts, duration: duration, seed: 1)
        situation.endsWell = false
        let settled = Duration.seconds(4 * 3600)
        return Trial(
            title:
                "\(count.grouped) accounts of 1h, \(budget.requests.grouped) refreshes a minute; every tenth is asked for each 2 minutes",
            situation: situation,
            requirements: [
                Requirement {
                    let refused = $0.refusals.count { $0 > settled }
                    return Finding(
                        refused == 0, "no request for a token is refused after 4h: \(refused.grouped)")
                },
                Requirement {
                    // All but the first hour and a tenth.
                    let (requests, least) = ($0.clients[0].requests, budget.requests * 13 * 54)
                    return Finding(requests >= least, "the budget is used: \(requests.grouped) requests")
                },
                Requirement {
                    let gap = $0.longestGap
                    return Finding(
                        gap <= .seconds(8 * 3600), "no account is left alone for more than 8h: \(gap.inWords)"
                    )
                },
                Requirement {
                    let told = $0.notices[.overloaded] ?? 0
                    return Finding(told == 1, "the log tells it once: \(told)")
                },
            ])
    }

    /// What keeping so many accounts fresh takes, were each refreshed as early as its plan allows.
    static func steadyRate(_ count: Int, _ lifetime: Duration) -> Rate {
        let margin = RefreshPolicy.margin(lifetime: lifetime)
        let age = lifetime - margin - margin / 2
        return Rate(max(1, Int((Double(count) * (.seconds(60) / age)).rounded(.up))), per: .minute)
    }

    static func outage(_ count: Int) -> Trial {
        let lifetime = Duration.seconds(3600)
        let mostInFlight = 512
        let outage = (from: Duration.seconds(3600), until: Duration.seconds(7200))
        let budget = Rate(steadyRate(count, lifetime).requests * 3 / 2, per: .minute)
        var client = Situation.Client(provider, ClientRules(budget: budget, concurrency: mostInFlight))
        client.troubles = [Trouble(.unreachable, from: outage.from, until: outage.until)]
        // As after days of work: the tokens' ages are spread evenly. Every thousandth is asked for.
        let accounts = Trial.accounts(count, of: 0, provider) { index in
            let left = Duration.seconds(18 * 60) + .seconds(42 * 60) * index / count
            return (lifetime, left, index % 1000 == 0 ? .seconds(30) : nil)
        }
        return Trial(
            title:
                "\(count.grouped) accounts of 1h, provider down from 1h to 2h, \(budget.requests.grouped) refreshes a minute",
            situation: Situation(
                clients: [client], accounts: accounts, duration: .seconds(4 * 3600), seed: 1),
            nextCycleFrom: outage.until, recoversFrom: outage.until,
            requirements: [
                Requirement {
                    let last = $0.total.lastLapse ?? .zero
                    return Finding(
                        last < outage.until + .seconds(360),
                        "nothing lapses that is valid 60 s after the recovery with 5 min left")
                },
                Requirement {
                    let time = $0.total.caughtUpAt.map { ($0 - outage.until).inWords } ?? "never"
                    return Finding(
                        $0.total.isCaughtUp(by: outage.until + .seconds(1800)),
                        "all are caught up within 30m of the recovery: \(time)")
                },
                Requirement {
                    // What is in flight when the circuit opens, then a probe each 30 s.
                    let (failures, most) = ($0.total.failuresTotal, mostInFlight + 140)
                    return Finding(
                        failures <= most,
                        "an hour's outage takes at most \(most.grouped) attempts: \(failures.grouped)")
                },
                Requirement {
                    let last = $0.refusals.last { $0 > outage.from } ?? outage.until
                    return Finding(
                        last <= outage.until + .seconds(90),
                        "accounts that are asked for come first: none is refused 90s after the recovery, the last \(max(.zero, last - outage.until).inWords)"
                    )
                },
                Requirement {
                    let (failing, recovered) = ($0.notices[.providerFailing], $0.notices[.providerRecovered])
                    return Finding(
                        failing == 1 && recovered == 1,
                        "the log tells once that it fails, once that it is back: \(failing ?? 0), \(recovered ?? 0)"
                    )
                },
                nobodyLogsIn, spreads(width: 1),
            ])
    }

    static func restart(_ count: Int, isLapsed: Bool) -> Trial {
        let lifetime = Duration.seconds(3600)
        let budget = steadyRate(count, lifetime).doubled
        let client = Situation.Client(provider, ClientRules(budget: budget, concurrency: 256))
        let accounts = Trial.accounts(count, of: 0, provider) { index in
            // None is due within the first second, or every one has lapsed within the last hour.
            let left = Duration.seconds(19 * 60) + .seconds(40 * 60) * index / count
            return (lifetime, isLapsed ? left - lifetime : left, nil)
        }
        let situation = Situation(
            clients: [client], accounts: accounts, duration: .seconds(3 * 3600), seed: 1)
        let time = Duration.seconds(60) * count / budget.requests + .seconds(60)
        let lapsed = [
            Requirement {
                Finding(
                    $0.total.isCaughtUp(by: time),
                    "all are caught up within \(time.inWords): \($0.total.caughtUpAt?.inWords ?? "never")")
            }, nothingLapses,
        ]
        let valid = [
            Requirement {
                Finding(
                    $0.requestsInFirstSecond == 0,
                    "no refresh in the first second: \($0.requestsInFirstSecond)")
            }, nothingLapses,
        ]
        return Trial(
            title:
                "a start with \(count.grouped) accounts of 1h, every token \(isLapsed ? "lapsed" : "valid"), \(budget.requests.grouped) refreshes a minute",
            situation: situation, requirements: isLapsed ? lapsed : valid)
    }

    // MARK: Requirements

    static let nothingLapses = Requirement {
        Finding(
            $0.total.lapsesTotal == 0,
            "no token lapses before the next one comes: \($0.total.lapsesTotal.grouped)")
    }

    static let nobodyLogsIn = Requirement {
        Finding($0.logins == 0, "no user has to log in again: \($0.logins.grouped)")
    }

    /// The busiest stretch of the next cycle is hardly busier than the others.
    static func spreads(width: Int) -> Requirement {
        Requirement { trial, outcome in
            let tally = outcome.total
            let ratio = trial.nextCycle(tally).map { tally.peakToMean(in: $0, width: width) } ?? 0
            let stretch = width == 1 ? "minute" : "\(width) minutes"
            return Finding(
                (0.001...1.2).contains(ratio),
                "the next cycle is spread: its busiest \(stretch) 1.2 times the mean at most, \(ratio.hundredths)"
            )
        }
    }
}

extension Rate {
    var doubled: Rate { Rate(requests * 2, per: unit) }
}

extension Double {
    /// `1.18`.
    var hundredths: String {
        let hundredths = Int((self * 100).rounded())
        return "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100)"
    }
}

extension BinaryInteger {
    /// `1,234,567`.
    var grouped: String {
        var digits = Array(String(magnitude))
        for index in stride(from: digits.count - 3, to: 0, by: -3) { digits.insert(",", at: index) }
        return (self < 0 ? "-" : "") + String(digits)
    }
}
