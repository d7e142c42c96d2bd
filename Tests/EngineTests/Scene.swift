// A fleet in virtual time: events go in by short names, actions come out as lists to compare.

import Engine
import Schedule
import Vocabulary
import WireProtocol

/// A fleet, its clock, and what it asked for.
struct Scene {
    var fleet: Fleet
    var now = Moment(
        boot: BootTime(nanoseconds: 1_000_000_000_000), wall: WallTime(epochSeconds: 1_700_000_000))
    /// The store marks presentations as soon as it is asked to; otherwise the test answers.
    var marksAtOnce = true
    private var callers: UInt64 = 0
    private var records: Int64 = 0

    init(seed: UInt64 = 1, _ policy: ReplayPolicy = .standard) {
        fleet = Fleet(seed: seed, rules: [Self.alice.provider: ClientRules(replay: policy)])
    }

    static let alice = AccountName("acme/alice")!
    static let bob = AccountName("acme/bob")!

    mutating func act(_ event: (inout Fleet, Moment, inout [Action]) -> Void) -> [Action] {
        var actions: [Action] = []
        event(&fleet, now, &actions)
        return marking(actions)
    }

    /// The actions with each mark carried out, and what follows from it in its place.
    private mutating func marking(_ actions: [Action]) -> [Action] {
        guard marksAtOnce else { return actions }
        return actions.flatMap { action in
            guard case .mark(let operation, _, _, _) = action else { return [action] }
            return mark(operation, .marked)
        }
    }

    mutating func mark(_ operation: Operation, _ result: MarkResult) -> [Action] {
        act { $0.marked(operation, result, $1, &$2) }
    }

    mutating func pass(_ duration: Duration) { now = now + duration }

    /// Lets time pass up to `duration`, waking the fleet whenever it wants, until it acts.
    mutating func wakeUntilAction(within duration: Duration) -> [Action] {
        let end = now + duration
        while let wakeUp = fleet.nextWakeUp, wakeUp <= end.boot {
            now = now + max(.zero, wakeUp - now.boot)
            let actions = wake()
            if !actions.isEmpty { return actions }
        }
        now = end
        return wake()
    }

    /// Wakes the fleet one tick from now, when what is due now has been rounded up to.
    mutating func wake() -> [Action] {
        pass(TimerWheel.resolution)
        var actions: [Action] = []
        while fleet.woke(now, &actions) {}
        return marking(actions)
    }

    /// An account in the fleet whose token lives `life` from now; nil for none.
    mutating func restore(
        _ name: AccountName, life: Duration?, token: UInt64 = 1, _ standing: Standing? = nil
    ) {
        records += 1
        fleet.restored(
            name, RecordID(rowID: records), .first, life.map { facts(life: $0, token: token) },
            standing, lastSuccessAt: nil, now)
    }

    func facts(life: Duration, token: UInt64) -> TokenFacts {
        TokenFacts(
            expiry: now.boot + life, expiresAt: now.wall + life, lifetime: life,
            fingerprint: Fingerprint(bits: token),
            type: "Bearer", scope: nil)
    }

    mutating func newCaller() -> Caller {
        callers += 1
        return Caller(callers)
    }

    mutating func get(
        _ name: AccountName, minTTL: Int64 = 0, wait: Int64 = 10, not: UInt64? = nil
    ) -> (caller: Caller, actions: [Action]) {
        let caller = newCaller()
        let options = GetOptions(minTTL: minTTL, wait: wait, refused: not.map(Fingerprint.init(bits:)))
        return (caller, act { $0.asked(caller, name, options, $1, &$2) })
    }

    mutating func refresh(_ name: AccountName) -> (caller: Caller, actions: [Action]) {
        let caller = newCaller()
        return (caller, act { $0.refreshRequested(caller, name, $1, &$2) })
    }

    mutating func add(_ name: AccountName, life: Duration? = nil, token: UInt64 = 1, replace: Bool = false)
        -> (caller: Caller, operation: Operation, actions: [Action])
    {
        let caller = newCaller()
        let operation = fleet.newOperation()
        let facts = life.map { self.facts(life: $0, token: token) }
        let actions = act { $0.addRequested(caller, operation, name, facts, replace: replace, $1, &$2) }
        return (caller, operation, actions)
    }

    mutating func remove(_ name: AccountName) -> (caller: Caller, actions: [Action]) {
        let caller = newCaller()
        return (caller, act { $0.removeRequested(caller, name, $1, &$2) })
    }

    /// The provider grants a token of `life`.
    mutating func grant(_ operation: Operation, life: Duration = .seconds(3600), token: UInt64 = 2)
        -> [Action]
    {
        let facts = self.facts(life: life, token: token)
        return act { $0.answered(operation, .success(facts), $1, &$2) }
    }

    mutating func fail(_ operation: Operation, _ failure: Failure) -> [Action] {
        act { $0.answered(operation, .failure(failure), $1, &$2) }
    }

    mutating func store(_ operation: Operation, _ result: StoreResult) -> [Action] {
        act { $0.stored(operation, result, $1, &$2) }
    }

    func status(_ name: AccountName) -> AccountStatus? { fleet.status(of: name, now) }
}

extension [Action] {
    /// The one exchange among the actions, if any.
    var exchange: Operation? {
        lazy.compactMap { if case .exchange(let operation, _, _, _, _) = $0 { operation } else { nil } }.first
    }

    var exchanges: [AccountName] {
        compactMap { if case .exchange(_, _, _, let name, _) = $0 { name } else { nil } }
    }

    /// The one mark among the actions, if any.
    var mark: (operation: Operation, presentation: Presentation)? {
        lazy.compactMap {
            if case .mark(let operation, _, _, let presentation) = $0 {
                (operation, presentation)
            } else {
                nil
            }
        }.first
    }

    var settlements: [Settlement] {
        compactMap { if case .settle(_, _, let settlement) = $0 { settlement } else { nil } }
    }

    /// The one write of a grant in place of another among the actions, if any.
    var replacement: Operation? {
        lazy.compactMap { if case .replace(let operation, _, _) = $0 { operation } else { nil } }.first
    }

    func answer(to caller: Caller) -> Answer? {
        lazy.compactMap { if case .answer(caller, let answer) = $0 { answer } else { nil } }.first
    }

    func refusal(of caller: Caller) -> RequestError? {
        if case .refused(let error) = answer(to: caller) { error } else { nil }
    }
}
