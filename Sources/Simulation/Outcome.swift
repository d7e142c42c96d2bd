// Decides what a run comes to: the figures and breaches that reports, plots and requirements are made from.

import Engine
import Vocabulary
import WireProtocol

/// What came of a situation.
public struct Outcome: Sendable {
    public var clients: [Client]
    public var breaches: Breaches
    public var logins: Int
    /// Requests of programs for tokens, and when those of them were turned away that were.
    public var asked: Int
    public var refusals: [Duration]
    public var notices: [NoticeKind: Int]
    public var duration: Duration

    /// All clients together.
    public var total: Tally { Tally.sum(clients.map(\.tally)) }

    public var requestsInFirstSecond: Int { clients.reduce(0) { $0 + $1.requestsInFirstSecond } }
    public var longestGap: Duration { clients.map(\.longestGap).max() ?? .zero }

    public struct Client: Sendable {
        public var name: ProviderName
        public var budget: Rate?
        public var accounts: Int
        public var tally: Tally
        public var requests: Int
        public var mostInFlight: Int
        public var requestsInFirstSecond: Int
        /// The longest that an account went without a new token.
        public var longestGap: Duration
        /// In any second, and what was allowed.
        public var inSecond: (most: Int, allowed: Int?)
        /// In any ten seconds, and what was allowed.
        public var inTenSeconds: (most: Int, allowed: Int?)
    }
}

/// What the log would have been told, by kind.
public enum NoticeKind: String, Hashable, Sendable {
    case accountFailing, accountRecovered, unsaved, refreshTokenEnds
    case providerFailing, providerRecovered, parked, unparked, overloaded, relieved, clockStepped

    init(_ notice: Notice) {
        switch notice {
        case .failing: self = .accountFailing
        case .recovered: self = .accountRecovered
        case .unsaved: self = .unsaved
        case .refreshTokenEnds: self = .refreshTokenEnds
        case .providerFailing: self = .providerFailing
        case .providerRecovered: self = .providerRecovered
        case .parked: self = .parked
        case .unparked: self = .unparked
        case .overloaded: self = .overloaded
        case .relieved: self = .relieved
        case .clockStepped: self = .clockStepped
        }
    }
}

extension Simulation {
    /// The end of the run: who is lapsed, forgotten or unwell.
    mutating func finish() {
        for index in accounts.indices {
            let account = accounts[index]
            checkLapse(index, at: now)
            clients[account.client].tally.replaced(
                due: latestPlan(account), expiry: account.expiry, at: now, isEnd: true)
            let gap = now - account.lastGrant
            clients[account.client].longestGap = max(clients[account.client].longestGap, gap)
            judge(index)
        }
        // Whoever asked just now may still wait.
        if callers.count > 0, sabotage == .losesAnswers || situation.endsWell {
            note(.answered, "\(callers.count) were not")
        }
    }

    private mutating func judge(_ index: Int) {
        let account = accounts[index]
        guard account.isAlive || situation.endsWell else { return }
        guard let status = fleet.status(of: name(index), moment) else {
            return note(.remembered, "\(name(index)) is gone")
        }
        let isWell = account.expiry > now && (status.state == .ok || status.state == .refreshing)
        if situation.endsWell, !isWell {
            note(.healthy, "\(name(index)) is \(status.state), \(status.reason ?? "-")")
        }
        // One that waits in its client's queue has none planned: then something is in the way.
        let isUnderWay = status.state == .refreshing || status.nextRefreshAt != nil
        if !isUnderWay, status.needs != .user, !clients[account.client].hasExcuse(now) {
            note(.remembered, "\(name(index)) is \(status.state) with nothing planned")
        }
    }

    var outcome: Outcome {
        var counts = Array(repeating: 0, count: clients.count)
        for account in accounts { counts[account.client] += 1 }
        return Outcome(
            clients: clients.indices.map { index in
                let client = clients[index]
                return Outcome.Client(
                    name: situation.clients[index].name, budget: client.rules.budget, accounts: counts[index],
                    tally: client.tally, requests: client.requests, mostInFlight: client.mostInFlight,
                    requestsInFirstSecond: client.requestsInFirstSecond,
                    longestGap: .nanoseconds(client.longestGap),
                    inSecond: (client.second.most, client.mostInSecond),
                    inTenSeconds: (client.tenSeconds.most, client.mostInTenSeconds))
            },
            breaches: breaches, logins: logins, asked: callers.asked, refusals: callers.refusals,
            notices: notices, duration: situation.duration)
    }
}

extension Duration {
    /// `3d 4h`, `12m 5s`, `0.3s`: the two largest units.
    var inWords: String {
        let total = nanoseconds
        guard total >= 1_000_000_000 else { return "\(total / 1_000_000) ms" }
        let seconds = total / 1_000_000_000
        let units = [
            ("d", seconds / 86400), ("h", seconds / 3600 % 24), ("m", seconds / 60 % 60), ("s", seconds % 60),
        ]
        let first = units.firstIndex { $0.1 > 0 } ?? 3
        return units[first...].prefix(2).filter { $0.1 > 0 }.map { "\($0.1)\($0.0)" }.joined(separator: " ")
    }
}
