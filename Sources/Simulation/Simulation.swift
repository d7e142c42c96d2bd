// Decides how the very engine that the daemon runs lives through a situation in virtual time: its wake-ups, the store's reports
// and the providers' answers are taken in the order of their times, and the clock jumps from one to the next. Every random
// choice comes from one seed, so a run can be repeated. Rejected: a model of the engine, which would forecast something else
// than what happens; real time, in which a week takes a week.

import DequeModule
import Engine
import HeapModule
import Schedule
import Vocabulary

/// A run of a situation.
public struct Simulation: Sendable {
    /// Something that reaches the engine or the world at a time of its own.
    struct Arrival: Comparable, Sendable {
        enum Kind: Sendable {
            case answer(Operation, account: Int32, sentAt: Int64, VirtualProvider.Reply.Content, Allowance?)
            case ask(account: Int32)
            case login(account: Int32)
            case withdrawal(account: Int32)
            case wallStep(Duration)
        }

        let at: Int64
        /// Ties are kept in order.
        let number: UInt64
        let kind: Kind

        static func < (left: Self, right: Self) -> Bool { (left.at, left.number) < (right.at, right.number) }
        static func == (left: Self, right: Self) -> Bool { left.number == right.number }
    }

    /// What an operation carries until it is stored.
    struct Cargo: Sendable {
        let account: Int
        let token: Int32
        let expiry: Int64
        let isLogin: Bool
    }

    let situation: Situation
    let readers: Readers
    var sabotage: Sabotage?
    var fleet: Fleet
    var accounts: [VirtualAccount]
    var clients: [VirtualClient]
    var random: SplitMix64
    var actions: [Action] = []
    var writes: Deque<(at: Int64, action: Action)> = []
    var arrivals = Heap<Arrival>()
    var arrivalCount: UInt64 = 0
    var cargo: [Operation: Cargo] = [:]
    /// When each account failed that has failed lately, oldest first, at most ten.
    var failureTimes: [Int: Deque<Int64>] = [:]
    var callers = Callers()
    var breaches = Breaches()
    var logins = 0
    var notices: [NoticeKind: Int] = [:]
    /// Nanoseconds from the start.
    var now: Int64 = 0
    /// Of the accounts, where the wall clock is stepped: only then it matters.
    private var indices: [AccountName: Int] = [:]
    /// By how much the wall clock was stepped.
    var wallOffset = Duration.zero
    private let end: Int64
    /// Wake-ups for the moment `now` that changed nothing.
    private var wakesAtNow = 0

    /// One may be needed for each level of the wheel.
    private static let mostWakes = 1000

    /// When a run begins: some uptime, and a wall time long after the build.
    static let start = Moment(
        boot: BootTime(nanoseconds: 86_400_000_000_000), wall: WallTime(epochSeconds: 2_000_000_000))

    public init(_ situation: Situation) {
        self.situation = situation
        end = situation.duration.nanoseconds
        let minutes = max(1, Int((end + 59_999_999_999) / 60_000_000_000))
        clients = situation.clients.map { VirtualClient($0, minutes: minutes) }
        accounts = situation.accounts.map {
            VirtualAccount(
                client: $0.client, lifetime: $0.lifetime.nanoseconds, expiry: $0.expiresIn.nanoseconds)
        }
        random = SplitMix64(seed: situation.seed)
        let readers = Readers()
        self.readers = readers
        fleet = Fleet(
            seed: random.next(),
            rules: Dictionary(uniqueKeysWithValues: situation.clients.map { ($0.name, $0.rules) }),
            lastAsked: { readers.lastServed($0) })
    }

    /// Lives through the whole situation.
    public mutating func run() -> Outcome {
        begin()
        while let next = nextTime, next <= end {
            if next > now { wakesAtNow = 0 }
            now = max(now, next)
            turn()
            guard wakesAtNow <= Self.mostWakes else {
                note(.restful, "it is woken again and again at one moment, with nothing to do")
                break
            }
        }
        now = end
        finish()
        return outcome
    }

    var moment: Moment { moment(now) }

    func moment(_ time: Int64) -> Moment {
        Moment(
            boot: Self.start.boot + .nanoseconds(time),
            wall: Self.start.wall + .nanoseconds(time) + wallOffset)
    }

    func sinceStart(_ time: BootTime) -> Int64 { (time - Self.start.boot).nanoseconds }

    mutating func note(_ invariant: Invariant, _ detail: String) {
        breaches.note(invariant, at: .nanoseconds(now), detail)
    }

    func name(_ account: Int) -> AccountName { situation.accounts[account].name }

    // MARK: Time

    private mutating func begin() {
        fleet.reserveCapacity(accounts.count)
        for (index, account) in accounts.enumerated() {
            if sabotage == .losesAccounts, index == 0 { continue }
            fleet.restored(
                name(index), RecordID(rowID: Int64(index)), Generation(account.generation),
                facts(account, expiry: account.expiry), lastSuccessAt: nil, moment)
            if situation.accounts[index].askedEvery != nil { planAsking(index) }
        }
        if !situation.wallSteps.isEmpty {
            for index in accounts.indices { indices[name(index)] = index }
        }
        for step in situation.wallSteps { arrive(.wallStep(step.by), at: step.at.nanoseconds) }
        for revocation in situation.revocations {
            arrive(.withdrawal(account: Int32(revocation.account)), at: revocation.at.nanoseconds)
        }
    }

    private var nextTime: Int64? {
        var next = wakeUp ?? .max
        if let write = writes.first { next = min(next, write.at) }
        if let arrival = arrivals.min { next = min(next, arrival.at) }
        return next == .max ? nil : next
    }

    private var wakeUp: Int64? {
        fleet.nextWakeUp.map { sinceStart($0) + (sabotage == .oversleeps ? 60_000_000_000 : 0) }
    }

    /// One thing that is due at `now`.
    private mutating func turn() {
        if let write = writes.first, write.at <= now {
            writes.removeFirst()
            report(write.action)
        } else if let arrival = arrivals.min, arrival.at <= now {
            arrivals.removeMin()
            receive(arrival.kind)
        } else {
            let time = sabotage == .stopsClock ? moment(0) : moment
            let hasMore = fleet.woke(time, &actions)
            wakesAtNow = actions.isEmpty && !hasMore ? wakesAtNow + 1 : 0
        }
        carryOut()
    }

    mutating func arrive(_ kind: Arrival.Kind, at time: Int64) {
        arrivalCount += 1
        arrivals.insert(Arrival(at: time, number: arrivalCount, kind: kind))
    }

    private mutating func receive(_ kind: Arrival.Kind) {
        switch kind {
        case .answer(let operation, let account, let sentAt, let content, let allowance):
            answered(operation, Int(account), sentAt: sentAt, content, allowance)
        case .ask(let account): ask(Int(account))
        case .login(let account): logIn(Int(account))
        case .withdrawal(let account):
            accounts[Int(account)].isRevoked = true
            accounts[Int(account)].isWithdrawn = true
        case .wallStep(let step): stepWallClock(by: step)
        }
    }

    /// The daemon is told of it at once, as by timerfd.
    private mutating func stepWallClock(by step: Duration) {
        let earlier = moment
        wallOffset += step
        fleet.clockStepped(since: earlier, moment, &actions)
        while fleet.rederive(moment, &actions) {}
    }

    /// Readers are told another expiry of a token: where the provider named a lifetime, only the wall time may change.
    private mutating func reexpired(_ name: AccountName, _ expiry: Int64) {
        guard let index = indices[name], accounts[index].expiry != expiry else { return }
        note(.served, "\(name)'s expiry moves with the wall clock")
    }

    // MARK: Actions

    private mutating func carryOut() {
        guard !actions.isEmpty else { return }
        var cursor = 0
        while cursor < actions.count {
            carryOut(actions[cursor])
            cursor += 1
        }
        actions.removeAll(keepingCapacity: true)
    }

    private mutating func carryOut(_ action: Action) {
        switch action {
        case .mark(_, let record, _, _):
            begun(Int(record.rowID))
            writes.append((now + situation.writeLatency.nanoseconds, action))
        case .insert, .replace, .delete:
            writes.append((now + situation.writeLatency.nanoseconds, action))
        case .exchange(let operation, let record, let generation, _, _):
            exchange(operation, Int(record.rowID), generation)
        case .settle(let record, _, .rejected): rejected(Int(record.rowID))
        case .publish(let operation, _): published(operation)
        case .drop(let operation): cargo[operation] = nil
        case .answer(let caller, let answer): told(caller, answer)
        case .log(let notice): notices[NoticeKind(notice), default: 0] += 1
        case .reexpire(let name, let expiry, _): reexpired(name, sinceStart(expiry))
        case .settle, .reread, .unpublish, .finish: break
        case .revoke: preconditionFailure("nobody revokes here")
        }
    }

    /// A write is durable.
    private mutating func report(_ action: Action) {
        switch action {
        case .mark(let operation, let record, let generation, _):
            let stored = Generation(accounts[Int(record.rowID)].generation)
            let result: MarkResult = stored == generation ? .marked : .gone(stored)
            if result != .marked { clients[accounts[Int(record.rowID)].client].slots -= 1 }
            fleet.marked(operation, result, moment, &actions)
        case .replace(let operation, let record, let generation):
            store(operation, Int(record.rowID), after: generation)
        default: preconditionFailure("nothing else is written here: \(action)")
        }
    }

    private mutating func store(_ operation: Operation, _ index: Int, after generation: Generation) {
        guard let cargo = cargo[operation] else { preconditionFailure("what is stored carries a grant") }
        let record = RecordID(rowID: Int64(index))
        let stored = Generation(accounts[index].generation)
        guard stored == generation else {
            return fleet.stored(operation, .gone(stored), moment, &actions)
        }
        accounts[index].generation += 1
        if sabotage != .forgetsRotation { accounts[index].stored = cargo.token }
        if cargo.token == accounts[index].live { accounts[index].isUnheard = false }
        fleet.stored(operation, .stored(record, generation.next), moment, &actions)
    }

    // MARK: Facts

    func facts(_ account: VirtualAccount, expiry: Int64) -> TokenFacts {
        let expiry = moment(expiry)
        return TokenFacts(
            expiry: expiry.boot, expiresAt: expiry.wall, lifetime: .nanoseconds(account.lifetime),
            fingerprint: Fingerprint(bits: UInt64(bitPattern: expiry.boot.nanoseconds)), type: "Bearer",
            scope: nil)
    }
}
