// Decides that no end of the process or the machine, after any operation on any file, costs a grant that was reported
// durable, and that none leaves a store that cannot be opened.

import DiskTrace
import Evidence
import Foundation
import GRDB
import Testing
import Vocabulary

@testable import GrantStore

@Suite("Crashes at every step (R1, R3)")
struct CrashTests {
    let state: TemporaryStore

    init() throws { state = try TemporaryStore(inMemory: true) }

    private static let begun = "begun"
    private static let durable = "durable"

    private static func replacement(of record: Int64, _ generation: UInt64, by mark: String) -> Change {
        .replace(
            RecordID(rowID: record), after: Generation(generation), grant(mark), obtainedAt: nil,
            succeededAt: WallTime(epochSeconds: 5))
    }

    @Test("The very first opening: cut off anywhere, the next start opens an empty store")
    func firstOpening() throws {
        let recording = try DiskTrace.record(below: state.parent) { _ in try state.open().close() }
        try expectPrefixes(recording, of: [], "the first opening")
    }

    @Test("Adding and replacing: a reported change is there, an unreported one is there whole or not at all")
    func additionAndReplacement() throws {
        let changes: [Change] = [
            .add(name("p/alice"), grant("1"), obtainedAt: nil), Self.replacement(of: 1, 1, by: "2"),
        ]
        try expectPrefixes(record(changes), of: changes, "an addition and a replacement")
    }

    @Test("A removal: a reported one stays, and takes nobody else along")
    func removal() throws {
        let changes: [Change] = [
            .add(name("p/alice"), grant("1"), obtainedAt: nil),
            .add(name("p/bob"), grant("2"), obtainedAt: nil), .remove(RecordID(rowID: 1)),
        ]
        try expectPrefixes(record(changes), of: changes, "a removal")
    }

    @Test("An import of twenty accounts: those reported are there, in the order of their submission")
    func additions() throws {
        let changes = (0..<20).map { Change.add(name("p/a\($0)"), grant("\($0)"), obtainedAt: nil) }
        try expectPrefixes(record(changes, asGroups: [1, 7, 12]), of: changes, "an import")
    }

    @Test("Restarts between replacements: what one process left is read by the next")
    func restart() throws {
        let changes: [Change] = [
            .add(name("p/alice"), grant("1"), obtainedAt: nil), Self.replacement(of: 1, 1, by: "2"),
            Self.replacement(of: 1, 2, by: "3"),
        ]
        let recording = try DiskTrace.record(below: state.parent) { trace in
            for change in changes { try state.use { store in submit([change], to: store, trace) } }
        }
        try expectPrefixes(recording, of: changes, "restarts")
    }

    @Test("A start after a crash: cut off itself, it loses nothing of what the log has")
    func recovery() throws {
        let changes: [Change] = [
            .add(name("p/alice"), grant("1"), obtainedAt: nil), Self.replacement(of: 1, 1, by: "2"),
        ]
        let first = try record(changes)
        let reported = try #require(first.steps.lastIndex(of: .note(Self.durable)))
        let expected = Ledger.after(changes)[changes.count]
        for crash in [Crash.killed(after: reported), .powerCut(after: reported, .everythingUnsynced)] {
            let crashed = try TemporaryStore(inMemory: true)
            try first.image(crash).write(to: crashed.parent)
            let second = try DiskTrace.record(below: crashed.parent) { _ in try crashed.open().close() }
            try expect(second, "a start after a crash") { image, _ in
                let found = try image.use { try Ledger(reading: $0) }
                return found.accounts == expected.accounts ? nil : found.summary
            }
        }
    }

    @Test("A migration: the old layout or the new one, with every record (O9)")
    func migration() throws {
        let changes = (0..<5).map { Change.add(name("p/a\($0)"), grant("\($0)"), obtainedAt: nil) }
        try state.use { store in #expect(store.carryOut(changes).allSatisfy { (try? $0.get()) != nil }) }
        let layout = Schema(
            steps: Schema.current.steps + [
                { try $0.execute(sql: "ALTER TABLE grants ADD COLUMN note TEXT") },
                {
                    try $0.execute(
                        sql: "CREATE TABLE notes (id INTEGER PRIMARY KEY); UPDATE grants SET note = 'x'")
                },
            ])
        let recording = try DiskTrace.record(below: state.parent) { trace in
            let store = try state.open(schema: layout)
            trace.note(Self.durable)
            store.close()
        }
        let expected = Ledger.after(changes)[changes.count]
        try expect(recording, "a migration") { image, remains in
            let version = try Self.layoutVersion(of: image)
            guard version == Int(layout.version) || version == Self.current && remains.notes.isEmpty else {
                return "version \(version)"
            }
            let store = try image.open(schema: layout)
            defer { store.close() }
            let found = try Ledger(reading: store)
            return found.accounts == expected.accounts ? nil : found.summary
        }
    }

    private static let current = Int(Schema.current.version)

    /// The version of a file, which must have that version's layout and no other's.
    private static func layoutVersion(of image: TemporaryStore) throws -> Int {
        let queue = try DatabaseQueue(path: image.database)
        defer { try? queue.close() }
        return try queue.inDatabase { database in
            let version = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
            let isNew = try database.tableExists("notes")
            let columns = try database.columns(in: "grants").map(\.name)
            return isNew == (version == current + 2) && columns.contains("note") == isNew ? version : -1
        }
    }
}

// MARK: What is recorded, and what must be left of it

extension CrashTests {
    /// Opens the store, carries the changes out in groups and closes it.
    private func record(_ changes: [Change], asGroups groups: [Int]? = nil) throws -> Recording {
        try DiskTrace.record(below: state.parent) { trace in
            try state.use { store in
                var rest = changes[...]
                for size in groups ?? changes.map({ _ in 1 }) {
                    submit(Array(rest.prefix(size)), to: store, trace)
                    rest = rest.dropFirst(size)
                }
            }
        }
    }

    /// Submits all at once, noting what is begun and what is reported, and waits.
    private func submit(_ changes: [Change], to store: GrantStore, _ trace: DiskTrace) {
        let group = DispatchGroup()
        for change in changes {
            trace.note(Self.begun)
            group.enter()
            store.submit(change) { result in
                if case .success = result { trace.note(Self.durable) }
                group.leave()
            }
        }
        group.wait()
    }

    /// After every crash there must be the first changes, at least those reported and at most those begun.
    private func expectPrefixes(_ recording: Recording, of changes: [Change], _ title: String) throws {
        let ledgers = Ledger.after(changes)
        #expect(recording.notes(before: recording.steps.count).count == 2 * changes.count)
        try expect(recording, title) { image, remains in
            let reported = remains.notes.count { $0 == Self.durable }
            let begun = remains.notes.count { $0 == Self.begun }
            let found = try image.use { try Ledger(reading: $0) }
            guard ledgers[reported...begun].contains(where: { $0.accounts == found.accounts }) else {
                return "\(reported) reported, \(begun) begun, found \(found.summary)"
            }
            return nil
        }
    }

    /// Tries every crash; `complaint` says what is wrong with what it left.
    private func expect(
        _ recording: Recording, _ title: String,
        complaint: (TemporaryStore, Recording.Remains) throws -> String?
    ) throws {
        var complaints: [String] = []
        let clock = ContinuousClock()
        let start = clock.now
        let count = try recording.forEachCrash(seeds: 12) { remains in
            let image = try TemporaryStore(inMemory: true)
            try remains.tree.write(to: image.parent)
            do {
                let complaint = try complaint(image, remains)
                if let complaint { complaints.append("\(remains.crash): \(complaint)") }
            } catch {
                complaints.append("\(remains.crash): \(error)")
            }
        }
        #expect(complaints.prefix(5) == [])
        #expect(complaints.count == 0)
        if complaints.isEmpty {
            Evidence.record(
                "R3", injected: "the store in \(title), killed or without power at every system call",
                times: count, held: "opens; everything reported durable is there, old or new, never mixed")
        }
        print(
            "grant store: \(title): \(recording.steps.count) steps, \(count) crash states, \(clock.now - start)"
        )
    }
}
