import Schedule
import Testing
import Vocabulary
import WireProtocol

@testable import Engine

@Suite("A presented refresh token")
struct DoubtTests {
    let alice = Scene.alice
    let record = RecordID(rowID: 1)

    @Test("R1: is marked durably before it is sent, and the mark says when")
    func marked() throws {
        var scene = Scene()
        scene.marksAtOnce = false
        scene.restore(alice, life: nil)
        let begun = scene.wake()
        let (operation, presentation) = try #require(begun.mark)
        #expect(begun == [.mark(operation, record, .first, presentation)])
        #expect(presentation == Presentation(since: scene.now, last: scene.now))
        #expect(scene.status(alice)?.state == .refreshing)
        #expect(scene.mark(operation, .marked) == [.exchange(operation, record, .first, alice)])
    }

    @Test("R2: is not sent where the mark cannot be durable; the token is served, and it is tried again soon")
    func notMarked() throws {
        var scene = Scene()
        scene.restore(alice, life: .seconds(3600))
        scene.marksAtOnce = false
        let refresh = scene.refresh(alice)
        let end = scene.mark(try #require(refresh.actions.mark).operation, .failed)
        #expect(end.exchanges == [] && end.settlements == [])
        #expect(end.refusal(of: refresh.caller)?.code == .storage)
        #expect(scene.status(alice)?.reason == "storage" && scene.status(alice)?.needs == .operator)
        let get = scene.get(alice)
        #expect(get.actions == [.answer(get.caller, .token(alice))])
        #expect(
            scene.wakeUntilAction(within: .seconds(61)).mark != nil,
            "no five minutes for a disk that is well again")
    }

    @Test("R6: that surely was not sent, or was turned away unused, is as good as before")
    func cleared() throws {
        for reason in [Reason.transient, .rateLimited, .unauthorized, .clientConfiguration, .tls] {
            var scene = Scene()
            scene.restore(alice, life: .seconds(3600))
            let end = scene.fail(try #require(scene.refresh(alice).actions.exchange), Failure(reason))
            #expect(end.settlements == [.cleared])
            #expect(scene.status(alice)?.state != .inDoubt)
        }
    }

    @Test("R5: is in doubt when the answer is lost, and replayed within a second where the provider allows")
    func insideWindow() throws {
        var scene = Scene(.within(.seconds(30)))
        scene.restore(alice, life: .seconds(3600))
        let first = scene.now
        let lost = scene.fail(try #require(scene.refresh(alice).actions.exchange), Failure(.inDoubt))
        #expect(lost.settlements == [.inDoubt(Presentation(since: first, last: first))])
        let status = try #require(scene.status(alice))
        #expect(status.state == .inDoubt && status.needs == .time && status.reason == "in-doubt")
        let replay = try #require(scene.wakeUntilAction(within: .seconds(2)).exchange)
        #expect(scene.now.boot - first.boot <= .milliseconds(1002))
        _ = scene.grant(replay)
        let end = scene.store(replay, .stored(record, Generation(2)))
        #expect(end.contains(.log(.recovered(alice, failures: 1))))
        #expect(scene.status(alice)?.state == .ok)
    }

    @Test(
        "R5: under `never` the token is served to within 10 s of its end, then replayed once; a rejection is final"
    )
    func outsideWindow() throws {
        var scene = Scene(.never)
        scene.restore(alice, life: .seconds(3600))
        let expiry = scene.now.boot + .seconds(3600)
        _ = scene.fail(try #require(scene.refresh(alice).actions.exchange), Failure(.inDoubt))
        let impatient = scene.get(alice, minTTL: 7200)
        #expect(impatient.actions.refusal(of: impatient.caller)?.code == .tryAgain)
        scene.marksAtOnce = false
        let (operation, presentation) = try #require(scene.wakeUntilAction(within: .seconds(3600)).mark)
        #expect(expiry - scene.now.boot <= .seconds(10) && expiry - scene.now.boot > .seconds(9))
        #expect(presentation.lateReplays == 1)
        _ = scene.mark(operation, .marked)
        let end = scene.fail(operation, Failure(.reauthorizationRequired))
        #expect(end.settlements == [.rejected(.lostRotation)])
        #expect(scene.status(alice)?.state == .loginNeeded && scene.status(alice)?.reason == "lost-rotation")
        #expect(scene.wakeUntilAction(within: .seconds(86_400)) == [])
    }

    @Test("is not replayed early for a client with too high demands, but for one whose API refuses the token")
    func refusedByTheAPI() throws {
        var scene = Scene(.never)
        scene.restore(alice, life: .seconds(3600), token: 7)
        _ = scene.fail(try #require(scene.refresh(alice).actions.exchange), Failure(.inDoubt))
        scene.pass(.seconds(60))
        #expect(scene.get(alice, minTTL: 3600).actions.exchange == nil)
        #expect(scene.get(alice, not: 8).actions.exchange == nil)
        #expect(scene.get(alice, not: 7).actions.exchange != nil)
    }

    @Test(
        "in doubt, or refused for good, is not presented because any client says so: that may revoke the account"
    )
    func unprivileged() throws {
        var scene = Scene(.never)
        scene.restore(alice, life: .seconds(3600), token: 7)
        _ = scene.fail(try #require(scene.refresh(alice).actions.exchange), Failure(.inDoubt))
        scene.pass(.seconds(60))
        let caller = scene.newCaller()
        let asked = scene.act { $0.refreshRequested(caller, alice, mayForce: false, $1, &$2) }
        #expect(asked.exchange == nil && asked.refusal(of: caller)?.code == .tryAgain)
        let other = scene.newCaller()
        let options = GetOptions(wait: 1, refused: Fingerprint(bits: 7))
        let refused = scene.act { $0.asked(other, alice, options, mayForce: false, $1, &$2) }
        #expect(refused.exchange == nil && refused.refusal(of: other)?.code == .tryAgain)
        #expect(scene.refresh(alice).actions.exchange != nil)
    }

    @Test("R5: a doubt that arises after other failures is still replayed inside its window")
    func windowAfterFailures() throws {
        for seed: UInt64 in 0..<50 {
            var scene = Scene(seed: seed, .within(.seconds(30)))
            scene.restore(alice, life: nil)
            for _ in 0..<6 {
                let operation = try #require(scene.wakeUntilAction(within: .seconds(400)).exchange)
                _ = scene.fail(operation, Failure(.transient))
            }
            let first = try #require(scene.wakeUntilAction(within: .seconds(400)).exchange)
            let since = scene.now.boot
            _ = scene.fail(first, Failure(.inDoubt))
            for _ in 0..<3 {
                let replay = try #require(scene.wakeUntilAction(within: .seconds(30)).exchange)
                #expect(scene.now.boot - since < .seconds(24), "seed \(seed)")
                _ = scene.fail(replay, Failure(.inDoubt))
            }
        }
    }

    @Test("R7: an outage that swallows answers for hours logs nobody out; replays are five minutes apart")
    func longOutage() throws {
        var scene = Scene(.never)
        scene.restore(alice, life: nil)
        _ = scene.fail(try #require(scene.wake().exchange), Failure(.inDoubt))
        var attempts: [BootTime] = []
        for _ in 0..<20 {
            let operation = try #require(scene.wakeUntilAction(within: .seconds(601)).exchange)
            attempts.append(scene.now.boot)
            scene.pass(.seconds(20))
            _ = scene.fail(operation, Failure(.inDoubt))
            #expect(scene.status(alice)?.state == .inDoubt)
        }
        #expect(zip(attempts, attempts.dropFirst()).allSatisfy { $1 - $0 >= .seconds(300) })
        let operation = try #require(scene.wakeUntilAction(within: .seconds(601)).exchange)
        _ = scene.grant(operation)
        _ = scene.store(operation, .stored(record, Generation(2)))
        #expect(scene.status(alice)?.state == .ok)
    }

    @Test("a replay that was turned away leaves the doubt, and the one late replay, as they were")
    func turnedAway() throws {
        var scene = Scene(.never)
        scene.restore(alice, life: nil)
        _ = scene.fail(try #require(scene.wake().exchange), Failure(.inDoubt))
        let replay = try #require(scene.wakeUntilAction(within: .seconds(10)).exchange)
        let end = scene.fail(replay, Failure(.transient))
        guard case .inDoubt(let presentation)? = end.settlements.first else {
            Issue.record("the doubt must stay: \(end)")
            return
        }
        #expect(presentation.lateReplays == 0 && scene.status(alice)?.state == .inDoubt)
        #expect(scene.wakeUntilAction(within: .seconds(10)).exchange != nil)
    }

    @Test("a queued replay whose window closes before it gets a slot waits for the token's end")
    func missedWindow() throws {
        var scene = Scene(.within(.seconds(30)))
        scene.restore(alice, life: .seconds(3600))
        _ = scene.fail(try #require(scene.refresh(alice).actions.exchange), Failure(.inDoubt))
        scene.marksAtOnce = false
        // The disk takes half a minute over the replay's mark.
        let (operation, _) = try #require(scene.wakeUntilAction(within: .seconds(5)).mark)
        scene.pass(.seconds(30))
        let end = scene.mark(operation, .marked)
        #expect(end.exchanges == [] && end.settlements.count == 1)
        scene.marksAtOnce = true
        let expiry = try #require(scene.status(alice)?.expiresAt)
        #expect(scene.wakeUntilAction(within: .seconds(3600)).exchange != nil)
        #expect((9...10).contains(expiry - scene.now.wall.epochSeconds))
    }

    @Test("R7: what a crash cut off is taken up at the next start, by the policy; a verdict stays one")
    func restart() throws {
        let before = Scene().now
        let presentation = Presentation(since: before, last: before)
        var grace = Scene(.within(.seconds(30)))
        grace.pass(.seconds(5))
        grace.restore(alice, life: .seconds(3600), .inDoubt(presentation, wasCutOff: true))
        #expect(grace.wake().exchanges == [alice])

        var strict = Scene(.never)
        strict.pass(.seconds(5))
        strict.restore(alice, life: nil, .inDoubt(presentation, wasCutOff: true))
        #expect(strict.status(alice)?.state == .inDoubt)
        #expect(
            strict.wakeUntilAction(within: .seconds(14)) == [], "what was cut off may still be on its way")
        #expect(strict.wakeUntilAction(within: .seconds(2)).exchanges == [alice])

        var dead = Scene(.never)
        dead.restore(alice, life: .seconds(600), .rejected(.lostRotation))
        #expect(dead.status(alice)?.reason == "lost-rotation" && dead.status(alice)?.needs == .user)
        let get = dead.get(alice)
        #expect(get.actions.answer(to: get.caller) == .token(alice))
        #expect(dead.wakeUntilAction(within: .seconds(86_400)) == [])
    }

    @Test("a forced attempt at a dead account that does not reach the provider leaves it dead, durably")
    func forcedAttempt() throws {
        var scene = Scene(.never)
        scene.restore(alice, life: nil, .rejected(.lostRotation))
        for reason in [Reason.transient, .inDoubt, .reauthorizationRequired] {
            scene.pass(.seconds(8))
            let refresh = scene.refresh(alice)
            let end = scene.fail(try #require(refresh.actions.exchange), Failure(reason))
            #expect(end.settlements == [.rejected(.lostRotation)])
            #expect(end.refusal(of: refresh.caller)?.code == .loginNeeded)
        }
        #expect(scene.wakeUntilAction(within: .seconds(86_400)) == [])
    }

    @Test("C4: a refusal without a code ends a doubt only while the provider grants others their tokens")
    func codelessRefusal() throws {
        var scene = Scene(.never)
        scene.restore(alice, life: nil)
        _ = scene.fail(try #require(scene.wake().exchange), Failure(.inDoubt))
        let first = try #require(scene.wakeUntilAction(within: .seconds(10)).exchange)
        _ = scene.fail(first, Failure(.unauthorized))
        #expect(scene.status(alice)?.state == .inDoubt)
        scene.pass(.milliseconds(100))
        scene.restore(Scene.bob, life: nil)
        let bob = try #require(scene.get(Scene.bob).actions.exchange)
        _ = scene.grant(bob)
        _ = scene.store(bob, .stored(RecordID(rowID: 2), Generation(2)))
        let second = try #require(scene.wakeUntilAction(within: .seconds(10)).exchange)
        _ = scene.fail(second, Failure(.unauthorized))
        #expect(scene.status(alice)?.reason == "lost-rotation")
    }

    @Test("C4: a grant that was asked for before the refusal proves nothing, however late it comes")
    func lateGrant() throws {
        var scene = Scene(.always)
        scene.restore(alice, life: nil)
        scene.restore(Scene.bob, life: nil)
        var sent: [AccountName: Engine.Operation] = [:]
        for case .exchange(let operation, _, _, let name, _) in scene.wake() { sent[name] = operation }
        _ = scene.fail(try #require(sent[alice]), Failure(.unauthorized))
        scene.pass(.milliseconds(100))
        let bob = try #require(sent[Scene.bob])
        _ = scene.grant(bob)
        _ = scene.store(bob, .stored(RecordID(rowID: 2), Generation(2)))
        let second = try #require(scene.wakeUntilAction(within: .seconds(10)).exchange)
        _ = scene.fail(second, Failure(.unauthorized))
        #expect(scene.status(alice)?.reason == "unauthorized")
    }

    @Test("O6: whose record the store does not find any more, though nobody removed it, needs an operator")
    func hiddenRecord() throws {
        var scene = Scene()
        scene.marksAtOnce = false
        scene.restore(alice, life: nil)
        let hidden = scene.mark(try #require(scene.wake().mark).operation, .gone(nil))
        #expect(hidden.exchanges == [])
        #expect(scene.status(alice)?.reason == "record-damaged" && scene.status(alice)?.needs == .operator)

        var removed = Scene()
        removed.marksAtOnce = false
        removed.restore(alice, life: nil)
        let mark = try #require(removed.wake().mark).operation
        _ = removed.remove(alice)
        _ = removed.mark(mark, .gone(nil))
        #expect(removed.status(alice)?.needs != .operator, "its removal is on the way")
    }

    @Test("R8: is not sent any more when the daemon stops while it is marked; the mark is taken back")
    func stopWhileMarking() throws {
        var scene = Scene()
        scene.marksAtOnce = false
        scene.restore(alice, life: nil)
        let operation = try #require(scene.wake().mark).operation
        #expect(!scene.act { fleet, _, actions in fleet.stop(&actions) }.contains(.finish))
        #expect(
            scene.mark(operation, .marked) == [.settle(record, .first, .cleared), .drop(operation), .finish])
    }

    @Test("R16: a removal while it is marked ends it; nothing is sent")
    func removalWhileMarking() throws {
        var scene = Scene()
        scene.marksAtOnce = false
        scene.restore(alice, life: nil)
        let operation = try #require(scene.wake().mark).operation
        let removal = try #require(scene.remove(alice).actions.deletion)
        _ = scene.store(removal, .removed)
        #expect(scene.mark(operation, .marked) == [.drop(operation)])
    }
}
