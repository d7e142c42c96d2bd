import Foundation
import Testing
import Vocabulary

@testable import GrantStore

@Suite("Backup")
struct BackupTests {
    let state: TemporaryStore
    private let now = Moment.now()

    init() throws { state = try TemporaryStore() }

    /// The records of all pages of `limit`; `between` is called after each page.
    private func backup(
        _ store: GrantStore, limit: Int = 500, between: () throws -> Void = {}
    ) throws -> [SealedRecord] {
        var records: [SealedRecord] = []
        var after: RecordID?
        while true {
            let page = try store.backup(after: after, limit: limit)
            for case .record(let sealed) in page.entries {
                records.append(sealed)
                after = sealed.record
            }
            guard page.hasMore else { return records }
            try between()
        }
    }

    /// The one record of the backup of an account with `generations` grants.
    private func sealed(_ store: GrantStore, generations: UInt64 = 1) throws -> SealedRecord {
        let record = try store.added(name("p/alice"), grant("1"))
        for generation in 1..<generations {
            _ = try store.carryOut(rotation(of: record, after: generation))
        }
        return try #require(try backup(store).first)
    }

    private func rotation(of record: RecordID, after generation: UInt64) -> Change {
        .replace(
            record, after: Generation(generation), grant("\(generation + 1)"), obtainedAt: nil,
            succeededAt: WallTime(epochSeconds: Int64(generation)))
    }

    @Test("Page after page while grants rotate: every record is whole, as one of its generations")
    func pages() throws {
        try state.use { store throws in
            let records = try (0..<50).map { try store.added(name("p/a\($0)"), grant("1")) }
            var generation: UInt64 = 1
            let backup = try backup(store, limit: 7) {
                for record in records { _ = try store.carryOut(rotation(of: record, after: generation)) }
                generation += 1
            }
            #expect(backup.map(\.record) == records)
            #expect(Set(backup.map(\.generation)).count == 8)
            for sealed in backup {
                let restored = try store.open(sealed, of: store.origin, now)
                #expect(restored.grant == grant("\(sealed.generation)"))
                #expect(restored.record == sealed.record)
            }
        }
    }

    @Test("A row that is damaged beyond copying is told, and the others are there (O6)")
    func damaged() throws {
        try state.use { store throws in
            for account in ["p/a", "p/b", "p/c"] { _ = try store.added(name(account), grant("1")) }
        }
        try state.tamper("UPDATE grants SET generation = -1 WHERE record = 2")
        try state.use { store throws in
            let page = try store.backup(after: nil, limit: 10)
            #expect(page.entries.count == 3 && !page.hasMore)
            #expect(page.entries[1] == .unreadable(RecordID(rowID: 2), name("p/b")))
        }
    }

    @Test("No token is in a backup (S1)")
    func noPlaintext() throws {
        try state.use { store throws in
            let sealed = try sealed(store)
            for half in [sealed.sealedAccess, sealed.sealedRefresh] {
                #expect(Data(half).range(of: Data("refresh-".utf8)) == nil)
                #expect(Data(half).range(of: Data("access-".utf8)) == nil)
            }
            #expect(!"\(sealed)".contains("["))
        }
    }

    /// What another store with the same key, or `key`, makes of `sealed`.
    private func refusal(
        _ sealed: SealedRecord, of origin: BackupOrigin, endpoints: [String: String]? = nil,
        otherKey: Bool = false
    ) throws -> RestoreRefusal? {
        let other = try TemporaryStore()
        if !otherKey {
            try FileManager.default.createDirectory(
                atPath: other.directory, withIntermediateDirectories: false,
                attributes: [.posixPermissions: 0o700])
            try FileManager.default.copyItem(atPath: state.path("key"), toPath: other.path("key"))
        }
        return try other.use(endpoints: endpoints ?? ["p": TemporaryStore.endpoint]) { store throws in
            do throws(RestoreRefusal) {
                _ = try store.open(sealed, of: origin, now)
                return nil
            } catch {
                #expect(try store.records() == [])
                return error
            }
        }
    }

    @Test("A record is opened by its key alone, for its endpoint, in any store (O6)")
    func otherKeyAndEndpoint() throws {
        let (sealed, origin) = try state.use { store throws -> (SealedRecord, BackupOrigin) in
            (try self.sealed(store), store.origin)
        }
        #expect(try refusal(sealed, of: origin) == nil)
        guard case .otherKey(origin.keyID, let ours) = try refusal(sealed, of: origin, otherKey: true) else {
            return #expect(Bool(false))
        }
        #expect(ours != origin.keyID)
        let moved = "https://elsewhere.example/token"
        #expect(
            try refusal(sealed, of: origin, endpoints: ["p": moved])
                == .otherEndpoint(sealedFor: TemporaryStore.endpoint, configured: moved))
        #expect(
            try refusal(sealed, of: origin, endpoints: ["q": moved])
                == .providerNotConfigured(name("p/alice").provider))
    }

    @Test(
        "A record of which anything was changed is refused, the parts that no seal covers included (O6)",
        arguments: 0..<12)
    func tampered(_ part: Int) throws {
        var (sealed, origin) = try state.use { store throws -> (SealedRecord, BackupOrigin) in
            let record = try store.added(name("p/alice"), grant("1"))
            _ = try store.carryOut(
                .mark(record, of: .first, Presentation(since: now, last: now)))
            return (try #require(try backup(store).first), store.origin)
        }
        switch part {
        case 0: sealed.account = name("p/mallory")
        case 1: sealed.generation = Generation(2)
        case 2: sealed.record = RecordID(rowID: 2)
        case 3: sealed.expiresAt = sealed.expiresAt.map { $0 + .seconds(1) }
        case 4: sealed.obtainedAt = now.wall
        case 5: sealed.lastSuccessAt = now.wall
        case 6: sealed.sealedAccess[20] ^= 1
        case 7: sealed.sealedRefresh.append(0)
        case 8: sealed.mark = nil
        case 9: sealed.mark?.presentation.lateReplays = 5
        case 10: sealed.tag = []
        default: origin.storeID = "0123456789abcdef"
        }
        #expect(try refusal(sealed, of: origin) == .notAuthentic)
    }

    @Test("Halves swapped between accounts or generations are refused (O6)")
    func swapped() throws {
        try state.use { store throws in
            let alice = try store.added(name("p/alice"), grant("1"))
            _ = try store.added(name("p/bob"), grant("1"))
            let before = try backup(store)
            _ = try store.carryOut(rotation(of: alice, after: 1))
            let after = try backup(store)
            for source in [before[1], before[0]] {
                var mixed = after[0]
                mixed.sealedRefresh = source.sealedRefresh
                // Whoever had the key could make the tag; the seal refuses all the same.
                mixed.tag = store.sealer.tag(mixed, of: store.origin)
                #expect(throws: RestoreRefusal.notAuthentic) {
                    _ = try store.open(mixed, of: store.origin, now)
                }
                mixed.sealedAccess = source.sealedAccess
                mixed.tag = store.sealer.tag(mixed, of: store.origin)
                #expect(throws: RestoreRefusal.notAuthentic) {
                    _ = try store.open(mixed, of: store.origin, now)
                }
            }
        }
    }

    @Test("An absent account is added with the backup's generation and times, and opens after a restart")
    func added() throws {
        try state.use { store throws in
            let sealed = try sealed(store, generations: 5)
            _ = try store.carryOut(.remove(sealed.record))
            let restored = try store.open(sealed, of: store.origin, now)
            let outcome = try store.carryOut(.restore(restored, over: nil))
            #expect(outcome == .stored(RecordID(rowID: 2), Generation(5)))
            #expect(try store.carryOut(.restore(restored, over: nil)) == .exists)
        }
        try state.use { store throws in
            guard case .account(let alice) = try store.records()[0] else { return #expect(Bool(false)) }
            #expect(alice.generation == Generation(5))
            #expect(alice.accessToken?.secret.exposed == "access-5")
            #expect(alice.lastSuccessAt == WallTime(epochSeconds: 4))
            #expect(try store.grant(of: alice.record)?.grant == grant("5"))
        }
    }

    @Test(
        "Over a grant that is there, generations never go back",
        arguments: [(1, 3, 3), (3, 3, 4), (5, 3, 6)] as [(UInt64, UInt64, UInt64)])
    func replaced(_ row: (stored: UInt64, backup: UInt64, written: UInt64)) throws {
        try state.use { store throws in
            let sealed = try sealed(store, generations: row.backup)
            _ = try store.carryOut(.remove(sealed.record))
            let record = try store.added(name("p/alice"), grant("other"))
            for generation in 1..<row.stored {
                _ = try store.carryOut(rotation(of: record, after: generation))
            }
            let restored = try store.open(sealed, of: store.origin, now)
            let late = Incumbent(record: record, generation: Generation(row.stored + 1))
            #expect(try store.carryOut(.restore(restored, over: late)) == .gone)
            let incumbent = Incumbent(record: record, generation: Generation(row.stored))
            #expect(
                try store.carryOut(.restore(restored, over: incumbent))
                    == .stored(record, Generation(row.written)))
            #expect(try store.grant(of: record)?.grant == grant("\(row.backup)"))
        }
    }

    @Test("What was known against the refresh token comes with it (R7)")
    func marks() throws {
        let presentation = Presentation(since: now, last: now, lateReplays: 1)
        let settlements: [(Settlement?, Standing?)] = [
            (nil, .inDoubt(presentation, wasCutOff: true)),
            (.inDoubt(presentation), .inDoubt(presentation, wasCutOff: false)),
            (.rejected(.lostRotation), .rejected(.lostRotation)),
            (.cleared, nil),
        ]
        try state.use { store throws in
            for (index, (settlement, standing)) in settlements.enumerated() {
                let record = try store.added(name("p/a\(index)"), grant("1"))
                _ = try store.carryOut(.mark(record, of: .first, presentation))
                if let settlement {
                    _ = try store.carryOut(.settle(record, of: .first, settlement))
                }
                let sealed = try #require(try backup(store).last)
                let restored = try store.open(sealed, of: store.origin, now)
                #expect(restored.standing == standing)
                // Forced over itself it is the next generation, and the mark counts for that one.
                let incumbent = Incumbent(record: record, generation: .first)
                _ = try store.carryOut(.restore(restored, over: incumbent))
                guard case .account(let account) = try store.records()[index] else {
                    return #expect(Bool(false))
                }
                #expect(account.generation == Generation(2) && account.standing == standing)
            }
        }
    }

    @Test("A store has one name for ever, and no other store has it")
    func storeID() throws {
        let first = try state.use { $0.origin }
        #expect(first.storeID.count == 16)
        #expect(try state.use { $0.origin } == first)
        #expect(try TemporaryStore().use { $0.origin.storeID } != first.storeID)
    }
}
