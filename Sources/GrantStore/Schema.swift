// Decides the tables, and how an older file becomes a current one: numbered steps, all that are missing in
// one transaction together with the new number. Rejected: GRDB's DatabaseMigrator, whose table of names does
// not tell an older program at a glance that a file is newer than itself; `user_version` stands in the file's
// header.

import GRDB

/// The database's layout as a list of steps; a file's version is the number of steps it has seen.
struct Schema: Sendable {
    typealias Step = @Sendable (Database) throws -> Void

    /// The latest layout.
    static let current = Schema(steps: [firstLayout, marks, storeID, bootExpiries, logins, metadata])

    /// `application_id` in the file's header: "tokd".
    static let applicationID: Int64 = 0x746F_6B64

    let steps: [Step]

    /// The version of a file that has seen every step.
    var version: Int64 { Int64(steps.count) }

    /// Takes the steps that the file has not seen: all of them, or none.
    func migrate(_ database: Database) throws {
        try database.inTransaction(.immediate) {
            let seen = try Self.version(of: database)
            guard seen < version else { return .rollback }
            for step in steps[Int(seen)...] { try step(database) }
            try database.execute(sql: "PRAGMA user_version = \(version)")
            return .commit
        }
    }

    static func version(of database: Database) throws -> Int64 {
        try Int64.fetchOne(database, sql: "PRAGMA user_version") ?? 0
    }

    /// Record numbers are AUTOINCREMENT: never given twice, so a late write cannot hit an account added since
    /// (R16). Times are in nanoseconds since the epoch. `sealed_refresh` and `sealed_access` are `Sealer`'s
    /// two halves. The columns `previous_*` keep the refresh half that the last replacement replaced, sealed
    /// as generation `previous_generation` for `previous_token_endpoint`.
    private static let firstLayout: Step = { database in
        try database.execute(
            sql: """
                CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
                CREATE TABLE grants (
                    record INTEGER PRIMARY KEY AUTOINCREMENT,
                    account TEXT NOT NULL UNIQUE,
                    generation INTEGER NOT NULL,
                    token_endpoint TEXT NOT NULL,
                    expires_at_ns INTEGER,
                    obtained_at_ns INTEGER,
                    last_success_at_ns INTEGER,
                    sealed_access BLOB NOT NULL,
                    sealed_refresh BLOB NOT NULL,
                    previous_generation INTEGER,
                    previous_token_endpoint TEXT,
                    previous_sealed_refresh BLOB
                ) STRICT;
                """)
    }

    /// At most one mark per record (see `MarkRow`); `reason` is set where `state` is `rejected`.
    private static let marks: Step = { database in
        try database.execute(
            sql: """
                CREATE TABLE marks (
                    record INTEGER PRIMARY KEY,
                    generation INTEGER NOT NULL,
                    refresh_hash BLOB NOT NULL,
                    boot_id TEXT NOT NULL,
                    since_boot_ns INTEGER NOT NULL,
                    since_wall_ns INTEGER NOT NULL,
                    last_boot_ns INTEGER NOT NULL,
                    last_wall_ns INTEGER NOT NULL,
                    late_replays INTEGER NOT NULL,
                    state TEXT NOT NULL,
                    reason TEXT
                ) STRICT;
                """)
    }

    /// A name that no other store has: a backup's record numbers mean something only in the store that they come from.
    private static let storeID: Step = { database in
        try database.execute(
            sql: "INSERT OR IGNORE INTO meta (name, value) VALUES ('store_id', lower(hex(randomblob(8))))")
    }

    /// The sealed access half may end with a boot-clock expiry. No table changes and older records stay as they are, but an
    /// older program would take the newer ones for damaged: the number makes it refuse the file instead.
    private static let bootExpiries: Step = { _ in }

    /// Logins under way (see `LoginRow`). From here on a sealed grant may lack a refresh token, say when it ends, and name
    /// the account's variables.
    private static let logins: Step = { database in
        try database.execute(
            sql: """
                CREATE TABLE logins (
                    id BLOB PRIMARY KEY,
                    expires_at_ns INTEGER NOT NULL,
                    sealed BLOB NOT NULL
                ) STRICT, WITHOUT ROWID;
                CREATE INDEX logins_by_expiry ON logins (expires_at_ns);
                """)
    }

    /// What issuers told of their endpoints (see `MetadataRow`).
    private static let metadata: Step = { database in
        try database.execute(
            sql: """
                CREATE TABLE metadata (
                    provider TEXT PRIMARY KEY,
                    confirmed_at_ns INTEGER NOT NULL,
                    sealed BLOB NOT NULL
                ) STRICT, WITHOUT ROWID;
                """)
    }
}
