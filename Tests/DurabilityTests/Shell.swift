// Decides how the real engine and the real store are run in virtual time: `FleetLoop` and `Exchanger` without threads. An
// event is given to the fleet, its actions are carried out, writes are submitted together and awaited, and only when
// nothing is left to do does the clock move. What crashes can come between is between the steps on the disk and the
// notes: both are recorded.

import Engine
import Vocabulary
import WireProtocol

@testable import GrantStore
@testable import tokend

/// Ways to be broken, by which the proof is tried.
enum Sabotage: Hashable, Sendable {
    /// Nothing is written down before a refresh token is sent.
    case skipsMarks
    /// The refresh token is sent while its mark is on the way to the disk.
    case sendsBeforeMarked
    /// A new grant is shown to readers while it is on the way to the disk.
    case publishesBeforeDurable
    /// A client is told that its grant is durable while it is on the way to the disk.
    case reportsBeforeDurable
    /// A lost answer is taken for a request that was not sent.
    case forgetsLostAnswers
}

/// One process of the daemon.
final class Shell {
    struct Cargo {
        let grant: Grant
        let facts: TokenFacts?
        let obtainedAt: WallTime?
        let succeededAt: WallTime?
    }

    /// What the network brings, and when.
    struct Arrival {
        enum Content {
            case answer(Operation, Result<TokenFacts, Failure>)
            /// A request of an earlier process reaches the provider; nobody hears the answer.
            case request(AccountName, RefreshToken)
        }

        let at: WallTime
        let content: Content
    }

    static let roundTrip = Duration.milliseconds(300)
    /// After which the HTTP client gives an exchange up.
    static let timeout = Duration.seconds(15)

    let stage: Stage
    let store: GrantStore
    var fleet: Fleet
    var cargo: [Operation: Cargo] = [:]
    /// What readers see.
    var table: [AccountName: TokenFacts] = [:]
    var names: [RecordID: AccountName] = [:]
    var writes: [Action] = []
    var arrivals: [Arrival] = []
    var answers: [Caller: Answer] = [:]
    /// Exchanges that were begun, and those whose end has been taken in.
    var begun: [AccountName: Int] = [:]
    var ended: [AccountName: Int] = [:]
    var owners: [Operation: AccountName] = [:]
    var hasFinished = false
    /// Exchanges whose mark was reported durable.
    var marked: Set<Operation> = []
    /// How often a rotated grant could not be written.
    var unsavedWrites = 0
    /// Writes that the store has refused since it last took one.
    var failuresInARow = 0
    /// When each grant that could not be written was last tried.
    var lastWrite: [Operation: BootTime] = [:]
    private var lastCaller: UInt64 = 0

    init(_ stage: Stage, _ store: GrantStore, seed: UInt64 = 1) {
        self.stage = stage
        self.store = store
        fleet = Fleet(seed: seed, rules: Authority.policies.mapValues { ClientRules(replay: $0) })
        restore()
        enter { _, _, _ in }
    }

    /// As `Daemon.restore`.
    private func restore() {
        let now = stage.outside.now
        let isRead: Void? = try? store.load(now) { loaded in
            guard case .account(let account) = loaded else {
                return stage.violate(.durable, "a record cannot be opened: \(loaded)")
            }
            names[account.record] = account.account
            let facts = TokenFacts(account, .refreshToken, now)
            if let facts, facts.expiry > now.boot { table[account.account] = facts }
            fleet.restored(
                account.account, account.record, account.generation, facts, account.standing,
                lastSuccessAt: account.lastSuccessAt, now)
        }
        if isRead == nil { stage.violate(.opened, "the records cannot be read") }
    }

    // MARK: Time

    /// Lets time pass until `isOver`, or for `limit`.
    /// - Returns: whether it came to be over.
    @discardableResult
    func run(for limit: Duration = .seconds(9_000), until isOver: (Shell) -> Bool = { _ in false }) -> Bool {
        let end = stage.outside.now.wall + limit
        wake()
        while !isOver(self) {
            let now = stage.outside.now
            let next = [fleet.nextWakeUp.map { now.wall(at: $0) }, arrivals.map(\.at).min()].compactMap { $0 }
                .min()
            guard let next, next <= end else {
                stage.outside.now = now + max(.zero, end - now.wall)
                wake()
                return isOver(self)
            }
            stage.outside.now = now + max(.zero, next - now.wall)
            deliver()
            wake()
        }
        return true
    }

    private func deliver() {
        let now = stage.outside.now.wall
        let due = arrivals.filter { $0.at <= now }
        arrivals.removeAll { $0.at <= now }
        for arrival in due {
            switch arrival.content {
            case .answer(let operation, let result):
                if let owner = owners[operation] { ended[owner, default: 0] += 1 }
                enter { $0.answered(operation, result, $1, &$2) }
            case .request(let name, let token):
                _ = stage.outside.arrive(token, of: name)
                stage.note("\(token.text) reached the provider late")
            }
        }
    }

    private func wake() {
        var hasMore = true
        while hasMore { enter { hasMore = $0.woke($1, &$2) } }
    }

    /// Gives an event to the engine and carries out what it asks for, to the end.
    func enter(_ event: (inout Fleet, Moment, inout [Action]) -> Void) {
        decide(event)
        drain()
    }

    func decide(_ event: (inout Fleet, Moment, inout [Action]) -> Void) {
        var actions: [Action] = []
        event(&fleet, stage.outside.now, &actions)
        for action in actions { carryOut(action) }
    }

    // MARK: Requests

    /// An operator or a client asks; the answer, if it came at once.
    @discardableResult
    func request(_ event: (inout Fleet, Caller, Moment, inout [Action]) -> Void) -> Caller {
        lastCaller += 1
        let caller = Caller(lastCaller)
        enter { event(&$0, caller, $1, &$2) }
        return caller
    }

    /// `ADD` of a user who has just logged in; several come in one turn.
    @discardableResult
    func add(_ logins: [(AccountName, RefreshToken)], replace: Bool = false) -> [Caller] {
        var callers: [Caller] = []
        for (name, token) in logins {
            lastCaller += 1
            let caller = Caller(lastCaller)
            callers.append(caller)
            let operation = fleet.newOperation()
            cargo[operation] = Cargo(
                grant: Grant(refreshToken: Secret(token.text)), facts: nil, obtainedAt: nil, succeededAt: nil)
            decide { $0.addRequested(caller, operation, name, nil, replace: replace, $1, &$2) }
        }
        drain()
        return callers
    }

    func remove(_ name: AccountName) -> Caller { request { $0.removeRequested($1, name, $2, &$3) } }

    func stop() { enter { fleet, _, actions in fleet.stop(&actions) } }

    func state(_ name: AccountName) -> AccountStatus? { fleet.status(of: name, stage.outside.now) }
}
