// Decides the SQL of logins under way: what a restart must not forget between the moment a user is sent to a provider and
// the moment he comes back. What a login holds is its owner's business; here it is a sealed text under a name that nobody
// can read from the file.

import Foundation
import GRDB
import Vocabulary

/// A login under way, as the store keeps it.
public struct StoredLogin: Hashable, Sendable {
    /// Unique, and a secret: whoever knows it can end the login.
    public let name: Secret
    public let expiresAt: WallTime
    public let content: Secret

    public init(name: Secret, expiresAt: WallTime, content: Secret) {
        self.name = name
        self.expiresAt = expiresAt
        self.content = content
    }
}

/// A row of `logins`.
enum LoginRow {
    /// Writes the login; those that have expired by `now` are deleted with it.
    static func keep(
        _ id: Data, _ expiresAt: WallTime, _ sealed: Data, _ now: WallTime, _ database: Database
    ) throws -> ChangeOutcome {
        try database.cachedStatement(sql: "DELETE FROM logins WHERE expires_at_ns <= ?")
            .execute(arguments: [now.nanoseconds])
        try database.cachedStatement(
            sql: "INSERT OR REPLACE INTO logins (id, expires_at_ns, sealed) VALUES (?, ?, ?)"
        ).execute(arguments: [id, expiresAt.nanoseconds, sealed])
        return .kept
    }

    /// Deletes the login: whoever is told `taken` is the only one who was.
    static func take(_ id: Data, _ database: Database) throws -> ChangeOutcome {
        try database.cachedStatement(sql: "DELETE FROM logins WHERE id = ?").execute(arguments: [id])
        return database.changesCount == 1 ? .taken : .gone
    }

    /// Those that have not expired, in the order of their expiry; a row that has other types than ours is left out.
    static func all(
        after now: WallTime, _ database: Database
    ) throws -> [(id: Data, expiresAt: WallTime, sealed: Data)] {
        let sql =
            "SELECT id, expires_at_ns, sealed FROM logins WHERE expires_at_ns > ? ORDER BY expires_at_ns"
        return try Row.fetchAll(database, sql: sql, arguments: [now.nanoseconds]).compactMap { row in
            guard let id = row.blob(0), let expiresAt = row.time(1), let sealed = row.blob(2) else {
                return nil
            }
            return (id, expiresAt, sealed)
        }
    }
}

extension GrantStore {
    /// The logins under way; one that is damaged is left out, for its user can begin anew.
    public func logins(_ now: WallTime) throws(StoreError) -> [StoredLogin] {
        let rows = try DatabaseFile.translating(path) {
            try reader.read { try LoginRow.all(after: now, $0) }
        }
        return rows.compactMap { try? sealer.openLogin($0.sealed, id: $0.id, expiresAt: $0.expiresAt) }
    }
}
