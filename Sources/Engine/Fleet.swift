// Decides for all accounts together: which machine an event belongs to, who gets the next slot of a provider, and when the
// engine must be woken. Pure: the shell enters with an event and the moment, and carries out the actions it gets back.
// Rejected: a timer per account (492 bytes and a system call each) and a periodic tick (wakes an idle machine for nothing).

import Schedule
import Vocabulary
import WireProtocol

/// Every account of the daemon, and what is to be done with them.
public struct Fleet: Sendable {
    var machines: [AccountMachine?] = []
    var freeIndices: [Int] = []
    var indices: [AccountName: Int] = [:]
    var names = SortedNames()
    var clients: [Client] = []
    private var clientNumbers: [ProviderName: Int] = [:]
    var wheel = TimerWheel()
    var random: SplitMix64
    private let rules: [ProviderName: ClientRules]
    /// Exchanges and rotations under way.
    var flights: [Operation: Flight] = [:]
    var edits = Edits()
    /// The first account whose times are to be derived anew after a step of the wall clock; nil where none are.
    var nextToRederive: Int?
    var isStopping = false
    var hasFinished = false
    private var lastOperation: UInt64 = 0

    public internal(set) var refreshesTotal: Int64 = 0
    public internal(set) var failuresTotal: Int64 = 0

    /// When a reader last asked for an account; only for the order of refreshes that cannot all be in time.
    private let lastAsked: @Sendable (AccountName) -> BootTime?

    /// Whose exchange an operation is. The client is kept beside the index, for the account may be removed meanwhile
    /// and its index taken by another.
    struct Flight: Sendable {
        let index: Int
        let client: Int
        let isProbe: Bool
        var sentAt: BootTime
    }

    /// How long a `REFRESH` waits: a whole exchange and some queueing.
    static let refreshWait = Duration.seconds(30)

    /// - Parameters:
    ///   - seed: of the jitter and backoff.
    ///   - rules: those of the providers that differ from the standard.
    ///   - lastAsked: when a client was last served an account's token from memory; asked for accounts that are due while
    ///     the budget cannot keep all fresh.
    public init(
        seed: UInt64, rules: [ProviderName: ClientRules] = [:],
        lastAsked: @escaping @Sendable (AccountName) -> BootTime? = { _ in nil }
    ) {
        random = SplitMix64(seed: seed)
        self.rules = rules
        self.lastAsked = lastAsked
        for provider in rules.keys.sorted() { _ = clientNumber(of: provider) }
    }

    mutating func clientNumber(of provider: ProviderName) -> Int {
        if let number = clientNumbers[provider] { return number }
        clients.append(Client(provider, rules[provider] ?? ClientRules(), seed: random.next()))
        clientNumbers[provider] = clients.count - 1
        return clients.count - 1
    }

    func replayPolicy(of client: Int) -> ReplayPolicy { clients[client].rules.replay }

    /// How many accounts there are.
    public var count: Int { indices.count }

    /// When `woke` must be called; nil while nothing is planned. Exact to the wheel's tick.
    public var nextWakeUp: BootTime? {
        let next = clients.reduce(wheel.nextWakeUp ?? .distantFuture) { min($0, $1.wakeAt) }
        return next == .distantFuture ? nil : next
    }

    /// A number for an operation that the shell starts (an edit).
    public mutating func newOperation() -> Operation {
        lastOperation += 1
        return Operation(lastOperation)
    }

    // MARK: Start

    /// An account read from the store. Nothing that is valid is refreshed early; what is due is due at once.
    /// - Parameter standing: what a presentation before the restart left behind (R7).
    public mutating func restored(
        _ name: AccountName, _ record: RecordID, _ generation: Generation, _ facts: TokenFacts?,
        _ standing: Standing? = nil, lastSuccessAt: WallTime?, _ now: Moment
    ) {
        let client = clientNumber(of: name.provider)
        var machine = AccountMachine(
            name: name, client: client, pace: Pace(clients[client].rules), record: record,
            generation: generation)
        machine.token = facts
        machine.lastSuccessAt = lastSuccessAt
        machine.planWarning(facts, now)
        let renewedAt = lastSuccessAt.map { min(now.boot, now.boot(at: $0)) }
        // Of an older grant's refresh it says nothing.
        let issuedAt = facts.map { $0.expiry - $0.lifetime } ?? .distantPast
        machine.renewedAt = renewedAt.flatMap { $0 + .seconds(1) < issuedAt ? nil : $0 }
        machine.plan(now.boot, using: &random)
        if let standing { machine.restore(standing, replayPolicy(of: client), now.boot) }
        reschedule(insert(machine))
    }

    /// An account whose record cannot be opened: kept, shown, never refreshed.
    public mutating func restoredDamaged(_ name: AccountName, _ record: RecordID, _ generation: Generation) {
        let client = clientNumber(of: name.provider)
        var machine = AccountMachine(name: name, client: client, record: record, generation: generation)
        machine.trouble = .init(reason: .recordDamaged, failures: 1)
        _ = insert(machine)
    }

    /// Room for `count` accounts.
    public mutating func reserveCapacity(_ count: Int) {
        machines.reserveCapacity(count)
        indices.reserveCapacity(count)
    }

    // MARK: Time

    /// Something planned may be due. Does a bounded amount of work.
    /// - Returns: whether more is due; call again soon.
    public mutating func woke(_ now: Moment, _ actions: inout [Action]) -> Bool {
        var due: [Int] = []
        let hasMore = wheel.advance(to: now.boot, into: &due)
        var called = Set(clients.indices.filter { clients[$0].wakeAt <= now.boot })
        for index in due {
            if machines[index]?.woke(now.boot, &actions) == .slot {
                called.insert(enqueue(index, isWaitedFor: false, now.boot))
            }
            reschedule(index)
        }
        // All that is due is queued before the first begins: the lane orders them.
        for client in called.sorted() { start(client, now, &actions) }
        return hasMore
    }

    // MARK: Requests

    /// A `GET` that readers could not answer.
    /// - Parameter mayForce: whether a refused token may bring the replay of one in doubt forward, which revokes the account
    ///   at some providers; not for any client that may read.
    public mutating func asked(
        _ caller: Caller, _ name: AccountName, _ options: GetOptions, mayForce: Bool = true, _ now: Moment,
        _ actions: inout [Action]
    ) {
        guard let index = indices[name] else { return refuse(caller, Self.unknownAccount, &actions) }
        if isStopping,
            machines[index]!.serves(
                minTTL: .seconds(options.minTTL), refused: options.refused, now: now.boot) == false
        {
            return refuse(caller, Self.shuttingDown, &actions)
        }
        machines[index]!.askedAt = now.boot
        if let refusal = parkedRefusal(index, options, now.boot) { return refuse(caller, refusal, &actions) }
        let wish = machines[index]!.asked(caller, options, mayForce: mayForce, now.boot, &actions)
        settle(index, wish, isWaitedFor: true, &actions, now: now)
    }

    /// A `REFRESH`.
    /// - Parameter mayForce: whether a refresh token in doubt, or one that was refused, is presented all the same.
    public mutating func refreshRequested(
        _ caller: Caller, _ name: AccountName, mayForce: Bool = true, _ now: Moment, _ actions: inout [Action]
    ) {
        guard let index = indices[name] else { return refuse(caller, Self.unknownAccount, &actions) }
        guard !isStopping else { return refuse(caller, Self.shuttingDown, &actions) }
        let wish = machines[index]!.refreshRequested(
            caller, mayForce: mayForce, deadline: now.boot + Self.refreshWait, now.boot, &actions)
        settle(index, wish, isWaitedFor: true, &actions, now: now)
    }

    // MARK: Stop

    /// No exchange begins from now on; those in flight are finished and stored, then `finish` is the last action.
    public mutating func stop(_ actions: inout [Action]) {
        isStopping = true
        for index in machines.indices {
            guard machines[index] != nil,
                !machines[index]!.waiters.isEmpty || machines[index]!.exchange == .queued
            else { continue }
            dismissWaiters(index, &actions)
            reschedule(index)
        }
        for client in clients.indices {
            clients[client].lane.withdrawAll()
            clients[client].wakeAt = .distantFuture
        }
        finishIfQuiet(&actions)
    }

    /// Exchanges, rotations and edits under way: what a stop waits for.
    public var underWay: Int { flights.count + edits.running.count }

    /// The accounts whose grants are in memory only.
    public var unsavedAccounts: [AccountName] {
        machines.compactMap { machine in
            if let machine, case .unsaved = machine.exchange { machine.name } else { nil }
        }
    }

    mutating func finishIfQuiet(_ actions: inout [Action]) {
        guard isStopping, !hasFinished, flights.isEmpty, edits.running.isEmpty else { return }
        hasFinished = true
        actions.append(.finish)
    }

    // MARK: Inside

    static let unknownAccount = RequestError(.unknownAccount, "no such account")
    static let shuttingDown = RequestError(.shuttingDown, retryAfter: 1, "the daemon is stopping")

    func refuse(_ caller: Caller, _ error: RequestError, _ actions: inout [Action]) {
        actions.append(.answer(caller, .refused(error)))
    }

    mutating func insert(_ machine: AccountMachine) -> Int {
        let index: Int
        if let free = freeIndices.popLast() {
            index = free
            machines[index] = machine
        } else {
            index = machines.count
            machines.append(machine)
        }
        indices[machine.name] = index
        names.insert(machine.name, index: index)
        clients[machine.client].accounts += 1
        return index
    }

    mutating func forget(_ index: Int) {
        guard let machine = machines[index] else { return }
        strike(index)
        clients[machine.client].accounts -= 1
        clients[machine.client].forget(index)
        wheel.cancel(index)
        names.remove(machine.name)
        indices[machine.name] = nil
        machines[index] = nil
        freeIndices.append(index)
    }

    /// After an event of this machine: grants its wish for a slot and re-arms its timer.
    mutating func settle(
        _ index: Int, _ wish: AccountMachine.Wish, isWaitedFor: Bool = false, _ actions: inout [Action],
        now: Moment
    ) {
        if isStopping {
            dismissWaiters(index, &actions)
        } else if wish == .slot {
            start(enqueue(index, isWaitedFor: isWaitedFor, now.boot), now, &actions)
            dismissBlocked(index, now.boot, &actions)
        }
        reschedule(index)
    }

    /// While stopping: whoever waits for an exchange that will not begin is told so.
    mutating func dismissWaiters(_ index: Int, _ actions: inout [Action]) {
        switch machines[index]?.exchange {
        case .none?, .queued:
            machines[index]!.refuseAll(Self.shuttingDown, &actions)
            machines[index]!.exchange = .none
        case .marking, .inFlight, .saving, .unsaved, .revoking, nil: break
        }
    }

    mutating func reschedule(_ index: Int) {
        enter(index)
        guard let wakeUp = machines[index]?.nextWakeUp, wakeUp != .distantFuture,
            !isStopping || isInFlight(index)
        else {
            return wheel.cancel(index)
        }
        wheel.schedule(index, at: wakeUp)
    }

    /// While stopping only what is under way keeps its timers: waiters' deadlines and retries of writes.
    private func isInFlight(_ index: Int) -> Bool {
        switch machines[index]?.exchange {
        case .marking, .inFlight, .saving, .unsaved, .revoking: true
        case .none?, .queued, nil: false
        }
    }

    /// Whether a client has asked for the account lately: within its token's life, or an hour.
    func isAskedFor(_ index: Int, _ now: BootTime) -> Bool {
        guard let machine = machines[index] else { return false }
        let span = max(machine.token?.lifetime ?? .zero, .seconds(3600))
        let asked = max(machine.askedAt ?? .distantPast, lastAsked(machine.name) ?? .distantPast)
        return asked > now - span
    }
}
