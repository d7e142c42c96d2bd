import Evidence
import Testing
import Vocabulary
import WireProtocol

@testable import Engine

@Suite("A request")
struct RequestTests {
    let alice = Scene.alice

    @Test("for an account that is not there is unknown-account, whatever the verb")
    func unknown() {
        var scene = Scene()
        let get = scene.get(alice)
        #expect(get.actions.refusal(of: get.caller)?.code == .unknownAccount)
        let refresh = scene.refresh(alice)
        #expect(refresh.actions.refusal(of: refresh.caller)?.code == .unknownAccount)
        let remove = scene.remove(alice)
        #expect(remove.actions.refusal(of: remove.caller)?.code == .unknownAccount)
        #expect(scene.status(alice) == nil)
    }

    @Test("with min-ttl refreshes a token that lives shorter, and is unsatisfiable when a fresh one does too")
    func minTTL() throws {
        var scene = Scene()
        scene.restore(alice, life: .seconds(100))
        scene.pass(.seconds(50))
        let enough = scene.get(alice, minTTL: 50)
        #expect(enough.actions.answer(to: enough.caller) == .token(alice))
        let more = scene.get(alice, minTTL: 101)
        let operation = try #require(more.actions.exchange)
        _ = scene.grant(operation, life: .seconds(100))
        let end = scene.store(operation, .stored(RecordID(rowID: 1), Generation(2)))
        #expect(end.refusal(of: more.caller)?.code == .unsatisfiable)
        scene.pass(.seconds(9))
        let again = scene.get(alice, minTTL: 101)
        #expect(again.actions.refusal(of: again.caller)?.code == .unsatisfiable)
        scene.pass(.seconds(2))
        #expect(scene.get(alice, minTTL: 101).actions.exchanges == [alice])
    }

    @Test("whose refresh took longer than the new token lives is told to try again")
    func lapsedOnArrival() throws {
        var scene = Scene()
        scene.restore(alice, life: nil)
        let get = scene.get(alice)
        let operation = try #require(get.actions.exchange)
        _ = scene.grant(operation, life: .seconds(2))
        scene.pass(.seconds(3))
        let end = scene.store(operation, .stored(RecordID(rowID: 1), Generation(2)))
        #expect(end.refusal(of: get.caller)?.code == .tryAgain)
        #expect(scene.get(alice).actions.exchanges == [alice])
    }

    @Test("R12: with not= never gets that token, and starts one refresh for it")
    func refusedToken() throws {
        var scene = Scene()
        scene.restore(alice, life: .seconds(3600), token: 1)
        let other = scene.get(alice, not: 77)
        #expect(other.actions.answer(to: other.caller) == .token(alice))
        let first = scene.get(alice, not: 1)
        let second = scene.get(alice, not: 1)
        let plain = scene.get(alice)
        #expect(
            plain.actions.answer(to: plain.caller) == .token(alice), "others are served the token meanwhile")
        #expect(second.actions == [])
        let operation = try #require(first.actions.exchange)
        // R19: the provider returns the same token.
        _ = scene.grant(operation, token: 1)
        let end = scene.store(operation, .stored(RecordID(rowID: 1), Generation(2)))
        #expect(
            end.refusal(of: first.caller)?.code == .tryAgain
                && end.refusal(of: second.caller)?.code == .tryAgain)
        scene.pass(.seconds(60))
        let third = scene.get(alice, not: 1)
        #expect(third.actions.refusal(of: third.caller)?.code == .tryAgain)
        #expect(third.actions.exchanges == [], "one refresh per refused token")
        Evidence.record(
            "R12", injected: "two GETs with not= and one without during the flight that they started",
            times: 1,
            held: "one flight; the refused token went to none of the two, also when the provider repeated it")
    }

    @Test("to add an account answers when it is durable; a second one is refused, with replace it overwrites")
    func add() throws {
        var scene = Scene()
        let add = scene.add(alice, life: .seconds(600))
        #expect(add.actions == [.insert(add.operation, alice)])
        let early = scene.get(alice)
        #expect(early.actions.refusal(of: early.caller)?.code == .unknownAccount)
        #expect(
            scene.store(add.operation, .stored(RecordID(rowID: 1), .first)) == [
                .publish(add.operation, alice), .answer(add.caller, .added(.ok)), .drop(add.operation),
            ])
        let second = scene.add(alice)
        #expect(second.actions.refusal(of: second.caller)?.code == .exists)
        let third = scene.add(alice, replace: true)
        let end = scene.store(third.operation, .stored(RecordID(rowID: 1), Generation(2)))
        #expect(end.contains(.unpublish(alice)) && end.answer(to: third.caller) == .added(.new))
        #expect(end.exchanges == [alice], "without an access token it is refreshed at once")
    }

    @Test("to edit a name that is being edited waits its turn")
    func editsInOrder() throws {
        var scene = Scene()
        let add = scene.add(alice)
        let remove = scene.remove(alice)
        let again = scene.add(alice, life: .seconds(600))
        #expect(remove.actions == [] && again.actions == [])
        let end = scene.store(add.operation, .stored(RecordID(rowID: 1), .first))
        let deletion = try #require(end.deletion)
        let last = scene.store(deletion, .removed)
        #expect(last.answer(to: remove.caller) == .removed)
        #expect(last.contains(.insert(again.operation, alice)))
    }

    @Test("to edit an account whose rotated grant is being written waits for that write")
    func editWaitsForTheWrite() throws {
        var scene = Scene()
        scene.restore(alice, life: nil)
        let operation = try #require(scene.wake().exchange)
        _ = scene.grant(operation)
        let add = scene.add(alice, life: .seconds(600), replace: true)
        #expect(add.actions == [])
        let end = scene.store(operation, .stored(RecordID(rowID: 1), Generation(2)))
        #expect(end.contains(.replace(add.operation, RecordID(rowID: 1), after: Generation(2))))
    }

    @Test("LIST is in name order, by pattern and state, in pages")
    func list() {
        var scene = Scene()
        for number in (0..<30).reversed() {
            scene.restore(AccountName("acme/\(100 + number)")!, life: .seconds(600))
        }
        scene.restore(AccountName("other/1")!, life: nil)
        let first = scene.fleet.list(ListOptions(limit: 10), scene.now)
        #expect(first.more && first.accounts.map(\.account.text) == (100..<110).map { "acme/\($0)" })
        let rest = scene.fleet.list(ListOptions(after: first.accounts.last!.account), scene.now)
        #expect(!rest.more && rest.accounts.count == 21)
        #expect(scene.fleet.list(ListOptions(glob: Glob("acme/1?5")), scene.now).accounts.count == 3)
        #expect(
            scene.fleet.list(ListOptions(state: .new), scene.now).accounts.map(\.account.text) == ["other/1"])
        let summary = scene.fleet.summary(scene.now)
        #expect(summary.accounts == [.ok: 30, .new: 1])
    }
}

@Suite("The fleet")
struct FleetTests {
    @Test("T9: refreshes nothing early after a restart, and what is due first by expiry, a lane at a time")
    func restart() {
        var scene = Scene()
        for number in 0..<200 {
            scene.restore(
                AccountName("acme/\(number)")!, life: .seconds(number < 100 ? 3600 : -(number - 50)))
        }
        let first = scene.wake()
        #expect(first.exchanges.count == ClientRules.standardConcurrency)
        #expect(first.exchanges.allSatisfy { Int($0.text.dropFirst(5))! >= 100 })
        #expect(first.exchanges.first == AccountName("acme/199")!, "the one that lapsed longest ago")
        let next = scene.fail(first.exchange!, Failure(.transient))
        #expect(next.exchanges.count == 1, "a freed slot is taken at once")
    }

    @Test("refreshes whoever is waited for before the rest")
    func waitedForFirst() throws {
        var scene = Scene()
        for number in 0..<ClientRules.standardConcurrency {
            scene.restore(AccountName("acme/\(number)")!, life: nil)
        }
        _ = scene.wake()
        // The next turn is the unattended share's; it goes by.
        _ = scene.fail(Operation(1), Failure(.transient))
        scene.restore(AccountName("acme/carol")!, life: nil)
        #expect(scene.wake().exchanges.count == 1)
        scene.restore(Scene.alice, life: nil)
        scene.restore(Scene.bob, life: nil)
        #expect(scene.wake().exchanges == [])
        _ = scene.get(Scene.bob)
        #expect(scene.fail(Operation(2), Failure(.transient)).exchanges == [Scene.bob])
    }

    @Test("T10: a provider whose exchanges hang holds only its own slots")
    func deadProvider() {
        var scene = Scene()
        for number in 0..<200 { scene.restore(AccountName("dead/\(number)")!, life: nil) }
        #expect(scene.wake().exchanges.count == ClientRules.standardConcurrency)
        scene.restore(Scene.alice, life: nil)
        #expect(scene.wake().exchanges == [Scene.alice])
    }

    @Test("R8: stops with no new refresh, finishing and storing those in flight")
    func stop() throws {
        var scene = Scene()
        scene.restore(Scene.alice, life: nil)
        let operation = try #require(scene.wake().exchange)
        let waiting = scene.get(Scene.alice)
        scene.restore(Scene.bob, life: .seconds(1))
        #expect(scene.act { fleet, _, actions in fleet.stop(&actions) } == [])
        scene.pass(.seconds(5))
        let refused = scene.get(Scene.bob)
        #expect(refused.actions.refusal(of: refused.caller)?.code == .shuttingDown)
        #expect(scene.wake() == [])
        _ = scene.grant(operation)
        let end = scene.store(operation, .stored(RecordID(rowID: 1), Generation(2)))
        #expect(end.answer(to: waiting.caller) == .token(Scene.alice))
        #expect(end.last == .finish)
    }

    @Test("stops at once when nothing is under way, and not before an unsaved grant is durable")
    func stopQuiet() throws {
        var idle = Scene()
        #expect(idle.act { fleet, _, actions in fleet.stop(&actions) } == [.finish])
        var scene = Scene()
        scene.restore(Scene.alice, life: nil)
        let operation = try #require(scene.wake().exchange)
        _ = scene.grant(operation)
        _ = scene.store(operation, .failed)
        #expect(scene.act { fleet, _, actions in fleet.stop(&actions) } == [])
        #expect(scene.wakeUntilAction(within: .seconds(3)).replacement == operation)
        #expect(scene.store(operation, .stored(RecordID(rowID: 1), Generation(2))).last == .finish)
    }
}
