// Decides the SQL of records and how a row is read: with suspicion, for a damaged file can hold anything in
// any column, and one bad row must be neither a crash nor the end of the others.

import Foundation
import GRDB
import Vocabulary

/// A row of `grants`, as far as it could be read.
struct GrantRow {
    let record: RecordID
    let account: AccountName
    let generation: Generation
    let tokenEndpoint: String
    let sealed: Sealer.SealedGrant
    let lastSuccessAt: WallTime?

    private static let columns = """
        record, account, generation, token_endpoint, sealed_access, sealed_refresh, expires_at_ns, obtained_at_ns,
        last_success_at_ns
        """
    /// In the order of addition.
    static let all = "SELECT \(columns) FROM grants ORDER BY record"
    static let one = "SELECT \(columns) FROM grants WHERE record = ?"

    /// A row's name and number are enough to quarantine it.
    enum Reading {
        case row(GrantRow)
        case malformed(RecordID, AccountName, Generation)
        case nameless(RecordID)
    }

    static func read(_ row: Row) -> Reading {
        let record = RecordID(rowID: integer(row, 0) ?? 0)
        guard let account = text(row, 1).flatMap({ AccountName($0) }) else { return .nameless(record) }
        guard let generation = integer(row, 2), generation > 0 else {
            return .malformed(record, account, .first)
        }
        guard let endpoint = text(row, 3), let access = blob(row, 4), let refresh = blob(row, 5) else {
            return .malformed(record, account, Generation(UInt64(generation)))
        }
        let sealed = Sealer.SealedGrant(
            refresh: refresh, access: access, expiresAt: time(row, 6), obtainedAt: time(row, 7))
        return .row(
            GrantRow(
                record: record, account: account, generation: Generation(UInt64(generation)),
                tokenEndpoint: endpoint, sealed: sealed, lastSuccessAt: time(row, 8)))
    }

    /// What this record must have been sealed as; throws where it was sealed for another endpoint than
    /// `configured`.
    func subject(configured: String) throws(RecordDamage) -> Sealer.Subject {
        guard tokenEndpoint == configured else {
            throw .otherEndpoint(sealedFor: tokenEndpoint, configured: configured)
        }
        return Sealer.Subject(account: account, tokenEndpoint: configured, generation: generation)
    }

    private static func integer(_ row: Row, _ column: Int) -> Int64? {
        let value: DatabaseValue = row[column]
        guard case .int64(let integer) = value.storage else { return nil }
        return integer
    }

    private static func text(_ row: Row, _ column: Int) -> String? {
        let value: DatabaseValue = row[column]
        guard case .string(let text) = value.storage else { return nil }
        return text
    }

    private static func blob(_ row: Row, _ column: Int) -> Data? {
        let value: DatabaseValue = row[column]
        guard case .blob(let data) = value.storage else { return nil }
        return data
    }

    private static func time(_ row: Row, _ column: Int) -> WallTime? {
        integer(row, column).map(WallTime.init(nanoseconds:))
    }
}

// MARK: Writing

extension GrantRow {
    /// The account of a record; it never changes.
    static func account(of record: RecordID, _ database: Database) throws -> AccountName? {
        let statement = try database.cachedStatement(sql: "SELECT account FROM grants WHERE record = ?")
        return try String.fetchOne(statement, arguments: [record.rowID]).flatMap { AccountName($0) }
    }

    static func insert(
        _ sealed: Sealer.SealedGrant, as subject: Sealer.Subject, _ database: Database
    ) throws -> ChangeOutcome {
        let statement = try database.cachedStatement(
            sql: """
                INSERT INTO grants (account, generation, token_endpoint, sealed_access, sealed_refresh,
                    expires_at_ns, obtained_at_ns)
                VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (account) DO NOTHING
                """)
        try statement.execute(arguments: [
            subject.account.text, stored(subject.generation), subject.tokenEndpoint, sealed.access,
            sealed.refresh,
            sealed.expiresAt?.nanoseconds, sealed.obtainedAt?.nanoseconds,
        ])
        guard database.changesCount == 1 else { return .exists }
        return .stored(RecordID(rowID: database.lastInsertedRowID), subject.generation)
    }

    static func update(
        _ record: RecordID, after generation: Generation, to sealed: Sealer.SealedGrant,
        as subject: Sealer.Subject, succeededAt: WallTime?, _ database: Database
    ) throws -> ChangeOutcome {
        let statement = try database.cachedStatement(
            sql: """
                UPDATE grants SET previous_generation = generation, previous_token_endpoint = token_endpoint,
                    previous_sealed_refresh = sealed_refresh, generation = ?, token_endpoint = ?, sealed_access = ?,
                    sealed_refresh = ?, expires_at_ns = ?, obtained_at_ns = ?,
                    last_success_at_ns = coalesce(?, last_success_at_ns)
                WHERE record = ? AND generation = ?
                """)
        try statement.execute(arguments: [
            stored(subject.generation), subject.tokenEndpoint, sealed.access, sealed.refresh,
            sealed.expiresAt?.nanoseconds, sealed.obtainedAt?.nanoseconds, succeededAt?.nanoseconds,
            record.rowID, stored(generation),
        ])
        return database.changesCount == 1 ? .stored(record, subject.generation) : .gone
    }

    static func delete(_ record: RecordID, _ database: Database) throws -> ChangeOutcome {
        let statement = try database.cachedStatement(sql: "DELETE FROM grants WHERE record = ?")
        try statement.execute(arguments: [record.rowID])
        return database.changesCount == 1 ? .removed : .gone
    }

    /// SQLite's integers end at 2^63 - 1, which no count of rotations reaches.
    private static func stored(_ generation: Generation) -> Int64 { Int64(clamping: generation.number) }
}
