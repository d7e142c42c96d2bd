// Decides how the database file is made, looked at and opened. It is made under another name and appears
// whole. Before it is opened for writing it is looked at in a way that writes nothing at all, so that a start
// with the wrong key, or of an older program, leaves every byte as it was.

import Foundation
import GRDB
import Synchronization
import Vocabulary

/// `grants.db` and its companions in the state directory.
struct DatabaseFile: Sendable {
    static let name = "grants.db"
    private static let log = name + "-wal"
    private static let index = name + "-shm"
    private static let draft = name + ".new"

    let directory: StateDirectory
    let schema: Schema

    var path: String { directory.path(of: Self.name) }

    /// Whether the database is there; all its files are checked.
    func exists() throws(StoreError) -> Bool {
        let hasLog = try directory.hasFile(Self.log)
        _ = try directory.hasFile(Self.index)
        if try directory.hasFile(Self.name) { return true }
        // SQLite would throw the log away, and with it what may be the last copy of a grant.
        if hasLog { throw .databaseMissing(path: path, log: directory.path(of: Self.log)) }
        return false
    }

    /// Makes an empty store for the key of that name.
    func make(keyID: String) throws(StoreError) {
        for suffix in ["", "-journal", "-wal", "-shm"] { try directory.remove(Self.draft + suffix) }
        try directory.makeEmpty(Self.draft)
        let draft = directory.path(of: Self.draft)
        try Self.translating(draft) {
            let database = Self.keep(try DatabaseQueue(path: draft, configuration: Self.configuration()))
            // For the case of an error; kept, it would stay open.
            defer { try? database.close() }
            try database.writeWithoutTransaction { connection in
                try connection.execute(sql: "PRAGMA application_id = \(Schema.applicationID)")
                try schema.migrate(connection)
                try connection.execute(
                    sql: "INSERT INTO meta (name, value) VALUES ('key_id', ?)", arguments: [keyID])
                try Self.useLog(connection)
            }
            try database.close()
        }
        try directory.publish(Self.draft, as: Self.name)
    }

    /// Refuses a database that is not ours, newer than this program, or sealed under another key. Writes
    /// nothing.
    func inspect(keyID: String) throws(StoreError) {
        let hasIndex = try directory.hasFile(Self.index)
        // An index that SQLite made for the look alone.
        defer { if !hasIndex { try? directory.remove(Self.index) } }
        let facts = try Self.translating(path) {
            var configuration = Self.configuration()
            configuration.readonly = true
            let database = Self.keep(
                try DatabaseQueue(path: try untouchingURI(hasIndex), configuration: configuration))
            defer { try? database.close() }
            return try database.unsafeRead { try Facts($0) }
        }
        guard facts.applicationID == Schema.applicationID else { throw .foreignDatabase(path: path) }
        guard facts.version <= schema.version else {
            throw .newerSchema(path: path, found: facts.version, known: schema.version)
        }
        guard facts.keyID == keyID else { throw .otherKey(database: path) }
    }

    /// A connection for writing; `synchronous` is FULL.
    func openForWriting() throws(StoreError) -> DatabaseQueue {
        try Self.translating(path) {
            let database = try DatabaseQueue(path: path, configuration: Self.configuration())
            try database.writeWithoutTransaction { connection in
                try Self.useLog(connection)
                // GRDB's pools and WAL queues lower it to NORMAL as they open: then a power cut loses commits
                // (R3).
                try connection.execute(sql: "PRAGMA synchronous = FULL")
                let synchronous = try Int.fetchOne(connection, sql: "PRAGMA synchronous")
                precondition(synchronous == 2, "a commit must be durable when it returns")
            }
            return database
        }
    }

    /// A connection for reading, beside one for writing that stays open.
    func openForReading() throws(StoreError) -> DatabaseQueue {
        try Self.translating(path) {
            var configuration = Self.configuration()
            configuration.readonly = true
            return try DatabaseQueue(path: path, configuration: configuration)
        }
    }

    /// Keeps the object of a connection that is closed during start-up for the life of the process.
    ///
    /// Freeing a Dispatch queue with specifics, which every GRDB queue is, makes libdispatch run their destructor on a
    /// global queue; that starts its pool monitor, which wakes the process every second for ever after.
    private static func keep(_ database: DatabaseQueue) -> DatabaseQueue {
        kept.withLock { $0.append(database) }
        return database
    }

    private static let kept = Mutex<[DatabaseQueue]>([])

    /// Runs `body`, giving SQLite's errors as ours; they never carry a value.
    static func translating<Value>(_ path: String, _ body: () throws -> Value) throws(StoreError) -> Value {
        do {
            return try body()
        } catch let error as StoreError {
            throw error
        } catch let error as DatabaseError {
            throw .database(
                path: path, code: error.extendedResultCode.rawValue, message: error.message ?? "unknown error"
            )
        } catch {
            preconditionFailure("only SQLite fails here")
        }
    }
}

extension DatabaseFile {
    /// What says whether a database is ours.
    private struct Facts {
        var applicationID: Int64?
        var version: Int64
        var keyID: String?

        init(_ database: Database) throws {
            applicationID = try Int64.fetchOne(database, sql: "PRAGMA application_id")
            version = try Schema.version(of: database)
            guard applicationID == Schema.applicationID else { return }
            keyID = try String.fetchOne(database, sql: "SELECT value FROM meta WHERE name = 'key_id'")
        }
    }

    /// An URI under which SQLite (built with USE_URI, as Debian's is) reads without writing a byte of a file
    /// of ours.
    ///
    /// After a clean stop there is no log, and an immutable file is read as it is. After a crash the log is
    /// read too: with the index that is there never written, or, where a power cut has taken it, with a new
    /// one that is deleted again. A log without a header counts as none: SQLite ignores it too, but with an index
    /// that it may not write it would first try for ten seconds to make sense of it, and then give up. Rejected:
    /// reading as immutable always, which after a crash in a checkpoint finds the file malformed.
    private func untouchingURI(_ hasIndex: Bool) throws(StoreError) -> String {
        let escaped = path.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed) ?? path
        let header = try directory.read(Self.log, atMost: LogHeader.size)
        let hasLog = directory.size(of: Self.log) > LogHeader.size && LogHeader.isValid(header ?? [])
        let mode = !hasLog ? "immutable=1" : hasIndex ? "mode=ro&readonly_shm=1" : "mode=ro"
        return "file:\(escaped)?\(mode)"
    }

    private static func configuration() -> Configuration {
        var configuration = Configuration()
        configuration.label = "tokend.store.sqlite"
        configuration.foreignKeysEnabled = false
        // Nobody else writes while we hold the directory; an operator's shell gets this long to finish.
        configuration.busyMode = .timeout(2)
        configuration.prepareDatabase { connection in
            // Checkpoints come after the commits' completions (see Writer), not in the middle of a commit; a
            // log that once grew is cut back to 64 MiB. What is deleted is overwritten, nothing temporary
            // reaches a disk, and a file that somebody tampered with is read with suspicion.
            try connection.execute(
                sql: """
                    PRAGMA secure_delete = ON;
                    PRAGMA temp_store = MEMORY;
                    PRAGMA trusted_schema = OFF;
                    PRAGMA cell_size_check = ON;
                    PRAGMA wal_autocheckpoint = 0;
                    PRAGMA journal_size_limit = 67108864;
                    """)
        }
        return configuration
    }

    private static func useLog(_ connection: Database) throws {
        let mode = try String.fetchOne(connection, sql: "PRAGMA journal_mode = WAL")
        guard mode == "wal" else {
            throw DatabaseError(message: "the file system does not support a write-ahead log")
        }
    }
}
