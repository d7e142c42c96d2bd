import Foundation
import GRDB
import Synchronization
import Testing
import Vocabulary

@testable import GrantStore

@Suite("Writer")
struct WriterTests {
    let state: TemporaryStore

    init() throws { state = try TemporaryStore() }

    @Test("Changes are carried out and reported in the order of their submission, across groups")
    func order() throws {
        try state.use { store throws in
            let order = Mutex<[Int]>([])
            let done = DispatchGroup()
            for index in 0..<3_500 {
                done.enter()
                store.submit(.add(name("p/a\(index)"), grant("1"), obtainedAt: nil)) { result in
                    #expect(result == .success(.stored(RecordID(rowID: Int64(index + 1)), .first)))
                    order.withLock { $0.append(index) }
                    done.leave()
                }
            }
            done.wait()
            #expect(order.withLock { $0 } == Array(0..<3_500))
        }
    }

    @Test("A refused change does not fail the others of its group")
    func refusalInGroup() throws {
        try state.use { store throws in
            let record = try store.added(name("p/taken"), grant("1"))
            let results = store.carryOutAsGroup([
                .add(name("p/b"), grant("1"), obtainedAt: nil),
                .add(name("p/taken"), grant("2"), obtainedAt: nil),
                .replace(record, after: Generation(9), grant("2"), obtainedAt: nil, succeededAt: nil),
                .replace(record, after: .first, grant("2"), obtainedAt: nil, succeededAt: nil),
                .replace(record, after: .first, grant("3"), obtainedAt: nil, succeededAt: nil),
                .remove(record),
                .replace(record, after: Generation(2), grant("4"), obtainedAt: nil, succeededAt: nil),
                .add(name("p/taken"), grant("5"), obtainedAt: nil),
            ])
            #expect(
                results == [
                    .success(.stored(RecordID(rowID: 2), .first)), .success(.exists), .success(.gone),
                    .success(.stored(record, Generation(2))), .success(.gone), .success(.removed),
                    .success(.gone),
                    .success(.stored(RecordID(rowID: 4), .first)),
                ])
        }
    }

    @Test("What is submitted during a commit shares the next one")
    func groupCommit() throws {
        try state.use { store throws in
            _ = try store.added(name("p/first"), grant("1"))
            let before = try logSize()
            let changes = (0..<100).map { Change.add(name("p/a\($0)"), grant("1"), obtainedAt: nil) }
            let sizes = Mutex<[Int]>([])
            let results = store.carryOutAsGroup(changes) {
                sizes.withLock { $0.append((try? logSize()) ?? -1) }
            }
            #expect(results.allSatisfy { (try? $0.get()) != nil })
            // One transaction: the log grew once, before the first of the hundred was told.
            #expect(sizes.withLock { $0.count } == 100)
            #expect(Set(sizes.withLock { $0 }).count == 1)
            #expect(sizes.withLock { $0[0] } > before)
        }
    }

    private func logSize() throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: state.path("grants.db-wal"))
        return (attributes[.size] as? Int) ?? 0
    }

    @Test("Commits are durable: WAL, and synchronous=FULL on the writer (R3)")
    func synchronousIsFull() throws {
        let file = DatabaseFile(directory: try StateDirectory(state.directory), schema: .current)
        try file.make(keyID: "0")
        let writer = try file.openForWriting()
        try writer.writeWithoutTransaction { database throws in
            #expect(try Int.fetchOne(database, sql: "PRAGMA synchronous") == 2)
            #expect(try String.fetchOne(database, sql: "PRAGMA journal_mode") == "wal")
            #expect(try Int.fetchOne(database, sql: "PRAGMA wal_autocheckpoint") == 0)
            #expect(try Int.fetchOne(database, sql: "PRAGMA secure_delete") == 1)
            #expect(try Int.fetchOne(database, sql: "PRAGMA trusted_schema") == 0)
            #expect(try Int.fetchOne(database, sql: "PRAGMA temp_store") == 2)
        }
        try writer.close()
    }

    @Test("The log is moved into the database as changes go on, and does not grow for ever")
    func logIsBounded() throws {
        try state.use { store throws in
            let record = try store.added(name("p/alice"), grant("1"))
            var largest = 0
            for generation in UInt64(1)...5_000 {
                _ = try store.carryOut(
                    .replace(
                        record, after: Generation(generation), grant("x"), obtainedAt: nil, succeededAt: nil))
                if generation % 500 == 0 { largest = max(largest, try logSize()) }
            }
            #expect(largest < 24 << 20)
        }
    }

    @Test("While somebody else holds the file's write lock a change fails, and succeeds after, in full")
    func failedWrite() throws {
        try state.use { store throws in
            let record = try store.added(name("p/alice"), grant("1"))
            let other = try DatabaseQueue(path: state.database)
            let change = Change.replace(
                record, after: .first, grant("2"), obtainedAt: nil, succeededAt: nil)
            try other.inDatabase { database throws in
                try database.execute(sql: "BEGIN IMMEDIATE")
                let results = store.carryOutAsGroup([
                    change, .add(name("p/bob"), grant("1"), obtainedAt: nil),
                ])
                let busy = StoreError.database(path: state.database, code: 5, message: "database is locked")
                #expect(results == [.failure(busy), .failure(busy)])
                #expect(try store.grant(of: record)?.grant == grant("1"))
                try database.execute(sql: "ROLLBACK")
            }
            try other.close()
            #expect(try store.carryOut(change) == .stored(record, Generation(2)))
            #expect(try store.grant(of: record)?.grant == grant("2"))
        }
    }

    @Test(
        "A write that the kernel refuses leaves the old grant, fails the whole group, and is repeated on a new descriptor (R2)"
    )
    func failedSystemWrite() async {
        // In a process of its own: the limit on the size of files is a process's.
        await #expect(processExitsWith: .success) {
            if let failure = try Self.writeBeyondLimit() { preconditionFailure(failure) }
        }
    }

    /// - Returns: what went wrong.
    private static func writeBeyondLimit() throws -> String? {
        let state = try TemporaryStore()
        let store = try state.open()
        let record = try store.added(name("p/alice"), grant("1"))
        signal(SIGXFSZ, SIG_IGN)
        var unlimited = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &unlimited)
        let log = try FileManager.default.attributesOfItem(atPath: state.path("grants.db-wal"))
        // Room for a few pages of the group, so that it fails with some of it written.
        var limited = rlimit(
            rlim_cur: UInt((log[.size] as? Int ?? 0) + 3 * 4096), rlim_max: unlimited.rlim_max)
        setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limited)
        let changes =
            [Change.replace(record, after: .first, grant("2"), obtainedAt: nil, succeededAt: nil)]
            + (0..<40).map { .add(name("p/a\($0)"), grant("1"), obtainedAt: nil) }
        for _ in 0..<3 {
            for result in store.carryOutAsGroup(changes) {
                guard case .failure(.database) = result else { return "not refused" }
            }
            guard try store.grant(of: record)?.grant == grant("1") else { return "old grant lost" }
        }
        setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &unlimited)
        for result in store.carryOutAsGroup(changes) {
            guard case .success(.stored) = result else { return "not repeated" }
        }
        let image = try state.crashImage()
        let recovered = try image.use { (try $0.grant(of: record)?.grant, try $0.records().count) }
        guard recovered == (grant("2"), 41) else { return "not durable" }
        store.close()
        return try state.use { try $0.records().count } == 41 ? nil : "lost at the stop"
    }

    @Test("100,000 accounts are added and loaded (the times are printed)")
    func hundredThousand() throws {
        let count = 100_000
        let clock = ContinuousClock()
        let adding = try clock.measure {
            try state.use { store throws in
                let stored = Atomic(0)
                let done = DispatchSemaphore(value: 0)
                let token = String(repeating: "t", count: 400)
                for index in 0..<count {
                    store.submit(.add(name("p/user\(index)"), grant(token), obtainedAt: nil)) { result in
                        if case .success(.stored) = result { stored.add(1, ordering: .relaxed) }
                        if index == count - 1 { done.signal() }
                    }
                }
                done.wait()
                #expect(stored.load(ordering: .relaxed) == count)
            }
        }
        var loaded = 0
        var intact = 0
        let loading = try clock.measure {
            try state.use { store throws in
                try store.load(.now()) { record in
                    loaded += 1
                    if case .account = record { intact += 1 }
                }
            }
        }
        #expect(loaded == count)
        #expect(intact == count)
        print("grant store: \(count) added in \(adding), loaded in \(loading)")
    }
}
