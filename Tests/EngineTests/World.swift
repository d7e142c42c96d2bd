// The engine's surroundings in virtual time, driven by chance: providers that rotate and count reuse, a network that
// loses requests and answers, a store that sometimes fails, clients that ask, edit and force, and crashes at any moment.
// Checks the engine's invariants, by name, at every step.

import Schedule
import Vocabulary
import WireProtocol

@testable import Engine

struct World {
    /// What must hold, whatever happens in whatever order.
    enum Invariant: String, CaseIterable {
        case marked = "nothing is sent without a durable mark of its generation (R1)"
        case replayed = "a consumed refresh token comes back only as the provider's policy allows (R1, R5)"
        case lost = "a grant is lost only where its answer was lost (R1)"
        case told = "every lost grant ends as lost-rotation, and nothing else does (R1, R7)"
        case single = "an account has one exchange at a time (R12)"
        case spaced = "no account is attempted twice within a second (R19)"
        case carried = "only what carries a grant is stored and published (R4)"
        case answered = "every caller is answered, once (R9, R17)"
        case bounded = "a provider has no more in flight than its lane allows (T10)"
        case alone = "a grant that is being revoked is presented by nothing else"
        case finished = "a stopping fleet finishes, when nothing is under way (R8)"
    }

    var random: SplitMix64
    var fleet: Fleet
    var now = Moment(
        boot: BootTime(nanoseconds: 5_000_000_000), wall: WallTime(epochSeconds: 1_700_000_000))
    var store = WorldStore()
    var providers: [ProviderName: WorldProvider] = [:]
    var cargo: [Operation: WorldStore.Cargo] = [:]
    var exchanges: [Exchange] = []
    var writes: [Action] = []
    /// Revocations whose provider has not answered yet.
    var revocations: [(operation: Operation, name: AccountName)] = []
    /// Grants that the provider rotated away in an answer that nobody can have heard.
    var unheard: Set<Int> = []
    /// Late replays of each refresh token: when, and whether a crash cut it off.
    var lateReplays: [TokenKey: [LateReplay]] = [:]
    var forced: Set<AccountName> = []
    private(set) var violations: [Invariant: String] = [:]
    private(set) var exchangesTotal = 0
    private(set) var crashes = 0
    private var lastAttempt: [RecordID: BootTime] = [:]
    private var families = 0
    private var callers: UInt64 = 0
    private var unanswered: Set<Caller> = []
    private var hasFinished = false
    private let seed: UInt64

    struct TokenKey: Hashable {
        let family: Int
        let token: Int
    }

    struct LateReplay {
        let at: BootTime
        var wasCutOff = false
    }

    struct Exchange {
        let operation: Operation
        let name: AccountName
        let key: TokenKey?
        /// What reaches the client.
        let outcome: Outcome
    }

    enum Outcome: Equatable {
        case granted(token: Int)
        case failed(Failure)
        case overtaken(by: Generation)
    }

    static let kinds: [ProviderName: WorldProvider.Kind] = [
        ProviderName("plain")!: .withoutRotation, ProviderName("grace")!: .withGrace,
        ProviderName("strict")!: .withRevocation,
    ]
    private static let names = (0..<9).map { AccountName("\(["plain", "grace", "strict"][$0 % 3])/\($0)")! }

    init(seed: UInt64) {
        self.seed = seed
        random = SplitMix64(seed: seed)
        fleet = Self.emptyFleet(seed)
        for name in Self.kinds.keys { providers[name] = WorldProvider() }
    }

    private static func emptyFleet(_ seed: UInt64) -> Fleet {
        Fleet(seed: seed &+ 1, rules: kinds.mapValues { ClientRules(replay: $0.policy) })
    }

    func kind(_ name: AccountName) -> WorldProvider.Kind { Self.kinds[name.provider]! }

    mutating func violate(_ invariant: Invariant, _ detail: String) {
        if violations[invariant] == nil { violations[invariant] = detail }
    }

    // MARK: Living

    /// Lives through `steps` random events, settles every account, stops and drains.
    mutating func live(steps: Int) {
        for _ in 0..<steps where violations.isEmpty { step() }
        settle()
        judge()
        enter { fleet, _, actions in fleet.stop(&actions) }
        for _ in 0..<1_000 where !hasFinished { breathe() }
        if !hasFinished { violate(.finished, "it did not") }
        if !unanswered.isEmpty { violate(.answered, "\(unanswered.count) were not") }
    }

    private mutating func step() {
        now = now + .milliseconds(Int64.random(in: 0...800, using: &random))
        let name = Self.names.randomElement(using: &random)!
        switch Int.random(in: 0..<44, using: &random) {
        case 0...7: get(name)
        case 8, 9:
            forced.insert(name)
            request { $0.refreshRequested($1, name, $2, &$3) }
        case 10: request { $0.removeRequested($1, name, $2, &$3) }
        case 11...13: add(name)
        case 14...24:
            if !exchanges.isEmpty { answerExchange(at: Int.random(in: 0..<exchanges.count, using: &random)) }
        case 25...36: if !writes.isEmpty { answerWrite(succeeds: Int.random(in: 0..<8, using: &random) > 0) }
        case 37: crash()
        case 38: Bool.random(using: &random) ? request { $0.revokeRequested($1, name, $2, &$3) } : logIn(name)
        case 39: if !revocations.isEmpty { answerRevocation() }
        default: now = now + .seconds(Int64.random(in: 0...40, using: &random))
        }
        wake()
    }

    /// One of each thing that may be under way ends well.
    private mutating func breathe() {
        if !exchanges.isEmpty { answerExchange(at: 0) }
        if !revocations.isEmpty { answerRevocation() }
        while !writes.isEmpty { answerWrite(succeeds: true) }
        now = now + .milliseconds(500)
        wake()
    }

    /// The network and the disk are well from now on: lets time pass until no account is in doubt.
    private mutating func settle() {
        isCalm = true
        for _ in 0..<4_000 {
            breathe()
            guard !exchanges.isEmpty || !writes.isEmpty || !revocations.isEmpty || !isSettled else { break }
            if exchanges.isEmpty, writes.isEmpty, revocations.isEmpty, let next = fleet.nextWakeUp {
                now = now + max(.zero, next - now.boot)
                wake()
            }
        }
    }

    private(set) var isCalm = false

    private var isSettled: Bool {
        fleet.machines.allSatisfy { machine in
            guard let machine, machine.verdict == nil else { return true }
            return machine.doubt == nil && machine.trouble?.reason != .storage
        }
    }

    private mutating func get(_ name: AccountName) {
        let options = GetOptions(
            minTTL: Int64.random(in: 0...30, using: &random), wait: Int64.random(in: 0...60, using: &random),
            refused: Bool.random(using: &random) ? fleet.status(of: name, now)?.fingerprint : nil)
        if options.refused != nil { forced.insert(name) }
        request { $0.asked($1, name, options, $2, &$3) }
    }

    private mutating func add(_ name: AccountName) {
        families += 1
        providers[name.provider]!.add(families)
        let life = Duration.seconds(Int64.random(in: -5...60, using: &random))
        let facts = life > .zero ? facts(life) : nil
        let replace = Bool.random(using: &random)
        let operation = fleet.newOperation()
        cargo[operation] = .init(family: families, token: 0, facts: facts)
        request { $0.addRequested($1, operation, name, facts, replace: replace, $2, &$3) }
    }

    private mutating func logIn(_ name: AccountName) {
        families += 1
        providers[name.provider]!.add(families)
        let facts = facts(.seconds(Int64.random(in: 1...60, using: &random)))
        let operation = fleet.newOperation()
        cargo[operation] = .init(family: families, token: 0, facts: facts)
        request { $0.loggedIn($1, operation, name, facts, $2, &$3) }
    }

    /// The provider does not revoke: what must hold is the order of things, and that the grant outlives a failed removal.
    private mutating func answerRevocation() {
        let (operation, _) = revocations.removeFirst()
        enter { fleet, _, actions in fleet.revoked(operation, unrevoked: "down", &actions) }
    }

    private mutating func request(_ event: (inout Fleet, Caller, Moment, inout [Action]) -> Void) {
        callers += 1
        let caller = Caller(callers)
        unanswered.insert(caller)
        enter { event(&$0, caller, $1, &$2) }
    }

    mutating func wake() {
        var hasMore = true
        while hasMore { enter { hasMore = $0.woke($1, &$2) } }
    }

    mutating func enter(_ event: (inout Fleet, Moment, inout [Action]) -> Void) {
        var actions: [Action] = []
        event(&fleet, now, &actions)
        for action in actions { carryOut(action) }
    }

    private mutating func carryOut(_ action: Action) {
        switch action {
        case .exchange(let operation, let record, let generation, let name, _):
            exchangesTotal += 1
            if revocations.contains(where: { $0.name == name }) { violate(.alone, "\(name)") }
            if let last = lastAttempt[record], now.boot - last < .seconds(1) { violate(.spaced, "\(name)") }
            lastAttempt[record] = now.boot
            begin(operation, record, generation, name)
        case .insert(let operation, _), .replace(let operation, _, _):
            if cargo[operation] == nil { violate(.carried, "stored") }
            writes.append(action)
        case .delete, .mark, .settle: writes.append(action)
        case .revoke(let operation, let record, let name):
            // What was overtaken by an edit presents a grant that is here no more.
            let family = store.records[record]?.family
            if exchanges.contains(where: { $0.name == name && $0.key?.family == family }) {
                violate(.alone, "\(name) is in flight")
            }
            revocations.append((operation, name))
        case .publish(let operation, _):
            if cargo[operation] == nil { violate(.carried, "published") }
        case .drop(let operation): cargo[operation] = nil
        case .answer(let caller, _):
            if unanswered.remove(caller) == nil { violate(.answered, "twice") }
        case .unpublish, .log: break
        case .reexpire, .reread: preconditionFailure("nobody steps the clock here")
        case .finish:
            hasFinished = true
            if !exchanges.isEmpty || !writes.isEmpty || !revocations.isEmpty {
                violate(.finished, "with something under way")
            }
        }
    }

    func facts(_ life: Duration) -> TokenFacts {
        TokenFacts(
            expiry: now.boot + life, expiresAt: now.wall + life, lifetime: life,
            fingerprint: Fingerprint(bits: UInt64(bitPattern: now.boot.nanoseconds)), type: "Bearer",
            scope: nil)
    }

    // MARK: The disk

    /// The store carries out its oldest write: first in, first out.
    private mutating func answerWrite(succeeds: Bool) {
        let write = writes.removeFirst()
        // A failed sync may leave a replacement in the log, where the next start or connection finds it.
        var isDurable = succeeds
        if case .replace(let operation, _, _) = write, !succeeds, isRotation(operation) {
            isDurable = Bool.random(using: &random)
        }
        let result = isDurable ? perform(write) : nil
        if case .settle(let record, _, _) = write, !succeeds { cutOff(record) }
        report(write, succeeds ? result : nil)
    }

    private enum Result {
        case stored(StoreResult)
        case marked(MarkResult)
        case settled
    }

    private mutating func perform(_ write: Action) -> Result {
        switch write {
        case .insert(let operation, let name):
            // A later grant of the account may have been replaced at once: its cooldown goes with it (C10).
            return .stored(store.insert(name, cargo[operation]!))
        case .replace(let operation, let record, let generation):
            let result = store.replace(record, generation, cargo[operation]!)
            if case .stored = result, !isRotation(operation) { lastAttempt[record] = nil }
            return .stored(result)
        case .delete(_, let record): return .stored(store.delete(record))
        case .mark(_, let record, let generation, let presentation):
            return .marked(store.mark(record, generation, presentation))
        case .settle(let record, let generation, let settlement):
            store.settle(record, generation, settlement)
            return .settled
        default: preconditionFailure("only writes are queued")
        }
    }

    private func isRotation(_ operation: Operation) -> Bool { fleet.flights[operation] != nil }

    private mutating func report(_ write: Action, _ result: Result?) {
        switch (write, result) {
        case (.mark(let operation, _, _, _), .marked(let result)?):
            enter { $0.marked(operation, result, $1, &$2) }
        case (.mark(let operation, _, _, _), _): enter { $0.marked(operation, .failed, $1, &$2) }
        case (.settle, _): break
        case (.insert(let operation, _), let result), (.replace(let operation, _, _), let result),
            (.delete(let operation, _), let result):
            var answer = StoreResult.failed
            if case .stored(let stored)? = result { answer = stored }
            enter { $0.stored(operation, answer, $1, &$2) }
        default: preconditionFailure("only writes are queued")
        }
    }

    // MARK: Crashes

    /// The process dies: of the writes under way a prefix is durable, everything in memory is gone. It starts again at
    /// once or after a while.
    private mutating func crash() {
        crashes += 1
        let durable = Int.random(in: 0...writes.count, using: &random)
        for write in writes[..<durable] { _ = perform(write) }
        for case .settle(let record, _, _) in writes[durable...] { cutOff(record) }
        for exchange in exchanges { cutOff(exchange) }
        for grant in cargo.values where !isStored(grant) { unheard.insert(grant.family) }
        writes = []
        exchanges = []
        revocations = []
        cargo = [:]
        unanswered = []
        forced = []
        if Bool.random(using: &random) { now = now + .seconds(Int64.random(in: 0...120, using: &random)) }
        fleet = Self.emptyFleet(seed &+ UInt64(crashes))
        lastAttempt = [:]
        for (record, stored) in store.records.sorted(by: { $0.key.rowID < $1.key.rowID }) {
            let mark = store.marks[record].flatMap { $0.generation == stored.generation ? $0.standing : nil }
            fleet.restored(
                stored.name, record, stored.generation, stored.facts, mark, lastSuccessAt: nil, now)
        }
    }

    private func isStored(_ grant: WorldStore.Cargo) -> Bool {
        store.records.values.contains { $0.family == grant.family && $0.token == grant.token }
    }

    private mutating func cutOff(_ exchange: Exchange) {
        if case .granted = exchange.outcome { unheard.insert(exchange.key!.family) }
        if let key = exchange.key { cutOff(key) }
    }

    /// The answer was heard, and what it said is lost.
    private mutating func cutOff(_ record: RecordID) {
        guard let stored = store.records[record] else { return }
        cutOff(TokenKey(family: stored.family, token: stored.token))
    }

    private mutating func cutOff(_ key: TokenKey) {
        guard let last = lateReplays[key]?.indices.last else { return }
        lateReplays[key]![last].wasCutOff = true
    }
}
