import Foundation
import Glibc
import Testing
import Vocabulary

@testable import GrantStore

@Suite("Schema (O9)")
struct SchemaTests {
    let state: TemporaryStore
    private let version = Schema.current.version

    init() throws { state = try TemporaryStore() }

    @Test("A database that is not ours is refused, untouched")
    func foreign() throws {
        try state.fill()
        try state.tamper("PRAGMA application_id = 7")
        let before = try state.hashes()
        #expect(state.refusal() == "\(state.database) is not a database of tokend")
        #expect(try state.hashes() == before)
    }

    @Test("A file that is no database is refused, untouched")
    func noDatabase() throws {
        try state.fill()
        try Data(repeating: 0x41, count: 8_192).write(to: state.url("grants.db"))
        let before = try state.hashes()
        #expect(state.refusal() == "\(state.database): file is not a database (SQLite code 26)")
        #expect(try state.hashes() == before)
    }

    @Test("A log without its database is refused, untouched")
    func logAlone() throws {
        let store = try state.open()
        _ = try store.added(name("p/alice"), grant("1"))
        let image = try state.crashImage()
        store.close()
        unlink(image.database)
        let before = try image.hashes()
        let error = StoreError.databaseMissing(path: image.database, log: image.path("grants.db-wal"))
        #expect(throws: error) { try image.open().close() }
        #expect(try image.hashes() == before)
        #expect(
            error.description
                == "\(image.database) is missing, but \(image.path("grants.db-wal")) exists: put the database back"
        )
    }

    @Test("A store that a newer program wrote is refused, untouched (O9)")
    func newer() throws {
        try state.fill()
        try state.tamper("PRAGMA user_version = \(Schema.current.version + 1)")
        let before = try state.hashes()
        #expect(
            state.refusal() == "\(state.database) has schema version \(Schema.current.version + 1)"
                + "; this tokend knows versions up to \(Schema.current.version)")
        #expect(try state.hashes() == before)
    }

    private static let added = Schema(
        steps: Schema.current.steps + [{ try $0.execute(sql: "ALTER TABLE grants ADD COLUMN note TEXT") }])
    private static let failing = Schema(
        steps: added.steps + [{ try $0.execute(sql: "ALTER TABLE absent ADD COLUMN note TEXT") }])

    @Test("An older store is brought up to date with its records (O9)")
    func migrated() throws {
        try state.fill()
        let store = try state.open(schema: Self.added)
        #expect(try store.records().map(\.accessToken) == ["access-1"])
        #expect(try state.value(Int.self, "SELECT count(*) FROM grants WHERE note IS NULL") == 1)
        #expect(try state.value(Int64.self, "PRAGMA user_version") == Self.added.version)
        store.close()
        #expect(
            state.refusal() == "\(state.database) has schema version \(Schema.current.version + 1)"
                + "; this tokend knows versions up to \(Schema.current.version)")
    }

    @Test(
        "Every earlier layout is brought up to date with its records (O9)",
        arguments: 1..<Schema.current.steps.count)
    func earlierLayout(_ version: Int) throws {
        let old = try state.open(schema: Schema(steps: Array(Schema.current.steps.prefix(version))))
        let record = try old.added(name("p/alice"), grant("1"))
        old.close()
        #expect(try state.value(Int.self, "PRAGMA user_version") == version)
        try state.use { store throws in
            #expect(try store.grant(of: record)?.grant == grant("1"))
            let now = Moment.now()
            let presentation = Presentation(since: now, last: now)
            #expect(try store.carryOut(.mark(record, of: .first, presentation)) == .marked)
            #expect(try store.metadata().isEmpty)
            let metadata = StoredMetadata(
                provider: ProviderName("p")!, confirmedAt: now.wall, document: Array("{}".utf8))
            #expect(try store.carryOut(.keepMetadata(metadata)) == .kept)
        }
    }

    @Test("A migration that fails half-way leaves the store as it was (O9)")
    func failedMigration() throws {
        try state.fill()
        #expect(
            state.refusal(schema: Self.failing) == "\(state.database): no such table: absent (SQLite code 1)")
        #expect(try state.value(Int64.self, "PRAGMA user_version") == Schema.current.version)
        #expect(
            try state.value(Int.self, "SELECT count(*) FROM pragma_table_info('grants') WHERE name = 'note'")
                == 0)
        try state.use { store throws in #expect(try store.records().map(\.accessToken) == ["access-1"]) }
    }
}
