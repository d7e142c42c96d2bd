import Testing
import Vocabulary
import WireProtocol

@testable import Engine

@Suite struct RestoreTests {
    private let record = RecordID(rowID: 1)

    /// A fleet with alice at `generation`, and the answer to a restoration.
    private func restore(
        _ scene: inout Scene, _ restoration: Restoration, life: Duration? = nil
    ) -> (caller: Caller, operation: Operation, actions: [Action]) {
        let caller = scene.newCaller()
        let operation = scene.fleet.newOperation()
        let facts = life.map { scene.facts(life: $0, token: 7) }
        let actions = scene.act {
            $0.restoreRequested(caller, operation, Scene.alice, facts, restoration, $1, &$2)
        }
        return (caller, operation, actions)
    }

    /// After the last refresh of what is stored.
    private let later = WallTime(epochSeconds: 1_650_000_000)

    private func scene(_ generation: UInt64) -> Scene {
        var scene = Scene()
        scene.fleet.restored(
            Scene.alice, record, Generation(generation), scene.facts(life: .seconds(3600), token: 1),
            lastSuccessAt: WallTime(epochSeconds: 1_600_000_000), scene.now)
        return scene
    }

    @Test("an absent account is inserted, and its valid access token served once it is durable")
    func absent() {
        var scene = Scene()
        let (caller, operation, actions) = restore(
            &scene, Restoration(generation: Generation(5), record: nil), life: .seconds(600))
        #expect(actions == [.insert(operation, Scene.alice)])
        let stored = scene.store(operation, .stored(RecordID(rowID: 9), Generation(5)))
        #expect(stored.contains(.publish(operation, Scene.alice)))
        #expect(stored.answer(to: caller) == .added(.ok))
        #expect(scene.status(Scene.alice)?.generation == 5)
    }

    @Test(
        "what is as new, newer or of another record is kept, unless forced",
        arguments: [
            (stored: 5, backup: 5, record: 1, isKept: true), (stored: 7, backup: 5, record: 1, isKept: true),
            (stored: 3, backup: 5, record: 1, isKept: false),
            (stored: 3, backup: 5, record: 2, isKept: true),
            (stored: 3, backup: 5, record: nil, isKept: true),
        ] as [(stored: UInt64, backup: UInt64, record: Int64?, isKept: Bool)])
    func kept(_ row: (stored: UInt64, backup: UInt64, record: Int64?, isKept: Bool)) {
        for force in [false, true] {
            var scene = scene(row.stored)
            let restoration = Restoration(
                generation: Generation(row.backup), record: row.record.map(RecordID.init(rowID:)),
                lastSuccessAt: later, force: force)
            let (caller, operation, actions) = restore(&scene, restoration)
            if row.isKept && !force {
                #expect(actions.refusal(of: caller)?.code == .exists)
                #expect(actions.replacement == nil)
            } else {
                #expect(actions == [.replace(operation, record, after: Generation(row.stored))])
            }
        }
    }

    @Test(
        "R15: a higher generation is kept out where the stored grant was refreshed later: the directory was put back once"
    )
    func putBack() {
        for earlier in [nil, WallTime(epochSeconds: 1_500_000_000)] {
            var scene = scene(3)
            let (caller, _, actions) = restore(
                &scene, Restoration(generation: Generation(5), record: record, lastSuccessAt: earlier))
            #expect(actions.refusal(of: caller)?.code == .exists)
        }
    }

    @Test("R15: the sentence says which is which")
    func sentence() {
        var scene = scene(7)
        let (caller, _, actions) = restore(&scene, Restoration(generation: Generation(5), record: record))
        #expect(
            actions.refusal(of: caller)?.sentence
                == "the stored grant is as new or newer (generation 7, backup 5); force overwrites it")
    }

    @Test(
        "O6: a damaged record is replaced without force by what is surely not older: damage may be a mistaken endpoint"
    )
    func damaged() {
        for (generation, source, isTaken) in [(9, record, true), (12, record, true), (5, record, false)] {
            var scene = Scene()
            scene.fleet.restoredDamaged(Scene.alice, record, Generation(9))
            let (caller, operation, actions) = restore(
                &scene, Restoration(generation: Generation(UInt64(generation)), record: source))
            if isTaken {
                #expect(actions == [.replace(operation, record, after: Generation(9))])
            } else {
                #expect(actions.refusal(of: caller)?.code == .exists)
            }
        }
    }

    @Test("R16: an exchange in flight is overtaken; its late answer changes nothing")
    func overtaken() throws {
        var scene = scene(3)
        let flight = try #require(scene.refresh(Scene.alice).actions.exchange)
        let (_, operation, actions) = restore(
            &scene, Restoration(generation: Generation(5), record: record, lastSuccessAt: later),
            life: .seconds(600))
        #expect(actions == [.replace(operation, record, after: Generation(3))])
        _ = scene.store(operation, .stored(record, Generation(5)))
        let late = scene.grant(flight, token: 99)
        #expect(late.replacement == nil && late.contains(.drop(flight)))
        #expect(scene.status(Scene.alice)?.fingerprint == Fingerprint(bits: 7))
    }

    @Test("R7 R15: what was in doubt or rejected when the backup was made is so again")
    func standing() {
        let long = Moment(boot: .distantPast, wall: WallTime(epochSeconds: 1))
        let standings: [(Standing, AccountState)] = [
            (.rejected(.lostRotation), .loginNeeded),
            (.inDoubt(Presentation(since: long, last: long), wasCutOff: true), .inDoubt),
        ]
        for (standing, state) in standings {
            var scene = scene(3)
            let (_, operation, _) = restore(
                &scene,
                Restoration(
                    generation: Generation(5), record: record, lastSuccessAt: later, standing: standing),
                life: .seconds(600))
            _ = scene.store(operation, .stored(record, Generation(5)))
            #expect(scene.status(Scene.alice)?.state == state)
        }
    }
}
