// A fleet of many accounts of one client in virtual time, whose provider answers each exchange as the test says. Time goes
// from one wake-up to the next, so nothing that the fleet wants to do is missed or hurried.

import Schedule
import Vocabulary
import WireProtocol

@testable import Engine

struct Crowd {
    enum Reply {
        case grant(life: Duration)
        case failure(Failure)
    }

    var fleet: Fleet
    var now = Moment(
        boot: BootTime(nanoseconds: 1_000_000_000_000_000), wall: WallTime(epochSeconds: 1_700_000_000))
    /// What the provider says to an account that asks at this moment.
    var provider: (AccountName, BootTime) -> Reply = { _, _ in .grant(life: .seconds(3600)) }
    /// How long an answer takes.
    var latency = Duration.milliseconds(200)
    /// Every exchange, in order.
    private(set) var exchanges: [(name: AccountName, at: BootTime)] = []
    private(set) var notices: [Notice] = []
    private(set) var answers: [Caller: Answer] = [:]
    /// Of each account, until when its token lives.
    private(set) var expiries: [AccountName: BootTime] = [:]
    /// Accounts that lapsed before they were refreshed, and how often.
    private(set) var lapses: [AccountName] = []
    private var arrivals: [(at: BootTime, operation: Operation, name: AccountName)] = []
    private var records: Int64 = 0
    private var callers: UInt64 = 0

    static let provider = ProviderName("acme")!

    init(_ rules: ClientRules = ClientRules(), asked: Set<AccountName> = []) {
        let now = now.boot
        fleet = Fleet(
            seed: 1, rules: [Self.provider: rules],
            lastAsked: { asked.contains($0) ? now + .seconds(365 * 86_400) : nil })
    }

    static func name(_ number: Int) -> AccountName { AccountName("acme/\(number)")! }

    mutating func add(_ number: Int, lapsesIn left: Duration?, lifetime: Duration? = nil) {
        records += 1
        let facts = left.map {
            TokenFacts(
                expiry: now.boot + $0, expiresAt: now.wall + $0, lifetime: lifetime ?? $0,
                fingerprint: Fingerprint(bits: UInt64(number)), type: "Bearer", scope: nil)
        }
        expiries[Self.name(number)] = facts?.expiry
        fleet.restored(Self.name(number), RecordID(rowID: records), .first, facts, lastSuccessAt: nil, now)
    }

    /// Lets time pass, doing all there is to do on the way.
    mutating func pass(_ duration: Duration) {
        let end = now.boot + duration
        while true {
            let next = min(fleet.nextWakeUp ?? .distantFuture, arrivals.first?.at ?? .distantFuture)
            guard next <= end else { break }
            now = now + max(.zero, next - now.boot)
            if let arrival = arrivals.first, arrival.at <= now.boot {
                arrivals.removeFirst()
                answer(arrival.operation, arrival.name)
            } else {
                wake()
            }
        }
        now = now + max(.zero, end - now.boot)
        wake()
    }

    mutating func wake() {
        var hasMore = true
        while hasMore { enter { hasMore = $0.woke($1, &$2) } }
    }

    mutating func get(_ number: Int, wait: Int64 = 10) -> Caller {
        callers += 1
        let caller = Caller(callers)
        enter {
            $0.asked(caller, Self.name(number), GetOptions(minTTL: 0, wait: wait, refused: nil), $1, &$2)
        }
        return caller
    }

    mutating func refresh(_ number: Int) -> Caller {
        callers += 1
        let caller = Caller(callers)
        enter { $0.refreshRequested(caller, Self.name(number), $1, &$2) }
        return caller
    }

    func status(_ number: Int) -> AccountStatus { fleet.status(of: Self.name(number), now)! }
    var client: ClientStatus { fleet.clients(now)[0] }

    func calls(of number: Int) -> [BootTime] { exchanges.filter { $0.name == Self.name(number) }.map(\.at) }

    /// The most exchanges in any window of this length.
    func most(in window: Duration) -> Int {
        var (most, first) = (0, 0)
        for last in exchanges.indices {
            while exchanges[first].at < exchanges[last].at - window { first += 1 }
            most = max(most, last - first + 1)
        }
        return most
    }

    private mutating func answer(_ operation: Operation, _ name: AccountName) {
        switch provider(name, now.boot) {
        case .grant(let life):
            if let expiry = expiries[name], expiry <= now.boot { lapses.append(name) }
            expiries[name] = now.boot + life
            let facts = TokenFacts(
                expiry: now.boot + life, expiresAt: now.wall + life, lifetime: life,
                fingerprint: Fingerprint(bits: UInt64(bitPattern: now.boot.nanoseconds)), type: "Bearer",
                scope: nil)
            enter { $0.answered(operation, .success(facts), $1, &$2) }
        case .failure(let failure): enter { $0.answered(operation, .failure(failure), $1, &$2) }
        }
    }

    private mutating func enter(_ event: (inout Fleet, Moment, inout [Action]) -> Void) {
        var actions: [Action] = []
        event(&fleet, now, &actions)
        for action in actions { carryOut(action) }
    }

    private mutating func carryOut(_ action: Action) {
        switch action {
        case .mark(let operation, _, _, _): enter { $0.marked(operation, .marked, $1, &$2) }
        case .exchange(let operation, _, _, let name, _):
            exchanges.append((name, now.boot))
            arrivals.append((now.boot + latency, operation, name))
        case .replace(let operation, let record, let generation):
            enter { $0.stored(operation, .stored(record, generation.next), $1, &$2) }
        case .answer(let caller, let answer): answers[caller] = answer
        case .log(let notice): notices.append(notice)
        case .settle, .insert, .delete, .publish, .unpublish, .drop, .finish, .reexpire, .reread,
            .revoke:
            break
        }
    }
}
