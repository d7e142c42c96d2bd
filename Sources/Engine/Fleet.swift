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
    var lanes: [ProviderName: Lane] = [:]
    var wheel = TimerWheel()
    var random: SplitMix64
    private let rules: [ProviderName: ClientRules]
    /// Exchanges and rotations under way.
    var flights: [Operation: Flight] = [:]
    var edits = Edits()
    /// When each provider last granted a token.
    var lastGrants: [ProviderName: BootTime] = [:]
    var isStopping = false
    var hasFinished = false
    private var lastOperation: UInt64 = 0

    public internal(set) var refreshesTotal: Int64 = 0
    public internal(set) var failuresTotal: Int64 = 0

    /// Whose exchange an operation is. The provider is kept beside the index, for the account may be removed meanwhile
    /// and its index taken by another.
    struct Flight: Sendable {
        let index: Int
        let provider: ProviderName
    }

    /// How long a `REFRESH` waits: a whole exchange and some queueing.
    static let refreshWait = Duration.seconds(30)

    /// - Parameters:
    ///   - seed: of the jitter and backoff.
    ///   - rules: those of the providers that differ from the standard.
    public init(seed: UInt64, rules: [ProviderName: ClientRules] = [:]) {
        random = SplitMix64(seed: seed)
        self.rules = rules
    }

    func rules(of provider: ProviderName) -> ClientRules { rules[provider] ?? ClientRules() }
    func replayPolicy(of provider: ProviderName) -> ReplayPolicy { rules[provider]?.replay ?? .standard }

    /// How many accounts there are.
    public var count: Int { indices.count }

    /// When `woke` must be called; nil while nothing is planned. Exact to the wheel's tick.
    public var nextWakeUp: BootTime? { wheel.nextWakeUp }

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
        var machine = AccountMachine(name: name, record: record, generation: generation)
        machine.token = facts
        machine.lastSuccessAt = lastSuccessAt
        machine.plan(now.boot, using: &random)
        if let standing { machine.restore(standing, replayPolicy(of: name.provider), now.boot) }
        reschedule(insert(machine))
    }

    /// An account whose record cannot be opened: kept, shown, never refreshed.
    public mutating func restoredDamaged(_ name: AccountName, _ record: RecordID, _ generation: Generation) {
        var machine = AccountMachine(name: name, record: record, generation: generation)
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
        var providers: Set<ProviderName> = []
        for index in due {
            if machines[index]?.woke(now.boot, &actions) == .slot {
                providers.insert(enqueue(index, isWaitedFor: false))
            }
            reschedule(index)
        }
        // All that is due is queued before the first begins: the lane orders them.
        for provider in providers.sorted() { start(provider, now, &actions) }
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
        lanes = lanes.mapValues { $0.withoutReady }
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
        return index
    }

    mutating func forget(_ index: Int) {
        guard let machine = machines[index] else { return }
        lanes[machine.name.provider]?.withdraw(index)
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
            start(enqueue(index, isWaitedFor: isWaitedFor), now, &actions)
        }
        reschedule(index)
    }

    /// While stopping: whoever waits for an exchange that will not begin is told so.
    mutating func dismissWaiters(_ index: Int, _ actions: inout [Action]) {
        switch machines[index]?.exchange {
        case .none?, .queued:
            machines[index]!.refuseAll(Self.shuttingDown, &actions)
            machines[index]!.exchange = .none
        case .marking, .inFlight, .saving, .unsaved, nil: break
        }
    }

    /// Queues the account in its provider's lane.
    private mutating func enqueue(_ index: Int, isWaitedFor: Bool) -> ProviderName {
        guard let machine = machines[index] else {
            preconditionFailure("only an account of the fleet is queued")
        }
        let provider = machine.name.provider
        let urgency: Lane.Urgency =
            machine.doubt != nil ? .replay : isWaitedFor || !machine.waiters.isEmpty ? .waitedFor : .planned
        lanes[provider, default: Lane()].enqueue(
            index, urgency, expiry: machine.token?.expiry ?? .distantPast)
        return provider
    }

    /// Begins exchanges while the provider's lane has both a slot and an account for it.
    mutating func start(_ provider: ProviderName, _ now: Moment, _ actions: inout [Action]) {
        let policy = replayPolicy(of: provider)
        while !isStopping, let index = lanes[provider]?.next() {
            if machines[index]!.mustPostpone(policy, now.boot) {
                machines[index]!.postpone(policy, now.boot)
                lanes[provider]?.finished()
            } else {
                let operation = newOperation()
                flights[operation] = Flight(index: index, provider: provider)
                machines[index]!.began(operation, policy, now, &actions)
            }
            reschedule(index)
        }
    }

    mutating func reschedule(_ index: Int) {
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
        case .marking, .inFlight, .saving, .unsaved: true
        case .none?, .queued, nil: false
        }
    }
}
