import Foundation
import Testing
import Vocabulary

@testable import GrantStore

@Suite("Metadata in the store")
struct MetadataTests {
    private let state: TemporaryStore

    init() throws { state = try TemporaryStore() }

    private static let now = WallTime(epochSeconds: 1_800_000_000)

    private func metadata(_ provider: String, _ document: String = "{}", after: Int64 = 0) -> StoredMetadata {
        StoredMetadata(
            provider: ProviderName(provider)!, confirmedAt: Self.now + .seconds(after),
            document: Array(document.utf8))
    }

    private func kept() throws -> [String: Result<StoredMetadata, RecordDamage>] {
        let kept = try state.use { try $0.metadata() }
        return Dictionary(uniqueKeysWithValues: kept.map { ($0.key.text, $0.value) })
    }

    private func keep() throws {
        try state.use { store throws in
            for provider in ["p", "q"] {
                #expect(try store.carryOut(.keepMetadata(metadata(provider, provider))) == .kept)
            }
        }
    }

    @Test("survives a restart, a row per provider, the latest; a backup has none of it")
    func survives() throws {
        #expect(try kept().isEmpty)
        try keep()
        try state.use { store throws in
            let later = metadata("q", "later", after: 9)
            #expect(try store.carryOut(.keepMetadata(later)) == .kept)
            #expect(try store.backup(after: nil, limit: 10).entries.isEmpty)
        }
        #expect(
            try kept()
                == ["p": .success(metadata("p", "p")), "q": .success(metadata("q", "later", after: 9))])
        #expect(try state.value(Int.self, "SELECT count(*) FROM metadata") == 2)
        let file = try Data(contentsOf: state.url("grants.db"))
        #expect(file.range(of: Data("later".utf8)) == nil, "it is sealed")
    }

    @Test(
        "that was tampered with is told, and the others stay",
        arguments: [
            ("UPDATE metadata SET sealed = zeroblob(99) WHERE provider = 'p'", RecordDamage.unknownFormat),
            ("UPDATE metadata SET sealed = x'01' WHERE provider = 'p'", .unknownFormat),
            (
                "UPDATE metadata SET sealed = x'01\(String(repeating: "00", count: 40))' WHERE provider = 'p'",
                .notAuthentic
            ),
            (
                "UPDATE metadata SET sealed = (SELECT sealed FROM metadata WHERE provider = 'q') WHERE provider = 'p'",
                .notAuthentic
            ),
            (
                "UPDATE metadata SET confirmed_at_ns = confirmed_at_ns + 1 WHERE provider = 'p'",
                .notAuthentic
            ),
            (
                """
                CREATE TABLE other AS SELECT * FROM metadata; DROP TABLE metadata;
                ALTER TABLE other RENAME TO metadata; INSERT INTO metadata VALUES (x'07', 'x', NULL);
                UPDATE metadata SET confirmed_at_ns = 'x' WHERE provider = 'p'
                """, .malformed
            ),
        ])
    func tampered(_ sql: String, _ damage: RecordDamage) throws {
        try keep()
        try state.tamper(sql)
        #expect(try kept() == ["p": .failure(damage), "q": .success(metadata("q", "q"))])
    }

    @Test("of another provider's name does not open")
    func renamed() throws {
        try keep()
        try state.tamper("UPDATE metadata SET provider = 'r' WHERE provider = 'q'")
        #expect(try kept() == ["p": .success(metadata("p", "p")), "r": .failure(.notAuthentic)])
    }

    @Test("that cannot be written fails no change that was submitted with it")
    func dispensable() throws {
        try state.fill()
        try state.tamper("DROP TABLE metadata")
        try state.use { store throws in
            let record = try #require(try store.record(of: name("p/alice")))
            let moment = Moment.now()
            let results = store.carryOutAsGroup([
                .keepMetadata(metadata("p")),
                .mark(record, of: .first, Presentation(since: moment, last: moment)),
                .replace(record, after: .first, grant("2"), obtainedAt: nil, succeededAt: moment.wall),
            ])
            #expect(results.prefix(2) == [.success(.marked), .success(.stored(record, Generation(2)))])
            #expect(throws: StoreError.self) { try results[2].get() }
            #expect(
                try store.carryOut(.add(name("p/bob"), grant("1"), obtainedAt: nil))
                    == .stored(RecordID(rowID: record.rowID + 1), .first))
        }
    }
}
