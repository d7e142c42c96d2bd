import Testing
import Vocabulary
import WireProtocol

@testable import Engine

@Suite("A failed refresh")
struct FailureTests {
    let alice = Scene.alice

    @Test(
        "answers its waiters by who must act",
        arguments: [
            (Reason.transient, ErrorCode.tryAgain, AccountState.retrying),
            (.rateLimited, .tryAgain, .retrying),
            (.malformedAnswer, .tryAgain, .inDoubt), (.unauthorized, .tryAgain, .retrying),
            (.inDoubt, .tryAgain, .inDoubt), (.reauthorizationRequired, .loginNeeded, .loginNeeded),
            (.clientConfiguration, .operatorNeeded, .operatorNeeded),
            (.tls, .operatorNeeded, .operatorNeeded),
        ])
    func answersByNeed(reason: Reason, code: ErrorCode, state: AccountState) throws {
        var scene = Scene()
        scene.restore(alice, life: nil)
        let get = scene.get(alice)
        let refresh = scene.refresh(alice)
        let end = scene.fail(try #require(get.actions.exchange), Failure(reason))
        #expect(end.refusal(of: get.caller)?.code == code && end.refusal(of: refresh.caller)?.code == code)
        let status = try #require(scene.status(alice))
        #expect(status.state == state && status.reason == reason.rawValue && status.needs == reason.need)
        #expect(status.failures == 1 && status.lastFailureAt == scene.now.wall.epochSeconds)
        if code == .tryAgain {
            #expect((1...5).contains(try #require(end.refusal(of: get.caller)?.retryAfter)))
        }
    }

    @Test("C9: that means a login is needed leaves the valid token served until it lapses")
    func deadGrantLiveToken() throws {
        var scene = Scene()
        scene.restore(alice, life: .seconds(2400))
        let refresh = scene.refresh(alice)
        _ = scene.fail(try #require(refresh.actions.exchange), Failure(.reauthorizationRequired))
        #expect(scene.status(alice)?.state == .loginNeeded)
        let get = scene.get(alice)
        #expect(get.actions.answer(to: get.caller) == .token(alice))
        scene.pass(.seconds(2400))
        let late = scene.get(alice)
        #expect(late.actions.refusal(of: late.caller)?.code == .loginNeeded)
        #expect(
            scene.wakeUntilAction(within: .seconds(86_400)).exchanges == [], "it is not tried again by itself"
        )
    }

    @Test("C10: is forgotten with its cooldowns when the grant is replaced")
    func replacedGrantStartsAfresh() throws {
        var scene = Scene()
        scene.restore(alice, life: nil)
        _ = scene.fail(try #require(scene.wake().exchange), Failure(.reauthorizationRequired))
        let add = scene.add(alice, replace: true)
        let end = scene.store(add.operation, .stored(RecordID(rowID: 1), Generation(2)))
        #expect(end.answer(to: add.caller) == .added(.new))
        #expect(end.exchanges == [alice])
    }

    @Test("tries an account that needs somebody when REFRESH asks")
    func forcedRefresh() throws {
        for reason in [Reason.reauthorizationRequired, .clientConfiguration] {
            var scene = Scene()
            scene.restore(alice, life: nil)
            _ = scene.fail(try #require(scene.wake().exchange), Failure(reason))
            scene.pass(.seconds(2))
            let refresh = scene.refresh(alice)
            let operation = try #require(refresh.actions.exchange)
            _ = scene.grant(operation)
            let end = scene.store(operation, .stored(RecordID(rowID: 1), Generation(2)))
            #expect(end.answer(to: refresh.caller) == .refreshed(scene.now.wall + .seconds(3600)))
            #expect(scene.status(alice)?.state == .ok)
        }
    }

    @Test("C6: is not repeated before the provider's floor, not even by REFRESH")
    func floor() throws {
        var scene = Scene()
        scene.restore(alice, life: nil)
        let failedAt = scene.now.boot
        _ = scene.fail(
            try #require(scene.wake().exchange), Failure(.rateLimited, retryAfter: .seconds(100)))
        scene.pass(.seconds(2))
        let refresh = scene.refresh(alice)
        let retryAfter = try #require(refresh.actions.refusal(of: refresh.caller)?.retryAfter)
        #expect((98...).contains(retryAfter))
        #expect(scene.wakeUntilAction(within: .seconds(1000)).exchanges == [alice])
        #expect(scene.now.boot - failedAt >= .seconds(100))
    }

    @Test(
        "C8: is attempted at most 10 times in any minute, however long the token still lives, and no two within 1 s",
        arguments: [Duration.zero, .seconds(20), .seconds(60), .seconds(3600)])
    func boundedRate(life: Duration) throws {
        for seed: UInt64 in 0..<50 {
            var scene = Scene(seed: seed)
            scene.restore(alice, life: life)
            var attempts: [BootTime] = []
            let start = scene.now.boot
            while scene.now.boot - start < .seconds(7200) {
                guard let operation = scene.wakeUntilAction(within: .seconds(600)).exchange else { continue }
                attempts.append(scene.now.boot)
                _ = scene.fail(operation, Failure(.transient))
            }
            #expect(attempts.count > 5, "it must go on trying")
            for (earlier, later) in zip(attempts, attempts.dropFirst()) {
                #expect(later - earlier >= .seconds(1))
            }
            for index in attempts.indices.dropFirst(10) {
                #expect(attempts[index] - attempts[index - 10] >= .seconds(60), "seed \(seed)")
            }
        }
    }

    @Test("lets a GET that comes during the backoff wait for the next attempt, or tells it when that is")
    func getDuringBackoff() throws {
        var scene = Scene()
        scene.restore(alice, life: nil)
        _ = scene.fail(try #require(scene.wake().exchange), Failure(.transient, retryAfter: .seconds(5)))
        let patient = scene.get(alice, wait: 20)
        #expect(patient.actions == [])
        let hasty = scene.get(alice, wait: 3)
        #expect(hasty.actions.refusal(of: hasty.caller)?.code == .tryAgain)
        #expect(try #require(hasty.actions.refusal(of: hasty.caller)?.retryAfter) >= 5)
        let operation = try #require(scene.wakeUntilAction(within: .seconds(20)).exchange)
        _ = scene.grant(operation)
        let end = scene.store(operation, .stored(RecordID(rowID: 1), Generation(2)))
        #expect(end.answer(to: patient.caller) == .token(alice))
        #expect(end.contains(.log(.recovered(alice, failures: 1))))
    }

    @Test("O6: of a damaged record is never tried; an operator is named")
    func damaged() throws {
        var scene = Scene()
        scene.fleet.restoredDamaged(alice, RecordID(rowID: 9), Generation(4))
        #expect(scene.wakeUntilAction(within: .seconds(86_400)) == [])
        let refresh = scene.refresh(alice)
        #expect(refresh.actions.refusal(of: refresh.caller)?.code == .operatorNeeded)
        #expect(scene.status(alice)?.reason == "record-damaged")
        let add = scene.add(alice, replace: true)
        #expect(add.actions == [.replace(add.operation, RecordID(rowID: 9), after: Generation(4))])
    }
}
