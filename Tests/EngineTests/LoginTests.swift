import Engine
import Testing
import Vocabulary
import WireProtocol

@Suite("A login and a revocation")
struct LoginTests {
    var scene = Scene()

    @Test("A login takes the place of whatever is there, and nothing of its troubles counts")
    mutating func replaces() throws {
        scene.restore(Scene.alice, life: .seconds(-1))
        let operation = try #require(scene.wake().exchange)
        _ = scene.fail(operation, Failure(.reauthorizationRequired))
        #expect(scene.status(Scene.alice)?.state == .loginNeeded)
        let (caller, login, actions) = scene.logIn(Scene.alice)
        #expect(actions == [.replace(login, RecordID(rowID: 1), after: .first)])
        let stored = scene.store(login, .stored(RecordID(rowID: 1), Generation(2)))
        #expect(stored.answer(to: caller) == .loggedIn(Scene.alice, scene.now.wall + .seconds(3600)))
        #expect(scene.status(Scene.alice)?.state == .ok)
    }

    @Test("A login makes an account that is not there")
    mutating func inserts() {
        let (_, login, actions) = scene.logIn(Scene.alice)
        #expect(actions == [.insert(login, Scene.alice)])
    }

    @Test("Two logins of one account are stored one after the other, and the later one stays")
    mutating func races() throws {
        let first = scene.logIn(Scene.alice)
        let second = scene.logIn(Scene.alice)
        #expect(second.actions.isEmpty)
        let record = RecordID(rowID: 7)
        let stored = scene.store(first.operation, .stored(record, .first))
        #expect(stored.answer(to: first.caller) != nil)
        #expect(stored.contains(.replace(second.operation, record, after: .first)))
        let again = scene.store(second.operation, .stored(record, Generation(2)))
        #expect(again.answer(to: second.caller) != nil && scene.status(Scene.alice)?.generation == 2)
    }

    @Test(
        "What an operator did while a login's grant could not be written is not undone by its next try",
        arguments: ["ADD", "REMOVE", "REVOKE"])
    mutating func isNotUndone(edit: String) throws {
        let record = RecordID(rowID: 1)
        scene.restore(Scene.alice, life: .seconds(3600))
        let first = scene.logIn(Scene.alice)
        #expect(scene.store(first.operation, .failed).refusal(of: first.caller)?.code == .storage)
        switch edit {
        case "ADD":
            _ = scene.store(scene.add(Scene.alice, replace: true).operation, .stored(record, Generation(2)))
        case "REMOVE":
            let operation = try #require(scene.remove(Scene.alice).actions.deletion)
            _ = scene.store(operation, .removed)
        default:
            guard case .revoke(let operation, _, _)? = scene.revoke(Scene.alice).actions.first else {
                throw Missing()
            }
            _ = scene.revoked(operation, nil)
            _ = scene.store(operation, .removed)
        }
        let again = scene.logIn(Scene.alice, again: first.operation)
        #expect(again.actions.refusal(of: again.caller)?.code == .loginFailed)
        #expect(!again.actions.writes)
        #expect(scene.status(Scene.alice)?.generation == (edit == "ADD" ? 2 : nil))
    }

    @Test(
        "A login's grant that could not be written is written at a later try, also behind an edit that fails")
    mutating func isWrittenLater() throws {
        scene.restore(Scene.alice, life: .seconds(3600))
        var login = scene.logIn(Scene.alice)
        let first = login.operation
        for _ in 0..<3 {
            #expect(scene.store(login.operation, .failed).refusal(of: login.caller)?.code == .storage)
            let removal = try #require(scene.remove(Scene.alice).actions.deletion)
            _ = scene.store(removal, .failed)
            login = scene.logIn(Scene.alice, again: first)
        }
        let stored = scene.store(login.operation, .stored(RecordID(rowID: 1), Generation(2)))
        #expect(stored.answer(to: login.caller) == .loggedIn(Scene.alice, scene.now.wall + .seconds(3600)))
    }

    @Test("An older login's late write does not take a newer login's place; a newer one's takes an older's")
    mutating func order() throws {
        let record = RecordID(rowID: 1)
        scene.restore(Scene.alice, life: .seconds(3600))
        let older = scene.logIn(Scene.alice)
        #expect(scene.store(older.operation, .failed).refusal(of: older.caller)?.code == .storage)
        let newer = scene.logIn(Scene.alice)
        let again = scene.logIn(Scene.alice, again: older.operation)
        #expect(again.actions.isEmpty, "it waits for the newer one")
        let stored = scene.store(newer.operation, .stored(record, Generation(2)))
        #expect(stored.answer(to: newer.caller) != nil)
        #expect(stored.refusal(of: again.caller)?.code == .loginFailed)

        scene = Scene()
        scene.restore(Scene.alice, life: .seconds(3600))
        let (first, second) = (scene.logIn(Scene.alice), scene.logIn(Scene.alice))
        _ = scene.store(first.operation, .failed)
        _ = scene.store(second.operation, .failed)
        let firstAgain = scene.logIn(Scene.alice, again: first.operation)
        #expect(
            scene.store(firstAgain.operation, .stored(record, Generation(2))).answer(to: firstAgain.caller)
                != nil)
        let secondAgain = scene.logIn(Scene.alice, again: second.operation)
        #expect(secondAgain.actions == [.replace(secondAgain.operation, record, after: Generation(2))])
    }

    @Test("A REMOVE of an account whose first login could not be written yet ends that as well")
    mutating func isNeverMade() {
        let login = scene.logIn(Scene.alice)
        _ = scene.store(login.operation, .failed)
        let (caller, actions) = scene.remove(Scene.alice)
        #expect(actions.refusal(of: caller)?.code == .unknownAccount)
        let again = scene.logIn(Scene.alice, again: login.operation)
        #expect(again.actions.refusal(of: again.caller)?.code == .loginFailed && !again.actions.writes)
    }

    @Test("A login without a refresh token does not replace a living grant that has one")
    mutating func keepsWhatIsWorthMore() throws {
        scene.restore(Scene.alice, life: .seconds(3600))
        let login = scene.logIn(Scene.alice, isRenewable: false)
        #expect(login.actions.refusal(of: login.caller)?.code == .loginFailed)
        #expect(!login.actions.writes && scene.status(Scene.alice)?.state == .ok)
    }

    @Test("A login without a refresh token replaces a grant that is dead, in doubt, or has none either")
    mutating func replacesWhatIsWorthLess() throws {
        scene.restore(Scene.alice, life: .seconds(-1))
        _ = scene.fail(try #require(scene.wake().exchange), Failure(.reauthorizationRequired))
        #expect(scene.logIn(Scene.alice, isRenewable: false).actions.writes)
        scene = Scene()
        scene.restore(Scene.alice, life: .seconds(-1))
        _ = scene.fail(try #require(scene.wake().exchange), Failure(.inDoubt))
        #expect(scene.logIn(Scene.alice, isRenewable: false).actions.writes)
        scene = Scene()
        scene.restoreUnrenewable(Scene.alice, life: .seconds(3600))
        #expect(scene.logIn(Scene.alice, isRenewable: false).actions.writes)
    }

    @Test("A revocation goes to the provider first, then the record goes")
    mutating func revokes() {
        scene.restore(Scene.alice, life: .seconds(3600))
        let (caller, actions) = scene.revoke(Scene.alice)
        guard case .revoke(let operation, RecordID(rowID: 1), Scene.alice) = actions.first else {
            Issue.record("\(actions)")
            return
        }
        #expect(scene.revoked(operation, nil) == [.delete(operation, RecordID(rowID: 1))])
        let done = scene.store(operation, .removed)
        #expect(done.answer(to: caller) == .revoked(unrevoked: nil))
        #expect(scene.status(Scene.alice) == nil)
    }

    @Test(
        "A revocation waits for a refresh that is out, whose answer brings the token that has to be revoked")
    mutating func waits() throws {
        scene.restore(Scene.alice, life: .seconds(-1))
        let exchange = try #require(scene.wake().exchange)
        #expect(scene.revoke(Scene.alice).actions.isEmpty)
        let granted = scene.grant(exchange)
        #expect(!granted.contains { if case .revoke = $0 { true } else { false } })
        let stored = scene.store(exchange, .stored(RecordID(rowID: 1), Generation(2)))
        #expect(stored.contains { if case .revoke = $0 { true } else { false } })
    }

    @Test("A refresh that fails lets a waiting revocation go on")
    mutating func goesOn() throws {
        scene.restore(Scene.alice, life: .seconds(-1))
        let exchange = try #require(scene.wake().exchange)
        #expect(scene.revoke(Scene.alice).actions.isEmpty)
        let failed = scene.fail(exchange, Failure(.transient))
        #expect(failed.contains { if case .revoke = $0 { true } else { false } })
    }

    @Test("What the provider did not revoke is removed all the same, and said")
    mutating func isHonest() throws {
        scene.restore(Scene.alice, life: .seconds(3600))
        let (caller, actions) = scene.revoke(Scene.alice)
        guard case .revoke(let operation, _, _)? = actions.first else { throw Missing() }
        _ = scene.revoked(operation, "down")
        #expect(scene.store(operation, .removed).answer(to: caller) == .revoked(unrevoked: "down"))
    }

    @Test("Where the record cannot be deleted, the account goes on and whoever asked is told")
    mutating func keeps() throws {
        scene.restore(Scene.alice, life: .seconds(3600))
        let (caller, actions) = scene.revoke(Scene.alice)
        guard case .revoke(let operation, _, _)? = actions.first else { throw Missing() }
        _ = scene.revoked(operation, nil)
        #expect(scene.store(operation, .failed).refusal(of: caller)?.code == .storage)
        #expect(scene.wakeUntilAction(within: .seconds(10)).exchange != nil)
    }

    private struct Missing: Error {}
}

@Suite("A grant without a refresh token")
struct UnrenewableTests {
    var scene = Scene()

    @Test("is served until it lapses, is never refreshed before, and needs a login then")
    mutating func livesToItsEnd() throws {
        scene.restoreUnrenewable(Scene.alice, life: .seconds(7200))
        #expect(scene.wakeUntilAction(within: .seconds(7190)).isEmpty)
        #expect(scene.status(Scene.alice)?.state == .ok)
        let operation = try #require(scene.wakeUntilAction(within: .seconds(20)).exchange)
        _ = scene.fail(operation, Failure(.reauthorizationRequired))
        #expect(scene.status(Scene.alice)?.state == .loginNeeded)
    }

    @Test("is not refreshed on request while it serves")
    mutating func refusesRefresh() {
        scene.restoreUnrenewable(Scene.alice, life: .seconds(7200))
        let (caller, actions) = scene.refresh(Scene.alice)
        #expect(actions.refusal(of: caller)?.code == .loginNeeded && actions.exchange == nil)
        #expect(scene.status(Scene.alice)?.state == .ok)
    }

    @Test("that the API refuses needs a login at once")
    mutating func refusedByTheAPI() throws {
        scene.restoreUnrenewable(Scene.alice, life: .seconds(7200))
        let (caller, actions) = scene.get(Scene.alice, not: 1)
        let failed = scene.fail(try #require(actions.exchange), Failure(.reauthorizationRequired))
        #expect(failed.refusal(of: caller)?.code == .loginNeeded)
    }
}

@Suite("A refresh token that ends")
struct RefreshTokenEndTests {
    private static let day = Duration.seconds(86_400)
    var scene = Scene()

    @Test("is warned of 14, 7 and 1 days before, and shows whom it needs")
    mutating func warns() {
        scene.restoreEnding(Scene.alice, in: Self.day * 30, life: Self.day * 40)
        var days: [Int] = []
        for _ in 0..<20 {
            for action in scene.wakeUntilAction(within: Self.day * 2) {
                if case .log(.refreshTokenEnds(Scene.alice, let left)) = action { days.append(left) }
            }
        }
        #expect(days == [14, 7, 1])
        #expect(scene.status(Scene.alice)?.needs == .user)
        #expect(scene.fleet.summary(scene.now).needs == [.user: 1])
        #expect(
            scene.fleet.list(ListOptions(needs: .user), scene.now).accounts.map(\.account) == [Scene.alice])
        #expect(scene.fleet.list(ListOptions(needs: .nobody), scene.now).accounts.isEmpty)
    }

    @Test("that never lives so long does not warn at each refresh", arguments: [Int64(1), 60, 3600, 43_200])
    mutating func short(lifetime: Int64) {
        scene.restoreEnding(Scene.alice, in: .seconds(lifetime) * 2, life: .seconds(lifetime))
        #expect(scene.status(Scene.alice)?.needs == .nobody)
        let actions = scene.wake()
        #expect(!actions.contains { if case .log(.refreshTokenEnds) = $0 { true } else { false } })
    }
}

extension Scene {
    init(rules: ClientRules) {
        self.init()
        fleet = Fleet(seed: 1, rules: [Self.alice.provider: rules])
    }

    mutating func logIn(
        _ name: AccountName, isRenewable: Bool = true, awaitsFirstExchange: Bool = false,
        again: Operation? = nil
    ) -> (caller: Caller, operation: Operation, actions: [Action]) {
        let caller = newCaller()
        let operation = fleet.newOperation()
        var facts = facts(life: .seconds(3600), token: 9)
        facts.isRenewable = isRenewable
        facts.awaitsFirstExchange = awaitsFirstExchange
        let actions = act { $0.loggedIn(caller, operation, name, facts, again: again, $1, &$2) }
        return (caller, operation, actions)
    }

    mutating func revoke(_ name: AccountName) -> (caller: Caller, actions: [Action]) {
        let caller = newCaller()
        return (caller, act { $0.revokeRequested(caller, name, $1, &$2) })
    }

    mutating func revoked(_ operation: Operation, _ unrevoked: String?) -> [Action] {
        act { fleet, _, actions in fleet.revoked(operation, unrevoked: unrevoked, &actions) }
    }

    mutating func restoreUnrenewable(_ name: AccountName, life: Duration) {
        var facts = facts(life: life, token: 1)
        facts.isRenewable = false
        fleet.restored(name, RecordID(rowID: 1), .first, facts, nil, lastSuccessAt: nil, now)
    }

    mutating func restoreAwaiting(_ name: AccountName, life: Duration, lastSuccess ago: Duration? = nil) {
        var facts = facts(life: life, token: 1)
        facts.awaitsFirstExchange = true
        let lastSuccessAt = ago.map { now.wall + (.zero - $0) }
        fleet.restored(name, RecordID(rowID: 1), .first, facts, nil, lastSuccessAt: lastSuccessAt, now)
    }

    mutating func restoreEnding(_ name: AccountName, in duration: Duration, life: Duration) {
        var facts = facts(life: life, token: 1)
        facts.refreshTokenExpiresAt = now.wall + duration
        fleet.restored(name, RecordID(rowID: 1), .first, facts, nil, lastSuccessAt: nil, now)
    }
}

extension [Action] {
    /// Whether a grant is to be stored.
    fileprivate var writes: Bool {
        contains { if case .insert = $0 { true } else if case .replace = $0 { true } else { false } }
    }
}
