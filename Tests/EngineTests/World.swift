// The engine's surroundings in virtual time, driven by chance: a provider that rotates on every use and counts reuse, a
// store that sometimes fails, clients that ask, edit and force. Checks the engine's invariants at every step.

import Schedule
import Vocabulary
import WireProtocol

@testable import Engine

struct World {
    private var random: SplitMix64
    private var fleet: Fleet
    private var now = Moment(
        boot: BootTime(nanoseconds: 5_000_000_000), wall: WallTime(epochSeconds: 1_700_000_000))

    /// What the provider would accept: the live refresh token of each grant family.
    private var liveToken: [Int: Int] = [:]
    private(set) var reuseCount = 0
    /// What the store holds: the family and refresh token of each record.
    private var records: [RecordID: Stored] = [:]
    private var cargo: [Operation: (family: Int, token: Int)] = [:]
    private var exchanges: [Exchange] = []
    private var writes: [Action] = []
    private var lastAttempt: [RecordID: BootTime] = [:]
    private var families = 0
    private var lastRecord: Int64 = 0
    private var callers: UInt64 = 0
    private var unanswered: Set<Caller> = []
    private var hasFinished = false
    private(set) var violations: [String] = []
    private(set) var exchangesTotal = 0

    private struct Stored {
        var name: AccountName
        var generation: Generation
        var family: Int
        var token: Int
    }

    private struct Exchange {
        let operation: Operation
        let name: AccountName
        /// What the provider granted; nil where it refused.
        let granted: (family: Int, token: Int)?
        /// The generation that the store had instead; then nothing was sent.
        let overtakenBy: Generation?
    }

    private static let names = (0..<12).map { AccountName("\($0 % 3 == 0 ? "acme" : "other")/\($0)")! }

    init(seed: UInt64) {
        random = SplitMix64(seed: seed)
        fleet = Fleet(seed: seed &+ 1)
    }

    /// Lives through `steps` random events, then stops and drains.
    mutating func live(steps: Int) {
        for _ in 0..<steps where violations.isEmpty { step() }
        enter { fleet, _, actions in fleet.stop(&actions) }
        // The disk is well again and every exchange is answered: nothing may stay behind.
        for _ in 0..<10_000 where !hasFinished {
            if !exchanges.isEmpty { answerExchange(at: 0) }
            if !writes.isEmpty { answerWrite(succeeds: true) }
            now = now + .milliseconds(50)
            wake()
        }
        if !hasFinished { violations.append("a stopping fleet finishes") }
        if !unanswered.isEmpty { violations.append("every caller is answered: \(unanswered.count) were not") }
        if reuseCount > 0 { violations.append("no consumed refresh token is presented again") }
    }

    private mutating func step() {
        now = now + .milliseconds(Int64.random(in: 0...800, using: &random))
        let name = Self.names.randomElement(using: &random)!
        switch Int.random(in: 0..<20, using: &random) {
        case 0...4: get(name)
        case 5: request { $0.refreshRequested($1, name, $2, &$3) }
        case 6: request { $0.removeRequested($1, name, $2, &$3) }
        case 7, 8: add(name)
        case 9...13:
            if !exchanges.isEmpty {
                answerExchange(at: Int.random(in: 0..<exchanges.count, using: &random))
            }
        case 14...18: if !writes.isEmpty { answerWrite(succeeds: Int.random(in: 0..<8, using: &random) > 0) }
        default: now = now + .seconds(Int64.random(in: 0...40, using: &random))
        }
        wake()
    }

    private mutating func get(_ name: AccountName) {
        let options = GetOptions(
            minTTL: Int64.random(in: 0...30, using: &random), wait: Int64.random(in: 0...60, using: &random),
            refused: Bool.random(using: &random) ? fleet.status(of: name, now)?.fingerprint : nil)
        request { $0.asked($1, name, options, $2, &$3) }
    }

    private mutating func add(_ name: AccountName) {
        families += 1
        liveToken[families] = 0
        let life = Duration.seconds(Int64.random(in: -5...60, using: &random))
        let facts = life > .zero ? facts(life) : nil
        let replace = Bool.random(using: &random)
        let operation = fleet.newOperation()
        cargo[operation] = (families, 0)
        request { $0.addRequested($1, operation, name, facts, replace: replace, $2, &$3) }
    }

    private mutating func request(_ event: (inout Fleet, Caller, Moment, inout [Action]) -> Void) {
        callers += 1
        let caller = Caller(callers)
        unanswered.insert(caller)
        enter { event(&$0, caller, $1, &$2) }
    }

    private mutating func wake() {
        var hasMore = true
        while hasMore { enter { hasMore = $0.woke($1, &$2) } }
    }

    private mutating func enter(_ event: (inout Fleet, Moment, inout [Action]) -> Void) {
        var actions: [Action] = []
        event(&fleet, now, &actions)
        for action in actions { carryOut(action) }
    }

    private mutating func carryOut(_ action: Action) {
        switch action {
        case .exchange(let operation, let record, let generation, let name):
            begin(operation, record, generation, name)
        case .insert(let operation, _), .replace(let operation, _, _):
            if cargo[operation] == nil { violations.append("only what carries a grant is stored") }
            writes.append(action)
        case .delete: writes.append(action)
        case .publish(let operation, _):
            if cargo[operation] == nil { violations.append("only what carries a grant is published") }
        case .drop(let operation): cargo[operation] = nil
        case .answer(let caller, _):
            if unanswered.remove(caller) == nil { violations.append("no caller is answered twice") }
        case .unpublish, .log: break
        case .finish:
            hasFinished = true
            if !exchanges.isEmpty || !writes.isEmpty {
                violations.append("finish comes when nothing is under way")
            }
        }
    }

    private mutating func begin(
        _ operation: Operation, _ record: RecordID, _ generation: Generation, _ name: AccountName
    ) {
        exchangesTotal += 1
        if let last = lastAttempt[record], now.boot - last < .seconds(1), fleetKeptCooldown(record) {
            violations.append("no account is attempted twice within a second")
        }
        lastAttempt[record] = now.boot
        replacedAt[record] = nil
        if exchanges.contains(where: { $0.operation == operation }) {
            violations.append("an operation is one exchange")
        }
        let found = records[record]?.generation
        exchanges.append(
            Exchange(
                operation: operation, name: name, granted: present(records[record], generation),
                overtakenBy: found == generation ? nil : found))
        let inFlight = exchanges.count { $0.name.provider == name.provider }
        if inFlight > Lane.concurrency { violations.append("a lane holds its limit") }
    }

    /// The request reaches the provider: it rotates, refuses, or counts reuse.
    private mutating func present(_ stored: Stored?, _ generation: Generation) -> (family: Int, token: Int)? {
        guard let stored, stored.generation == generation else { return nil }
        guard liveToken[stored.family] == stored.token else {
            reuseCount += 1
            violations.append("a consumed refresh token was presented")
            return nil
        }
        guard Int.random(in: 0..<4, using: &random) > 0 else { return nil }
        liveToken[stored.family] = stored.token + 1
        return (stored.family, stored.token + 1)
    }

    /// A replaced grant may be attempted at once: its cooldowns are cleared (C10).
    private func fleetKeptCooldown(_ record: RecordID) -> Bool { replacedAt[record] == nil }
    private var replacedAt: [RecordID: BootTime] = [:]

    private mutating func answerExchange(at index: Int) {
        let exchange = exchanges.remove(at: index)
        if let found = exchange.overtakenBy {
            return enter { $0.overtaken(exchange.operation, by: found, $1, &$2) }
        }
        if let granted = exchange.granted {
            cargo[exchange.operation] = granted
            let facts = facts(.seconds(Int64.random(in: 0...60, using: &random)))
            return enter { $0.answered(exchange.operation, .success(facts), $1, &$2) }
        }
        let failures: [Failure] = [
            Failure(.transient), Failure(.rateLimited, retryAfter: .seconds(3)),
            Failure(.reauthorizationRequired),
            Failure(.clientConfiguration),
        ]
        let failure = failures.randomElement(using: &random)!
        enter { $0.answered(exchange.operation, .failure(failure), $1, &$2) }
    }

    private func facts(_ life: Duration) -> TokenFacts {
        TokenFacts(
            expiry: now.boot + life, expiresAt: now.wall + life, lifetime: life,
            fingerprint: Fingerprint(bits: UInt64(bitPattern: now.boot.nanoseconds)), type: "Bearer",
            scope: nil)
    }

    /// The store carries out its oldest write: first in, first out.
    private mutating func answerWrite(succeeds: Bool) {
        let write = writes.removeFirst()
        switch write {
        case .insert(let operation, let name):
            finish(operation, succeeds ? insert(operation, name) : .failed)
        case .replace(let operation, let record, let generation):
            // A failed sync may leave the write in the log, where the next start or connection finds it.
            let isDurable = succeeds || Bool.random(using: &random)
            let result = isDurable ? replace(operation, record, generation) : .failed
            finish(operation, succeeds ? result : .failed)
        case .delete(let operation, let record):
            if succeeds { records[record] = nil }
            finish(operation, succeeds ? .removed : .failed)
        default: preconditionFailure("only writes are queued")
        }
    }

    private mutating func finish(_ operation: Operation, _ result: StoreResult) {
        enter { $0.stored(operation, result, $1, &$2) }
    }

    private mutating func insert(_ operation: Operation, _ name: AccountName) -> StoreResult {
        guard let grant = cargo[operation], !records.values.contains(where: { $0.name == name }) else {
            return .exists
        }
        lastRecord += 1
        let record = RecordID(rowID: lastRecord)
        records[record] = Stored(name: name, generation: .first, family: grant.family, token: grant.token)
        return .stored(record, .first)
    }

    private mutating func replace(_ operation: Operation, _ record: RecordID, _ generation: Generation)
        -> StoreResult
    {
        guard let grant = cargo[operation], records[record]?.generation == generation else {
            return .gone(records[record]?.generation)
        }
        if records[record]!.family != grant.family { replacedAt[record] = now.boot }
        records[record]!.generation = generation.next
        records[record]!.family = grant.family
        records[record]!.token = grant.token
        return .stored(record, generation.next)
    }
}
