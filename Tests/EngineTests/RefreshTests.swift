import Evidence
import Schedule
import Testing
import Vocabulary
import WireProtocol

@testable import Engine

@Suite("A refresh")
struct RefreshTests {
    let alice = Scene.alice

    @Test("begins between the margin and the margin plus jitter before expiry, never earlier")
    func dueInItsWindow() throws {
        var scene = Scene()
        scene.restore(alice, life: .seconds(3600))
        let start = scene.now
        let actions = scene.wakeUntilAction(within: .seconds(3600))
        #expect(actions.exchanges == [alice])
        let elapsed = scene.now.boot - start.boot
        // L = 3600: m = 720, j in [0, 360].
        #expect(
            elapsed >= .seconds(3600 - 720 - 360) && elapsed <= .seconds(3600 - 720) + TimerWheel.resolution)
    }

    @Test("is stored, then published, then answered, then planned again")
    func orderOfASuccess() throws {
        var scene = Scene()
        scene.restore(alice, life: nil)
        let operation = try #require(scene.wake().exchange)
        let get = scene.get(alice)
        #expect(get.actions == [])
        #expect(scene.grant(operation) == [.replace(operation, RecordID(rowID: 1), after: .first)])
        #expect(
            scene.store(operation, .stored(RecordID(rowID: 1), Generation(2))) == [
                .publish(operation, alice), .drop(operation), .answer(get.caller, .token(alice)),
            ])
        let status = try #require(scene.status(alice))
        #expect(status.state == .ok && status.generation == 2 && status.failures == 0)
        #expect(status.lastSuccessAt == scene.now.wall.epochSeconds)
        #expect(try #require(scene.fleet.nextWakeUp) > scene.now.boot + .seconds(2000))
    }

    @Test("R11: of 500 clients that ask for a lapsed account makes one exchange and 500 answers")
    func oneFlight() throws {
        var scene = Scene()
        scene.restore(alice, life: .seconds(1))
        scene.pass(.seconds(2))
        var actions: [Action] = []
        var callers: [Caller] = []
        for _ in 0..<500 {
            let get = scene.get(alice)
            callers.append(get.caller)
            actions += get.actions
        }
        #expect(actions.exchanges == [alice] && actions.count == 1)
        let operation = try #require(actions.exchange)
        _ = scene.grant(operation)
        let end = scene.store(operation, .stored(RecordID(rowID: 1), Generation(2)))
        #expect(callers.allSatisfy { end.answer(to: $0) == .token(alice) })
    }

    @Test("is waited for by a bounded crowd; the rest is told to come back")
    func crowd() throws {
        var scene = Scene()
        scene.restore(alice, life: nil)
        let operation = try #require(scene.get(alice).actions.exchange)
        for _ in 1..<AccountMachine.mostWaiters { #expect(scene.get(alice).actions == []) }
        let late = scene.get(alice)
        #expect(late.actions.refusal(of: late.caller)?.code == .busy)
        #expect(
            scene.fail(operation, Failure(.transient)).count { if case .answer = $0 { true } else { false } }
                == AccountMachine.mostWaiters)
    }

    @Test("R9: goes on when whoever asked for it has timed out")
    func waiterTimesOut() throws {
        var scene = Scene()
        scene.restore(alice, life: nil)
        let get = scene.get(alice, wait: 3)
        let operation = try #require(get.actions.exchange)
        scene.pass(.seconds(2))
        #expect(scene.wake() == [])
        scene.pass(.seconds(2))
        #expect(scene.wake().refusal(of: get.caller)?.code == .timeout)
        _ = scene.grant(operation)
        #expect(
            scene.store(operation, .stored(RecordID(rowID: 1), Generation(2))).contains(
                .publish(operation, alice)))
    }

    @Test("with wait=0 is started and answered try-again at once")
    func waitZero() throws {
        var scene = Scene()
        scene.restore(alice, life: nil)
        let get = scene.get(alice, wait: 0)
        #expect(get.actions.refusal(of: get.caller)?.code == .tryAgain)
        #expect(get.actions.exchanges == [alice])
    }

    @Test(
        "T4 R19: of an account with any lifetime is never attempted twice within a second",
        arguments: [Duration.zero, .seconds(1), .milliseconds(200), .seconds(-5), .seconds(15)])
    func minimumInterval(life: Duration) throws {
        var scene = Scene()
        scene.restore(alice, life: nil)
        var last: BootTime?
        var generation: UInt64 = 1
        for _ in 0..<50 {
            let operation = try #require(scene.wakeUntilAction(within: .seconds(60)).exchange)
            if let last { #expect(scene.now.boot - last >= .seconds(1)) }
            last = scene.now.boot
            _ = scene.grant(operation, life: life, token: 7)
            generation += 1
            _ = scene.store(operation, .stored(RecordID(rowID: 1), Generation(generation)))
        }
    }

    @Test("R13 R16: whose answer comes after the account was replaced changes nothing")
    func overtakenByReplacement() throws {
        var scene = Scene()
        scene.restore(alice, life: nil)
        let operation = try #require(scene.wake().exchange)
        let add = scene.add(alice, life: .seconds(500), token: 9, replace: true)
        #expect(add.actions == [.replace(add.operation, RecordID(rowID: 1), after: .first)])
        let end = scene.store(add.operation, .stored(RecordID(rowID: 1), Generation(2)))
        #expect(
            end == [.publish(add.operation, alice), .answer(add.caller, .added(.ok)), .drop(add.operation)])
        #expect(scene.grant(operation, token: 3) == [.drop(operation)])
        #expect(scene.status(alice)?.fingerprint == Fingerprint(bits: 9))
        Evidence.record(
            "R13", injected: "an answer to a refresh token whose successor is stored already", times: 1,
            held: "dropped; the newer grant is served")
    }

    @Test("R16: whose answer comes after the account was removed does not bring it back")
    func overtakenByRemoval() throws {
        var scene = Scene()
        scene.restore(alice, life: nil)
        let get = scene.get(alice)
        let operation = try #require(get.actions.exchange)
        let remove = scene.remove(alice)
        let deletion = try #require(remove.actions.deletion)
        let end = scene.store(deletion, .removed)
        #expect(end.contains(.unpublish(alice)))
        #expect(end.refusal(of: get.caller)?.code == .unknownAccount)
        #expect(end.answer(to: remove.caller) == .removed)
        #expect(scene.grant(operation) == [.drop(operation)])
        #expect(scene.status(alice) == nil && scene.fleet.count == 0)
    }

    @Test("R16: whose answer is stored beside a failing removal is not lost")
    func removalFails() throws {
        var scene = Scene()
        scene.restore(alice, life: nil)
        let operation = try #require(scene.wake().exchange)
        let remove = scene.remove(alice)
        let deletion = try #require(remove.actions.deletion)
        let write = scene.grant(operation)
        #expect(write.replacement == operation)
        #expect(scene.store(deletion, .failed).refusal(of: remove.caller)?.code == .storage)
        let end = scene.store(operation, .stored(RecordID(rowID: 1), Generation(2)))
        #expect(end.contains(.publish(operation, alice)))
    }

    @Test("gives its slot back when the account is removed in flight, even if its index is taken by another")
    func slotIsGivenBack() throws {
        var scene = Scene()
        var operations: [Operation] = []
        for number in 0..<ClientRules.standardConcurrency {
            let name = AccountName("acme/\(number)")!
            scene.restore(name, life: nil)
            operations.append(try #require(scene.wake().exchange))
            let deletion = try #require(scene.remove(name).actions.deletion)
            _ = scene.store(deletion, .removed)
        }
        // Another provider's account takes a freed index; its lane must not get acme's slot.
        scene.restore(AccountName("other/one")!, life: nil)
        scene.restore(alice, life: nil)
        #expect(
            scene.wake().exchanges == [AccountName("other/one")!], "acme's lane is full of removed accounts")
        #expect(scene.grant(operations[0]).exchanges == [alice])
    }

    @Test("R2: whose write was reported failed and was durable all the same is found so, and counts")
    func durableAfterAll() throws {
        var scene = Scene()
        scene.restore(alice, life: nil)
        let operation = try #require(scene.wake().exchange)
        _ = scene.grant(operation)
        _ = scene.store(operation, .failed)
        _ = scene.wakeUntilAction(within: .seconds(5))
        let end = scene.store(operation, .gone(Generation(2)))
        #expect(end.contains(.log(.recovered(alice, failures: 1))) && end.contains(.drop(operation)))
        #expect(scene.status(alice)?.generation == 2 && scene.status(alice)?.state == .ok)
    }

    @Test("R16: is not sent when the store has another generation, and comes right by itself")
    func overtakenByTheStore() throws {
        var scene = Scene()
        scene.restore(alice, life: nil)
        let operation = try #require(scene.wake().exchange)
        _ = scene.act { $0.overtaken(operation, by: Generation(7), $1, &$2) }
        let next = scene.wakeUntilAction(within: .seconds(10))
        #expect(next == [.exchange(try #require(next.exchange), RecordID(rowID: 1), Generation(7), alice)])
        // A replacement whose first write was durable though reported failed.
        _ = scene.fail(try #require(next.exchange), Failure(.transient))
        let add = scene.add(alice, life: .seconds(600), replace: true)
        let end = scene.store(add.operation, .gone(Generation(8)))
        #expect(end.refusal(of: add.caller)?.code == .internal)
        let again = scene.add(alice, life: .seconds(600), replace: true)
        #expect(again.actions == [.replace(again.operation, RecordID(rowID: 1), after: Generation(8))])
    }

    @Test("R2: that cannot be stored is served from memory, written again every second, and not repeated")
    func unsaved() throws {
        var scene = Scene()
        scene.restore(alice, life: nil)
        let get = scene.get(alice)
        let operation = try #require(get.actions.exchange)
        _ = scene.grant(operation)
        let end = scene.store(operation, .failed)
        #expect(
            end == [.log(.unsaved(alice)), .publish(operation, alice), .answer(get.caller, .token(alice))])
        #expect(scene.status(alice)?.reason == "storage" && scene.status(alice)?.needs == .operator)
        #expect(scene.fleet.unsavedAccounts == [alice])
        let refresh = scene.refresh(alice)
        #expect(refresh.actions.refusal(of: refresh.caller)?.code == .storage)
        for _ in 0..<5 {
            let before = scene.now.boot
            #expect(
                scene.wakeUntilAction(within: .seconds(5)) == [
                    .replace(operation, RecordID(rowID: 1), after: .first)
                ])
            #expect(scene.now.boot - before >= .seconds(1))
            #expect(scene.store(operation, .failed) == [])
        }
        _ = scene.wakeUntilAction(within: .seconds(5))
        let saved = scene.store(operation, .stored(RecordID(rowID: 1), Generation(2)))
        #expect(saved.contains(.log(.recovered(alice, failures: 6))) && saved.contains(.drop(operation)))
        #expect(scene.status(alice)?.state == .ok && scene.fleet.unsavedAccounts == [])
    }
}

extension [Action] {
    /// The one deletion among the actions, if any.
    var deletion: Operation? {
        lazy.compactMap { if case .delete(let operation, _) = $0 { operation } else { nil } }.first
    }
}
