// How often a provider wants an account refreshed, and a login's token that must be exchanged before it counts.

import Engine
import Schedule
import Testing
import Vocabulary
import WireProtocol

@Suite("A provider's pace")
struct PaceTests {
    @Test("keepalive refreshes an account long before its token lapses, also after a restart")
    func keepalive() throws {
        var rules = ClientRules()
        rules.keepalive = .seconds(7 * 86_400)
        var scene = Scene(rules: rules)
        scene.restore(Scene.alice, life: .seconds(60 * 86_400))
        #expect(scene.wakeUntilAction(within: .seconds(7 * 86_400 - 60)).exchange == nil)
        let operation = try #require(scene.wakeUntilAction(within: .seconds(120)).exchange)
        _ = scene.grant(operation, life: .seconds(60 * 86_400))
        _ = scene.store(operation, .stored(RecordID(rowID: 1), Generation(2)))
        #expect(scene.wakeUntilAction(within: .seconds(7 * 86_400 - 60)).exchange == nil)
        #expect(scene.wakeUntilAction(within: .seconds(120)).exchange != nil)
    }

    @Test("min_refresh_interval holds a second refresh back, but never past the token's end")
    func minimum() throws {
        var rules = ClientRules()
        rules.minimumRefreshInterval = .seconds(86_400)
        var scene = Scene(rules: rules)
        scene.restore(Scene.alice, life: .seconds(-1))
        let operation = try #require(scene.wake().exchange)
        _ = scene.grant(operation, life: .seconds(3600))
        _ = scene.store(operation, .stored(RecordID(rowID: 1), Generation(2)))
        _ = scene.refresh(Scene.alice)
        #expect(scene.wakeUntilAction(within: .seconds(3500)).exchange == nil)
        #expect(scene.wakeUntilAction(within: .seconds(99)).exchange != nil)
    }

    @Test("min_refresh_interval counts over a restart")
    func restart() throws {
        var rules = ClientRules()
        rules.minimumRefreshInterval = .seconds(86_400)
        var scene = Scene(rules: rules)
        var facts = scene.facts(life: .seconds(60 * 86_400), token: 1)
        let refreshedAt = scene.now.wall + .seconds(-80_000)
        facts.lifetime = facts.lifetime + .seconds(80_000)
        scene.fleet.restored(
            Scene.alice, RecordID(rowID: 1), .first, facts, nil, lastSuccessAt: refreshedAt, scene.now)
        _ = scene.refresh(Scene.alice)
        #expect(scene.wakeUntilAction(within: .seconds(6_300)).exchange == nil)
        _ = scene.refresh(Scene.alice)
        #expect(scene.wakeUntilAction(within: .seconds(200)).exchange != nil)
    }

    @Test("min_refresh_interval does not count from the refresh of an older grant")
    func olderGrant() throws {
        var rules = ClientRules()
        rules.minimumRefreshInterval = .seconds(86_400)
        var scene = Scene(rules: rules)
        let facts = scene.facts(life: .seconds(60 * 86_400), token: 1)
        let before = scene.now.wall + .seconds(-80_000)
        scene.fleet.restored(
            Scene.alice, RecordID(rowID: 1), .first, facts, nil, lastSuccessAt: before, scene.now)
        #expect(scene.refresh(Scene.alice).actions.exchange != nil)
    }
}

@Suite("A login's token that is to be exchanged first")
struct FirstExchangeTests {
    /// As Instagram's: a day between refreshes.
    private static var rules: ClientRules {
        var rules = ClientRules(replay: .always)
        rules.minimumRefreshInterval = .seconds(86_400)
        return rules
    }
    private static let long = Duration.seconds(60 * 86_400)
    private let record = RecordID(rowID: 1)

    @Test("is exchanged as soon as it is durable; the interval counts from that")
    func atOnce() throws {
        var scene = Scene(rules: Self.rules)
        let (caller, login, _) = scene.logIn(Scene.alice, awaitsFirstExchange: true)
        let stored = scene.store(login, .stored(record, .first))
        #expect(stored.answer(to: caller) != nil)
        let operation = try #require(stored.exchange)
        _ = scene.grant(operation, life: Self.long)
        _ = scene.store(operation, .stored(record, Generation(2)))
        #expect(scene.wakeUntilAction(within: .seconds(86_400)).exchange == nil)
        #expect(scene.status(Scene.alice)?.state == .ok)
    }

    @Test("is exchanged at the next start where the process died before")
    func afterCrash() throws {
        var scene = Scene(rules: Self.rules)
        // The grant before this one was refreshed lately.
        scene.restoreAwaiting(Scene.alice, life: .seconds(3000), lastSuccess: .seconds(600))
        #expect(scene.status(Scene.alice)?.state == .ok)
        #expect(scene.wake().exchange != nil)
    }

    @Test("is tried again until it lapses where the provider is down, though it serves meanwhile")
    func retries() throws {
        var scene = Scene(rules: Self.rules)
        let (_, login, _) = scene.logIn(Scene.alice, awaitsFirstExchange: true)
        var exchange = scene.store(login, .stored(record, .first)).exchange
        var tries = 0
        let end = scene.now.boot + .seconds(3600)
        while let operation = exchange, scene.now.boot < end {
            tries += 1
            _ = scene.fail(operation, Failure(.transient))
            #expect(scene.status(Scene.alice)?.needs == .time)
            exchange = scene.wakeUntilAction(within: .seconds(600)).exchange
        }
        #expect(tries > 5 && scene.now.boot >= end)
    }

    @Test("A login's token that is refreshed as always is refreshed before it lapses, whatever the interval")
    func withoutFirstExchange() throws {
        var scene = Scene(rules: Self.rules)
        let (_, login, _) = scene.logIn(Scene.alice)
        #expect(scene.store(login, .stored(record, .first)).exchange == nil)
        // Of an hour it is refreshed with at least its margin left, as without an interval.
        #expect(scene.wakeUntilAction(within: .seconds(3600 - 720)).exchange != nil)
    }
}
