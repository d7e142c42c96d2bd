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
    /// nil where the refresh token was not presented, or a mark is of another generation.
    let mark: MarkRow.Reading?

    private static let columns = """
        grants.record, account, grants.generation, token_endpoint, sealed_access, sealed_refresh, expires_at_ns,
        obtained_at_ns, last_success_at_ns
        """
    private static let markColumn = 9
    private static let select = """
        SELECT \(columns), \(MarkRow.columns) FROM grants LEFT JOIN marks ON marks.record = grants.record
        """
    /// In the order of addition.
    static let all = select + " ORDER BY grants.record"
    static let one = select + " WHERE grants.record = ?"
    static let page = select + " WHERE grants.record > ? ORDER BY grants.record LIMIT ?"

    /// A row's name and number are enough to quarantine it.
    enum Reading {
        case row(GrantRow)
        case malformed(RecordID, AccountName, Generation)
        case nameless(RecordID)
    }

    static func read(_ row: Row) -> Reading {
        let record = RecordID(rowID: row.integer(0) ?? 0)
        guard let account = row.text(1).flatMap({ AccountName($0) }) else { return .nameless(record) }
        guard let generation = row.integer(2), generation > 0 else {
            return .malformed(record, account, .first)
        }
        guard let endpoint = row.text(3), let access = row.blob(4), let refresh = row.blob(5) else {
            return .malformed(record, account, Generation(UInt64(generation)))
        }
        let sealed = Sealer.SealedGrant(
            refresh: refresh, access: access, expiresAt: row.time(6), obtainedAt: row.time(7))
        let mark = MarkRow.read(row, from: markColumn)
        return .row(
            GrantRow(
                record: record, account: account, generation: Generation(UInt64(generation)),
                tokenEndpoint: endpoint, sealed: sealed, lastSuccessAt: row.time(8),
                mark: mark?.generation.number == UInt64(generation) ? mark : nil))
    }

    /// What this record must have been sealed as; throws where it was sealed for another endpoint than
    /// `configured`.
    func subject(configured: String) throws(RecordDamage) -> Sealer.Subject {
        guard tokenEndpoint == configured else {
            throw .otherEndpoint(sealedFor: tokenEndpoint, configured: configured)
        }
        return Sealer.Subject(account: account, tokenEndpoint: configured, generation: generation)
    }
}

/// Values as they are in the file: what has another type counts as absent.
extension Row {
    func integer(_ column: Int) -> Int64? {
        let value: DatabaseValue = self[column]
        guard case .int64(let integer) = value.storage else { return nil }
        return integer
    }

    func text(_ column: Int) -> String? {
        let value: DatabaseValue = self[column]
        guard case .string(let text) = value.storage else { return nil }
        return text
    }

    func blob(_ column: Int) -> Data? {
        let value: DatabaseValue = self[column]
        guard case .blob(let data) = value.storage else { return nil }
        return data
    }

    func time(_ column: Int) -> WallTime? { integer(column).map(WallTime.init(nanoseconds:)) }
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
            subject.account.text, subject.generation.stored, subject.tokenEndpoint, sealed.access,
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
            subject.generation.stored, subject.tokenEndpoint, sealed.access, sealed.refresh,
            sealed.expiresAt?.nanoseconds, sealed.obtainedAt?.nanoseconds, succeededAt?.nanoseconds,
            record.rowID, generation.stored,
        ])
        guard database.changesCount == 1 else { return .gone }
        try MarkRow.delete(record, database)
        return .stored(record, subject.generation)
    }

    static func delete(_ record: RecordID, _ database: Database) throws -> ChangeOutcome {
        let statement = try database.cachedStatement(sql: "DELETE FROM grants WHERE record = ?")
        try statement.execute(arguments: [record.rowID])
        guard database.changesCount == 1 else { return .gone }
        try MarkRow.delete(record, database)
        return .removed
    }
}

extension Generation {
    /// SQLite's integers end at 2^63 - 1, which no count of rotations reaches.
    var stored: Int64 { Int64(clamping: number) }
}
