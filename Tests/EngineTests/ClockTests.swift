import Testing
import Vocabulary
import WireProtocol

@testable import Engine

@Suite("A step of the wall clock")
struct ClockTests {
    private static let hour = Duration.seconds(3600)
    private static let day = Duration.seconds(86_400)

    /// What is done to the wall clock, an hour after one another; nil goes back to what it would show without.
    struct Steps: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let offsets: [Duration?]
    }

    private static func life(_ steps: [Duration?]) -> Clockwork {
        var clockwork = Clockwork()
        for number in 1...100 { clockwork.addWatched(number, left: .seconds(number * 36)) }
        let start = clockwork.now
        for step in steps {
            clockwork.run(for: hour)
            clockwork.set(start.wall(at: clockwork.now.boot) + (step ?? .zero))
        }
        clockwork.run(for: hour)
        return clockwork
    }

    @Test(
        "T2: changes no refresh, and what is shown follows the clock",
        arguments: [
            Steps(testDescription: "an hour ahead", offsets: [hour]),
            Steps(testDescription: "a day back", offsets: [.zero - day]),
            Steps(testDescription: "to 1970 and back", offsets: [.seconds(-1_799_999_000), nil]),
            Steps(testDescription: "to and fro", offsets: [hour, .zero - day, nil, .seconds(2), day]),
            Steps(testDescription: "a leap second", offsets: [.seconds(-1)]),
            Steps(testDescription: "a slew", offsets: [.milliseconds(300), .milliseconds(800), nil]),
        ])
    func watched(_ steps: Steps) {
        let stepped = Self.life(steps.offsets)
        let plain = Self.life(steps.offsets.map { _ in nil })
        #expect(stepped.exchanges == plain.exchanges, "each refresh is when it would have been")
        #expect(stepped.begun >= 100 * (steps.offsets.count))
        #expect(stepped.notices.count == steps.offsets.count)
        for (name, facts) in stepped.readers {
            #expect(facts.expiry == plain.readers[name]?.expiry)
            let error = facts.expiresAt - stepped.now.wall(at: facts.expiry)
            #expect(error.nanoseconds.magnitude <= 1_000_000_000)
            #expect(
                stepped.scene.status(name)?.expiresAt == facts.expiresAt.epochSeconds,
                "readers and STATUS agree")
        }
    }

    @Test(
        "T2: beside a grant on its way to the store shows it by the new clock, and does not take it for another"
    )
    func whileSaving() throws {
        var scene = Scene()
        scene.restore(Scene.alice, life: nil)
        let operation = try #require(scene.wake().exchange)
        _ = scene.grant(operation, life: Self.hour)
        #expect(scene.store(operation, .failed).contains(.log(.unsaved(Scene.alice))))
        let before = scene.now
        scene.now = Moment(boot: before.boot, wall: before.wall + Self.day)
        _ = scene.act { $0.clockStepped(since: before, $1, &$2) }
        let shown = before.wall + Self.hour + Self.day
        let actions = scene.act { #expect(!$0.rederive($1, &$2)) }
        #expect(actions == [.reexpire(Scene.alice, before.boot + Self.hour, shown)])
        #expect(scene.wakeUntilAction(within: .seconds(5)).replacement == operation)
        #expect(scene.store(operation, .failed) == [], "neither told nor published a second time")
        #expect(scene.status(Scene.alice)?.expiresAt == shown.epochSeconds)
    }

    @Test("T2: shortens the life of a token of another boot, and never lengthens it")
    func unwatched() {
        var clockwork = Clockwork()
        let start = clockwork.now
        for minutes in 1...55 {
            clockwork.addUnwatched(minutes, until: start.wall + .seconds(minutes * 60))
        }
        // So that none is due before the steps: the margin and its jitter are 18 minutes.
        let young = 20...55
        for number in 1..<20 { clockwork.readers[Clockwork.name(number)] = nil }
        let facts = clockwork.readers
        clockwork.step(by: .zero - Self.day)
        #expect(clockwork.readers.values.map(\.expiry).sorted() == facts.values.map(\.expiry).sorted())
        clockwork.step(by: Self.day)
        #expect(clockwork.readers == facts, "there and back is as if nothing had been")
        clockwork.step(by: .seconds(1800))
        for number in young { #expect(clockwork.serves(number) == (number > 30)) }
        let begun = clockwork.begun
        clockwork.run(for: .seconds(1))
        let due = Set(clockwork.exchanges.values.joined())
        #expect(begun == 0 && due.isSuperset(of: (20...30).map(Clockwork.name)))
        #expect(due.isDisjoint(with: (49...55).map(Clockwork.name)), "whose time has not come is left alone")
        clockwork.run(for: .seconds(1500))
        #expect(Set(clockwork.exchanges.values.joined()).isSuperset(of: young.map(Clockwork.name)))
        #expect(young.allSatisfy(clockwork.serves), "all were refreshed before their new end")
    }

    @Test("T2: moves the late replay of one in doubt with the token's end")
    func inDoubt() throws {
        var clockwork = Clockwork(.never)
        let start = clockwork.now
        let presentation = Presentation(since: start, last: start)
        let end = start.wall + .seconds(3000)
        clockwork.addUnwatched(1, until: end, .inDoubt(presentation, wasCutOff: false))
        clockwork.step(by: .seconds(1200))
        clockwork.run(for: .seconds(1780))
        #expect(clockwork.begun == 0)
        clockwork.run(for: .seconds(19))
        #expect(clockwork.begun == 1, "shortly before the wall clock shows the token's end")
    }

    @Test(
        "from a time before this version: what was not served for want of a clock is served again, unless refreshed since"
    )
    func implausible() throws {
        var clockwork = Clockwork(wall: WallTime(epochSeconds: 90))
        let end = Clockwork.correct + .seconds(3000)
        for number in 1...3 { clockwork.addUnwatched(number, until: end) }
        clockwork.addUnwatched(4, until: Clockwork.correct + .seconds(-1))
        #expect(clockwork.readers.isEmpty)
        #expect(clockwork.scene.status(Clockwork.name(1))?.state == .expired)
        // One of them is refreshed at once, the others wait for a slot that does not come.
        let get = clockwork.scene.get(Clockwork.name(3))
        let operation = try #require(get.actions.exchange)
        _ = clockwork.scene.grant(operation, life: Clockwork.life)
        _ = clockwork.scene.store(operation, .stored(RecordID(rowID: 3), Generation(2)))

        clockwork.set(Clockwork.correct)
        #expect(clockwork.rereads.map(\.name) == [Clockwork.name(1), Clockwork.name(2)])
        #expect(
            clockwork.scene.status(Clockwork.name(1))?.state == .expired,
            "nothing is promised before it is read")
        let (one, two) = (clockwork.rereads[0], clockwork.rereads[1])
        clockwork.reread(one.operation, one.name)
        clockwork.reread(two.operation, two.name, Generation(2))
        #expect(clockwork.serves(1) && clockwork.scene.status(one.name)?.state == .ok)
        #expect(!clockwork.serves(2), "a generation that the engine does not know")
        clockwork.run(for: .seconds(1))
        #expect(Set(clockwork.exchanges.values.joined()) == [two.name, Clockwork.name(4)])
        clockwork.reread(one.operation, one.name)
        #expect(clockwork.readers[one.name]?.expiresAt == end)
    }

    @Test("from a time before this version: whoever waits is answered with the token of the store")
    func waiting() throws {
        var scene = Scene()
        scene.now = Moment(boot: scene.now.boot, wall: WallTime(epochSeconds: 90))
        let facts = TokenFacts(
            until: Clockwork.correct + .seconds(3000), lifetime: Clockwork.life,
            fingerprint: Fingerprint(bits: 1), type: "Bearer", scope: nil, scene.now)
        scene.fleet.restored(
            Scene.alice, RecordID(rowID: 1), .first, facts, lastSuccessAt: nil, scene.now)
        let get = scene.get(Scene.alice)
        #expect(get.actions.exchanges == [Scene.alice])
        let before = scene.now
        scene.now = Moment(boot: before.boot, wall: Clockwork.correct)
        _ = scene.act { $0.clockStepped(since: before, $1, &$2) }
        let actions = scene.act { #expect(!$0.rederive($1, &$2)) }
        guard case .reread(let operation, RecordID(rowID: 1), Scene.alice) = actions.first else {
            return #expect(actions == [], "the store is to be read")
        }
        let end = scene.act { #expect($0.reread(operation, Scene.alice, .first, $1, &$2) != nil) }
        #expect(
            end == [
                .publish(operation, Scene.alice), .drop(operation), .answer(get.caller, .token(Scene.alice)),
            ])
    }

    @Test(
        "A token obtained under a clock that was ahead of this one has lapsed: nobody knows which of the two is right"
    )
    func fromTheFuture() {
        var clockwork = Clockwork()
        clockwork.addUnwatched(1, until: clockwork.now.wall + Clockwork.life)
        clockwork.addUnwatched(2, until: clockwork.now.wall + Clockwork.life + .seconds(1))
        #expect(clockwork.serves(1) && !clockwork.serves(2))
    }

    @Test(
        "T2: before a restart within the boot changes nothing: the stored boot-clock expiry counts, where it makes sense"
    )
    func stored() {
        let now = Moment(boot: BootTime(nanoseconds: 5_000), wall: Clockwork.correct)
        func facts(_ bootExpiry: BootTime?, obtainedAt: WallTime = Clockwork.correct + .seconds(-100))
            -> TokenFacts
        {
            let token = AccessToken(
                secret: Secret("t"), type: "Bearer", expiresAt: obtainedAt + Self.hour,
                bootExpiry: bootExpiry)
            return TokenFacts(token, obtainedAt: obtainedAt, scope: nil, now)
        }
        let end = now.boot + .seconds(600)
        for step in [Duration.zero, Self.day, .zero - Self.day, .seconds(-1_799_000_000)] {
            let watched = facts(end, obtainedAt: now.wall + step)
            #expect(watched.basis == .bootClock && watched.expiry == end && watched.lifetime == Self.hour)
            #expect(watched.expiresAt == now.wall + .seconds(600))
        }
        let unwatched = facts(nil)
        #expect(unwatched.expiry == now.boot + .seconds(3500))
        #expect(unwatched.basis == .wallClock(now.wall + .seconds(3500)))
        #expect(facts(now.boot + Self.day) == unwatched, "no token has more left than it ever had")
    }

    @Test("T12: is taken in by turns of at most 2,000 accounts")
    func turns() {
        var clockwork = Clockwork()
        for number in 1...4_500 { clockwork.addWatched(number, left: Self.hour) }
        clockwork.step(by: Self.day)
        #expect(clockwork.turns == [2_000, 2_000, 500])
        #expect(clockwork.readers.values.allSatisfy { $0.expiresAt == clockwork.now.wall + Self.hour })
    }
}
