import Foundation
import GRDB
import Testing
import Vocabulary

@testable import GrantStore

@Suite("Marks")
struct MarkTests {
    let state: TemporaryStore
    private let now = Moment.now()
    private var presentation: Presentation { Presentation(since: now, last: now) }

    init() throws { state = try TemporaryStore() }

    private func standing(_ store: GrantStore, at moment: Moment? = nil) throws -> Standing? {
        var standing: Standing?
        try store.load(moment ?? now) { if case .account(let account) = $0 { standing = account.standing } }
        return standing
    }

    @Test("R7: a presentation that nothing ended is found at the next start, cut off, with its times")
    func inFlight() throws {
        try state.use { store throws in
            let record = try store.added(name("p/alice"), grant("1"))
            #expect(try standing(store) == nil)
            #expect(try store.carryOut(.mark(record, of: .first, presentation)) == .marked)
        }
        try state.use { store throws in
            #expect(try standing(store) == .inDoubt(presentation, wasCutOff: true))
        }
    }

    @Test("a settlement says how it ended: forgotten, in doubt with its counts, or rejected with its reason")
    func settlements() throws {
        try state.use { store throws in
            let record = try store.added(name("p/alice"), grant("1"))
            let later = Presentation(since: now, last: now + .seconds(9), lateReplays: 2)
            let rows: [(Settlement, Standing?)] = [
                (.inDoubt(later), .inDoubt(later, wasCutOff: false)),
                (.cleared, nil), (.rejected(.lostRotation), .rejected(.lostRotation)),
            ]
            for (settlement, expected) in rows {
                _ = try store.carryOut(.mark(record, of: .first, presentation))
                #expect(try store.carryOut(.settle(record, of: .first, settlement)) == .settled)
                #expect(try standing(store, at: now + .seconds(10)) == expected)
            }
            // A forced attempt at a refused token does not make it an open question again.
            #expect(try store.carryOut(.mark(record, of: .first, presentation)) == .marked)
            #expect(try standing(store) == .rejected(.lostRotation))
        }
    }

    @Test("R16: a new grant or a removal takes the mark along; one of another generation is refused")
    func overtaken() throws {
        try state.use { store throws in
            let record = try store.added(name("p/alice"), grant("1"))
            _ = try store.carryOut(.mark(record, of: .first, presentation))
            _ = try store.carryOut(
                .replace(record, after: .first, grant("2"), obtainedAt: nil, succeededAt: nil))
            #expect(try standing(store) == nil)
            #expect(try store.carryOut(.mark(record, of: .first, presentation)) == .gone)
            #expect(try store.carryOut(.settle(record, of: .first, .inDoubt(presentation))) == .gone)
            _ = try store.carryOut(.mark(record, of: Generation(2), presentation))
            #expect(try store.carryOut(.settle(record, of: .first, .cleared)) == .gone)
            #expect(try standing(store) == .inDoubt(presentation, wasCutOff: true))
            _ = try store.carryOut(.remove(record))
            #expect(try state.value(Int.self, "SELECT count(*) FROM marks") == 0)
        }
    }

    @Test("R7: a mark that names another refresh token blocks nothing")
    func otherToken() throws {
        try state.use { store throws in
            let record = try store.added(name("p/alice"), grant("1"))
            _ = try store.carryOut(.mark(record, of: .first, presentation))
        }
        try state.tamper("UPDATE marks SET refresh_hash = x'00'")
        try state.use { store throws in #expect(try standing(store) == nil) }
    }

    @Test("O6: a damaged record is not marked, the others of its group are")
    func damaged() throws {
        try state.fill()
        try state.use { _ = try $0.added(name("p/bob"), grant("2")) }
        try state.tamper("UPDATE grants SET sealed_refresh = x'01' WHERE account = 'p/alice'")
        try state.use { store throws in
            let results = store.carryOutAsGroup([
                .mark(RecordID(rowID: 1), of: .first, presentation),
                .mark(RecordID(rowID: 2), of: .first, presentation),
            ])
            guard case .failure(.recordDamaged) = results[0] else {
                Issue.record("\(results[0])")
                return
            }
            #expect(results[1] == .success(.marked))
        }
    }

    @Test("after a reboot the wall clock tells how long ago it was; one that went back tells nothing")
    func otherBoot() throws {
        let store = try GrantStore(state.directory, .file, .current, bootID: "one") { _ in
            TemporaryStore.endpoint
        }
        let record = try store.added(name("p/alice"), grant("1"))
        _ = try store.carryOut(.mark(record, of: .first, presentation))
        store.close()
        let next = try GrantStore(state.directory, .file, .current, bootID: "two") { _ in
            TemporaryStore.endpoint
        }
        defer { next.close() }
        let booted = Moment(boot: BootTime(nanoseconds: 5_000_000_000), wall: now.wall + .seconds(40))
        let known = Moment(boot: booted.boot - .seconds(40), wall: now.wall)
        #expect(
            try standing(next, at: booted)
                == .inDoubt(Presentation(since: known, last: known), wasCutOff: true))
        let back = Moment(boot: booted.boot, wall: now.wall + .seconds(-1))
        let unknown = Moment(boot: .distantPast, wall: now.wall)
        #expect(
            try standing(next, at: back)
                == .inDoubt(Presentation(since: unknown, last: unknown), wasCutOff: true))
    }

    @Test("room for the answer is set aside with the mark, in a file of its own that nobody else may read")
    func reserve() throws {
        try state.use { store throws in
            let records = try (0..<40).map { try store.added(name("p/a\($0)"), grant("1")) }
            #expect(!FileManager.default.fileExists(atPath: state.path("grants.reserve")))
            _ = try store.carryOut(.mark(records[0], of: .first, presentation))
            #expect(try blocks() >= 1 << 20)
            _ = store.carryOut(records.map { .mark($0, of: .first, presentation) })
            #expect(try blocks() >= 40 * Reserve.sizePerAnswer)
            let attributes = try FileManager.default.attributesOfItem(atPath: state.path("grants.reserve"))
            #expect(attributes[.posixPermissions] as? Int == 0o600)
        }
    }

    private func blocks() throws -> Int {
        var status = stat()
        try #require(stat(state.path("grants.reserve"), &status) == 0)
        return Int(status.st_blocks) * 512
    }

    @Test("R2: a settlement that the disk refused is owed, and paid at the latest by the stop")
    func owed() throws {
        try state.use { store throws in
            let record = try store.added(name("p/alice"), grant("1"))
            _ = try store.carryOut(.mark(record, of: .first, presentation))
            let other = try DatabaseQueue(path: state.database)
            try other.inDatabase { database throws in
                try database.execute(sql: "BEGIN IMMEDIATE")
                let results = store.carryOut([.settle(record, of: .first, .rejected(.lostRotation))])
                #expect((try? results[0].get()) == nil)
                try database.execute(sql: "ROLLBACK")
            }
            try other.close()
        }
        try state.use { store throws in #expect(try standing(store) == .rejected(.lostRotation)) }
    }

    @Test("S1: the mark holds a keyed hash, not the token nor its plain digest")
    func hash() throws {
        let sealer = Sealer(.init(data: Data(repeating: 1, count: 32)), bootID: "boot-1")
        let other = Sealer(.init(data: Data(repeating: 2, count: 32)), bootID: "boot-1")
        let token = Secret("refresh-1")
        let hash = sealer.refreshHash(token, of: name("p/alice"))
        #expect(hash.count == 16 && hash == sealer.refreshHash(token, of: name("p/alice")))
        #expect(hash != other.refreshHash(token, of: name("p/alice")))
        #expect(hash != sealer.refreshHash(token, of: name("p/bob")))
        #expect(hash != sealer.refreshHash(Secret("refresh-2"), of: name("p/alice")))
    }
}
