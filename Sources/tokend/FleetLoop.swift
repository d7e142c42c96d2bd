// Decides in what order the world reaches the engine and the engine's will reaches the world: one serial queue, one
// timer. A turn is: read the clocks, give the event to the fleet under the lock, leave the lock, carry out the actions,
// re-arm the timer. Nothing is called out under the lock. Rejected: an actor, whose callers would each need a Task and
// whose mailbox keeps no order between them.

import Dispatch
import Engine
import GrantStore
import Logging
import Synchronization
import TokenTable
import Vocabulary
import WireProtocol

/// The shell of the engine. Its methods return at once and may be called on any thread.
final class FleetLoop: Sendable {
    /// What an operation carries while the engine decides its fate: the secrets that the engine never sees.
    struct Cargo: Sendable {
        let grant: Grant
        /// nil where there is no access token worth serving.
        let facts: TokenFacts?
        /// When the request that yielded the access token was sent.
        let obtainedAt: WallTime?
        /// When the provider answered; nil for a grant that was added.
        let succeededAt: WallTime?
        /// Where the grant comes from a backup.
        var restored: RestoredRecord?
    }

    /// One event's view of the engine; lives as long as the event.
    struct Turn {
        var fleet: Fleet
        var cargo: [Operation: Cargo] = [:]
        var replies: [Caller: @Sendable ([UInt8]) -> Void] = [:]
        var actions: [Action] = []
        var now = Moment.now()
        /// When the two clocks were last compared.
        var clocks: Moment
        fileprivate var lastCaller: UInt64 = 0
        fileprivate var armedFor: BootTime?
        fileprivate var finished: (@Sendable () -> Void)?

        fileprivate init(fleet: Fleet, clocks: Moment) {
            self.fleet = fleet
            self.clocks = clocks
        }

        /// Requests beyond this many unanswered ones are turned away: those of clients that have gone count until their
        /// answer is due, so connections alone do not bound them.
        static let mostCallers = 100_000

        var isCrowded: Bool { replies.count >= Self.mostCallers }

        /// A caller whose answer goes to `reply`, once.
        mutating func caller(_ reply: @escaping @Sendable ([UInt8]) -> Void) -> Caller {
            lastCaller += 1
            let caller = Caller(lastCaller)
            replies[caller] = reply
            return caller
        }
    }

    typealias Exchange =
        @Sendable (
            FleetLoop, Operation, RecordID, Generation, AccountName, _ since: Moment?
        ) -> Void

    typealias Revoke = @Sendable (FleetLoop, Operation, RecordID, AccountName) -> Void

    let store: GrantStore
    let table: TokenTable
    private let log: Logger
    private let queue = DispatchQueue(label: "tokend.fleet", qos: .userInitiated)
    /// Reading many grants must delay neither the engine nor an exchange.
    let rereading = DispatchQueue(label: "tokend.rereading", qos: .utility)
    private let turn: Mutex<Turn>
    private let timer: KernelTimer
    private let clockSteps: KernelTimer
    /// What the last write, and the last mark, failed with; nil when it was durable. Kept apart: on a full disk marks fail
    /// for lack of room while small writes succeed.
    private let storeTrouble = Mutex<StoreError?>(nil)
    private let markTrouble = Mutex<StoreError?>(nil)
    /// Presents an account's refresh token to its provider and reports `answered`.
    private let exchange: Exchange
    /// Revokes an account's grant at its provider and reports `revoked`.
    private let revoke: Revoke

    /// - Parameters:
    ///   - fleet: already holding what the store holds.
    ///   - loadedAt: by whose clocks.
    init(
        fleet: Fleet, loadedAt: Moment, store: GrantStore, table: TokenTable, log: Logger,
        exchange: @escaping Exchange, revoke: @escaping Revoke
    ) throws(KernelTimerError) {
        self.store = store
        self.table = table
        self.log = log
        self.exchange = exchange
        self.revoke = revoke
        turn = Mutex(Turn(fleet: fleet, clocks: loadedAt))
        timer = try .onBootClock()
        clockSteps = try .onClockSteps()
    }

    /// Starts the timers: what is due already is refreshed now.
    func start() {
        timer.start(on: queue) { [weak self] in self?.wake() }
        clockSteps.start(on: queue) { [weak self] in self?.lookAtClocks() }
        // Between the load and here a step went unnoticed.
        lookAtClocks()
        queue.async { self.wake() }
    }

    /// Gives an event to the engine on the loop's queue and carries out what it asks for.
    func enter(_ event: @escaping @Sendable (inout Turn) -> Void) {
        queue.async { self.run(event) }
    }

    /// Stops: nothing begins any more, exchanges in flight are finished and stored, then `finished` is called once, on
    /// the loop's queue.
    func stop(_ finished: @escaping @Sendable () -> Void) {
        enter { turn in
            turn.finished = finished
            turn.fleet.stop(&turn.actions)
        }
    }

    /// The accounts whose grants are in memory only.
    var unsavedAccounts: [AccountName] { turn.withLock { $0.fleet.unsavedAccounts } }
    /// Exchanges and writes that a stop waits for.
    var underWay: Int { turn.withLock { $0.fleet.underWay } }

    private func wake() {
        run { turn in
            // The timer has fired, or never ran: whatever comes next must arm it again, be it for the same time.
            turn.armedFor = nil
            // More is due than one turn may do: let requests and answers in between.
            guard turn.fleet.woke(turn.now, &turn.actions) else { return }
            self.queue.async { self.wake() }
        }
    }

    private func run(_ event: (inout Turn) -> Void) {
        let (actions, wakeUp) = turn.withLock { turn in
            turn.now = .now()
            event(&turn)
            let actions = turn.actions
            turn.actions = []
            let wakeUp = turn.fleet.nextWakeUp
            guard wakeUp != turn.armedFor else { return (actions, BootTime?.none) }
            turn.armedFor = wakeUp
            return (actions, wakeUp ?? .distantFuture)
        }
        for action in actions { carryOut(action) }
        if let wakeUp { timer.arm(for: wakeUp) }
    }
}

// MARK: Actions

extension FleetLoop {
    private func carryOut(_ action: Action) {
        switch action {
        case .exchange(let operation, let record, let generation, let name, let since):
            exchange(self, operation, record, generation, name, since)
        case .mark(let operation, let record, let generation, let presentation):
            mark(operation, record, generation, presentation)
        case .settle(let record, let generation, let settlement):
            store.submit(.settle(record, of: generation, settlement)) { self.logStore($0) }
        case .insert(let operation, let name):
            let cargo = cargo(operation)
            submit(operation, cargo.restoration() ?? .add(name, cargo.grant, obtainedAt: cargo.obtainedAt))
        case .replace(let operation, let record, let generation):
            let cargo = cargo(operation)
            submit(
                operation,
                cargo.restoration(over: Incumbent(record: record, generation: generation))
                    ?? .replace(
                        record, after: generation, cargo.grant, obtainedAt: cargo.obtainedAt,
                        succeededAt: cargo.succeededAt))
        case .revoke(let operation, let record, let name): revoke(self, operation, record, name)
        case .delete(let operation, let record): submit(operation, .remove(record))
        case .publish(let operation, let name): publish(cargo(operation), as: name)
        case .reexpire(let name, let expiry, let expiresAt):
            table.reexpire(account: name, expiry: expiry, expiresAt: expiresAt)
        case .reread(let operation, let record, let name): reread(operation, record, name)
        case .unpublish(let name): table.remove(name)
        case .drop(let operation): turn.withLock { $0.cargo[operation] = nil }
        case .answer(let caller, let answer): reply(to: caller, answer)
        case .log(let notice): log(notice)
        case .finish: turn.withLock { $0.finished.take() }?()
        }
    }

    private func cargo(_ operation: Operation) -> Cargo {
        guard let cargo = turn.withLock({ $0.cargo[operation] }) else {
            preconditionFailure("the engine stores and publishes only operations that carry a grant")
        }
        return cargo
    }

    private func mark(
        _ operation: Operation, _ record: RecordID, _ generation: Generation, _ presentation: Presentation
    ) {
        store.submit(.mark(record, of: generation, presentation)) { result in
            self.logMark(result)
            let marked = MarkResult(result, record, in: self.store)
            self.enter { $0.fleet.marked(operation, marked, $0.now, &$0.actions) }
        }
    }

    private func submit(_ operation: Operation, _ change: Change) {
        store.submit(change) { result in
            self.logStore(result)
            let stored = StoreResult(result, of: change, in: self.store)
            self.enter { $0.fleet.stored(operation, stored, $0.now, &$0.actions) }
        }
    }

    private func logMark(_ result: Result<ChangeOutcome, StoreError>) {
        log(result, markTrouble, failing: "no refresh may start", well: "refreshes may start again")
    }

    private func logStore(_ result: Result<ChangeOutcome, StoreError>) {
        log(result, storeTrouble, failing: "the store refuses writes", well: "the store takes writes again")
    }

    /// Logs what the store refuses with once, not for each account and each retry.
    private func log(
        _ result: Result<ChangeOutcome, StoreError>, _ last: borrowing Mutex<StoreError?>, failing: String,
        well: String
    ) {
        let error: StoreError? = if case .failure(let error) = result { error } else { nil }
        // One account's trouble, which its own failure tells.
        if case .recordDamaged = error { return }
        let isNews = last.withLock { trouble in
            defer { trouble = error }
            return trouble != error
        }
        guard isNews else { return }
        if let error {
            log.error("\(failing): \(error)")
        } else {
            log.notice("\(well)")
        }
    }

    func logUnreadable(_ error: StoreError) { log.error("the store cannot be read: \(error)") }

    private func publish(_ cargo: Cargo, as name: AccountName) {
        guard let token = cargo.grant.accessToken, let facts = cargo.facts?.rederived(at: .now()) else {
            return
        }
        table.publish(token, as: facts, for: name)
    }

    private func reply(to caller: Caller, _ answer: Answer) {
        guard let reply = turn.withLock({ $0.replies.removeValue(forKey: caller) }) else { return }
        switch answer {
        case .token(let name): reply(tokenReply(name))
        case .refreshed(let expiresAt): reply(Reply.ok("\(expiresAt.epochSeconds)"))
        case .added(let state): reply(Reply.ok(state.rawValue))
        case .loggedIn(let name, let expiresAt): reply(Reply.ok("\(name) \(expiresAt.epochSeconds)"))
        case .removed: reply(Reply.ok())
        case .revoked(nil): reply(Reply.ok("revoked"))
        case .revoked(let why?): reply(Reply.ok("removed \(why)"))
        case .refused(let error): reply(Reply.error(error))
        }
    }

    /// The bytes that readers see, checked once more at this instant: never an expired token.
    private func tokenReply(_ name: AccountName) -> [UInt8] {
        var bytes: [UInt8] = []
        let isServed = Array(name.text.utf8).withUnsafeBytes {
            table.serve(account: $0, minTTL: 0, refused: nil, now: .now(), into: &bytes)
        }
        if isServed { return bytes }
        return Reply.error(RequestError(.tryAgain, retryAfter: 1, "the token lapsed while it was on its way"))
    }

    private func log(_ notice: Notice) {
        switch notice {
        case .failing(let name, let reason, .time), .failing(let name, let reason, .nobody):
            log.notice("\(name): refresh failed (\(reason.rawValue)); it is tried again")
        case .failing(let name, let reason, let needs):
            log.warning("\(name): refresh failed (\(reason.rawValue)); needs: \(needs.rawValue)")
        case .recovered(let name, let failures):
            log.notice("\(name): well again after \(failures) failures in a row")
        case .refreshTokenEnds(let name, let days):
            log.warning(
                "\(name): its refresh token ends in \(days == 1 ? "a day" : "\(days) days"); needs: user, a new login"
            )
        case .unsaved(let name):
            log.error("\(name): the new grant is in memory only; the write is tried again every second")
        case .providerFailing(let provider, let reason):
            log.warning("\(provider): failing (\(reason.rawValue)); one probe at a time from now on")
        case .providerRecovered(let provider, let duration):
            log.notice("\(provider): recovered after \(duration.secondsRoundedUp) s")
        case .parked(let provider, let reason):
            log.error(
                "\(provider): refuses the client (\(reason.rawValue)), no account is at fault; needs: operator; one probe every 5 min"
            )
        case .unparked(let provider): log.notice("\(provider): accepts the client again")
        case .overloaded(let provider, let accounts, let demand, let budget):
            log.warning(
                "\(provider): \(accounts) accounts want \(demand) refreshes an hour, the budget gives \(budget); those asked for lately come first"
            )
        case .relieved(let provider): log.notice("\(provider): the budget keeps every account fresh again")
        case .clockStepped(let step):
            // Less is what a leap second is smeared to, or a resume from suspend without any step.
            let isWorthTelling = step.nanoseconds.magnitude >= 1_000_000_000
            log.log(
                level: isWorthTelling ? .notice : .debug,
                "the wall clock was stepped by \(step); refreshes go by the boot clock")
        }
    }
}
