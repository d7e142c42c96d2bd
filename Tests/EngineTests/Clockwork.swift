// A fleet whose clocks a test turns: the provider grants and the store writes at once, and what readers see is kept, so that
// a life with steps of the wall clock can be laid beside the same life without them.

import Schedule
import Vocabulary
import WireProtocol

@testable import Engine

struct Clockwork {
    var scene: Scene
    /// The tokens that readers see.
    var readers: [AccountName: TokenFacts] = [:]
    /// What began, and when on the boot clock.
    var exchanges: [BootTime: [AccountName]] = [:]
    var notices: [Notice] = []
    /// Accounts whose grant is to be read from the store.
    var rereads: [(operation: Operation, name: AccountName)] = []
    /// How many accounts each turn after a step has acted on.
    var turns: [Int] = []
    private var granted: UInt64 = 1000

    static let life = Duration.seconds(3600)
    static let correct = WallTime(epochSeconds: 1_800_000_000)

    /// - Parameter wall: what the wall clock shows at the start.
    init(wall: WallTime = correct, _ policy: ReplayPolicy = .standard) {
        scene = Scene(policy)
        scene.now = Moment(boot: scene.now.boot, wall: wall)
    }

    static func name(_ number: Int) -> AccountName { AccountName("acme/\(number)")! }

    var now: Moment { scene.now }
    var begun: Int { exchanges.values.reduce(0) { $0 + $1.count } }

    /// An account whose token was obtained in this boot.
    mutating func addWatched(_ number: Int, left: Duration) {
        let end = now + left
        add(
            number,
            TokenFacts(
                expiry: end.boot, expiresAt: end.wall, lifetime: Self.life,
                fingerprint: Fingerprint(bits: UInt64(number)), type: "Bearer", scope: nil))
    }

    /// An account of another boot, whose token ends when a right clock shows `end`.
    mutating func addUnwatched(_ number: Int, until end: WallTime, _ standing: Standing? = nil) {
        add(
            number,
            TokenFacts(
                until: end, lifetime: Self.life, fingerprint: Fingerprint(bits: UInt64(number)),
                type: "Bearer", scope: nil, now), standing)
    }

    private mutating func add(_ number: Int, _ facts: TokenFacts, _ standing: Standing? = nil) {
        let name = Self.name(number)
        if facts.expiry > now.boot { readers[name] = facts }
        scene.fleet.restored(
            name, RecordID(rowID: Int64(number)), .first, facts, standing, lastSuccessAt: nil, now)
    }

    /// Whether readers are served now.
    func serves(_ number: Int) -> Bool { readers[Self.name(number)].map { $0.expiry > now.boot } ?? false }

    /// The wall clock jumps to `wall`, which is noticed at once.
    mutating func set(_ wall: WallTime) {
        let before = now
        scene.now = Moment(boot: now.boot, wall: wall)
        take(scene.act { $0.clockStepped(since: before, $1, &$2) })
        var hasMore = true
        while hasMore {
            let actions = scene.act { hasMore = $0.rederive($1, &$2) }
            turns.append(actions.count)
            take(actions)
        }
    }

    mutating func step(by duration: Duration) { set(now.wall + duration) }

    mutating func run(for duration: Duration) {
        let end = now.boot + duration
        while let wakeUp = scene.fleet.nextWakeUp, wakeUp <= end {
            scene.pass(max(.zero, wakeUp - now.boot))
            take(scene.wake())
        }
        scene.pass(max(.zero, end - now.boot))
    }

    /// The store has read an account's grant of `generation`.
    mutating func reread(_ operation: Operation, _ name: AccountName, _ generation: Generation = .first) {
        var facts: TokenFacts?
        let actions = scene.act { facts = $0.reread(operation, name, generation, $1, &$2) }
        if let facts, actions.contains(.publish(operation, name)) { readers[name] = facts }
        take(actions)
    }

    private mutating func take(_ actions: [Action]) {
        for action in actions {
            switch action {
            case .exchange(let operation, let record, let generation, let name, _):
                exchanges[now.boot, default: []].append(name)
                granted += 1
                let facts = scene.facts(life: Self.life, token: granted)
                _ = scene.grant(operation, life: Self.life, token: granted)
                readers[name] = facts
                take(scene.store(operation, .stored(record, generation.next)))
            case .reexpire(let name, let expiry, let expiresAt):
                readers[name]?.expiry = expiry
                readers[name]?.expiresAt = expiresAt
            case .reread(let operation, _, let name): rereads.append((operation, name))
            case .log(let notice): notices.append(notice)
            default: break
            }
        }
    }
}
