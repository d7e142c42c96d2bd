// Decides how a store is opened, in the order in which least can be spoiled: the directory and its lock, the
// key, a look that writes nothing, and only then a connection that may write. What a refusal finds is left as
// it was.

import Crypto
import GRDB
import Vocabulary

/// Every account's grant, sealed, in one SQLite file that this process alone may open.
///
/// Its methods may be called on any thread. A change is durable (R1, R3) when its completion reports it.
public final class GrantStore: Sendable {
    private let directory: StateDirectory
    let sealer: Sealer
    let tokenEndpoint: @Sendable (ProviderName) -> String?
    private let writer: Writer
    let reader: DatabaseQueue
    let path: String
    let bootID: String
    /// Whose records a backup of this store holds.
    public let origin: BackupOrigin

    /// Opens the store in `directory`, or makes one where there is none, and owns it until `close`.
    /// - Parameters:
    ///   - directory: made where it is absent; its parent must exist.
    ///   - tokenEndpoint: what a provider's grants are sealed for; nil for one that is not configured.
    public convenience init(
        directory: String, key: KeySource, tokenEndpoint: @escaping @Sendable (ProviderName) -> String?
    ) throws(StoreError) {
        try self.init(directory, key, .current, tokenEndpoint)
    }

    init(
        _ path: String, _ source: KeySource, _ schema: Schema, bootID: String = BootID.current(),
        _ tokenEndpoint: @escaping @Sendable (ProviderName) -> String?
    ) throws(StoreError) {
        self.bootID = bootID
        directory = try StateDirectory(path)
        self.tokenEndpoint = tokenEndpoint
        let file = DatabaseFile(directory: directory, schema: schema)
        self.path = file.path
        let exists = try file.exists()
        if !exists { try directory.syncParent() }
        sealer = Sealer(try Self.key(source, directory, of: exists ? file : nil), bootID: bootID)
        if !exists { try file.make(keyID: sealer.keyID) }
        try file.inspect(keyID: sealer.keyID)
        let database = try file.openForWriting()
        try DatabaseFile.translating(file.path) {
            try database.writeWithoutTransaction { connection in
                try schema.migrate(connection)
                // What a crash left in the log goes into the database before anything is added: the log might
                // be in the page cache only, after a sync that failed.
                _ = try connection.checkpoint(.truncate)
            }
        }
        reader = try file.openForReading()
        origin = BackupOrigin(keyID: sealer.keyID, storeID: try Self.storeID(reader, file.path))
        writer = Writer(database, file, sealer, bootID, tokenEndpoint)
    }

    private static func key(
        _ source: KeySource, _ directory: StateDirectory, of database: DatabaseFile?
    ) throws(StoreError) -> SymmetricKey {
        if let key = try source.read(directory) { return key }
        guard let database else { return try KeySource.make(directory) }
        throw .keyMissing(path: directory.path(of: KeySource.fileName), database: database.path)
    }

    /// Calls `body` with every record, in the order of addition. Records of providers that are not configured
    /// are left out; they stay in the file. Access tokens are opened; a refresh token only where a mark must be
    /// compared with it.
    /// - Complexity: some 10 us per record.
    public func load(_ now: Moment, _ body: (LoadedRecord) -> Void) throws(StoreError) {
        try DatabaseFile.translating(path) {
            try reader.read { database in
                let rows = try Row.fetchCursor(database, sql: GrantRow.all)
                while let row = try rows.next() {
                    if let record = open(GrantRow.read(row), now) { body(record) }
                }
            }
        }
    }

    /// Queues a change. Changes are carried out in the order of their submission, and those that arrive
    /// during a commit share the next one; metadata has one of its own after it.
    /// - Parameter completion: called once, on the store's queue, after the commit; must not block. A failure
    ///   says that nothing of the change was written; submitting it again tries on a fresh connection.
    public func submit(
        _ change: Change, completion: @escaping @Sendable (Result<ChangeOutcome, StoreError>) -> Void
    ) {
        writer.submit(change, completion)
    }

    /// The whole grant of an account, opened for a refresh; nil where the record is gone. Reads while others
    /// write.
    /// - Throws: `recordDamaged`, `providerNotConfigured`, or what SQLite says.
    public func grant(
        of record: RecordID
    ) throws(StoreError) -> (grant: Grant, generation: Generation)? {
        let reading = try DatabaseFile.translating(path) {
            try reader.read { database in
                let statement = try database.cachedStatement(sql: GrantRow.one)
                return try Row.fetchOne(statement, arguments: [record.rowID]).map(GrantRow.read)
            }
        }
        switch reading {
        case nil, .nameless: return nil
        case .malformed(_, let account, _): throw .recordDamaged(account, .malformed)
        case .row(let row):
            guard let endpoint = tokenEndpoint(row.account.provider) else {
                throw .providerNotConfigured(row.account.provider)
            }
            do {
                let subject = try row.subject(configured: endpoint)
                return (try sealer.open(row.sealed, as: subject), row.generation)
            } catch {
                throw .recordDamaged(row.account, error)
            }
        }
    }

    /// The record of an account; nil where there is none.
    public func record(of account: AccountName) throws(StoreError) -> RecordID? {
        try DatabaseFile.translating(path) {
            try reader.read { database in
                try Int64.fetchOne(
                    database, sql: "SELECT record FROM grants WHERE account = ?", arguments: [account.text]
                ).map(RecordID.init(rowID:))
            }
        }
    }

    /// Carries out everything submitted, closes the file and gives the directory up, in this order. Blocks;
    /// must not be called from a completion. Later submissions fail with `closed`.
    public func close() {
        // The writer is the last connection: closing it moves the log into the database.
        try? reader.close()
        writer.close()
        directory.release()
    }

    private func open(_ reading: GrantRow.Reading, _ now: Moment) -> LoadedRecord? {
        switch reading {
        case .nameless(let record): return .nameless(record)
        case .malformed(let record, let account, let generation):
            guard tokenEndpoint(account.provider) != nil else { return nil }
            return .damaged(record, account, generation, cause: .malformed)
        case .row(let row):
            guard let endpoint = tokenEndpoint(row.account.provider) else { return nil }
            do {
                let subject = try row.subject(configured: endpoint)
                let opened = try sealer.openAccess(row.sealed, as: subject)
                return .account(
                    StoredAccount(
                        record: row.record, account: row.account, generation: row.generation,
                        accessToken: opened.accessToken, obtainedAt: row.sealed.obtainedAt,
                        scope: opened.scope, hasRefreshToken: opened.hasRefreshToken,
                        awaitsFirstExchange: opened.awaitsFirstExchange,
                        refreshTokenExpiresAt: opened.refreshTokenExpiresAt, lastSuccessAt: row.lastSuccessAt,
                        standing: try standing(row, subject, now)))
            } catch {
                return .damaged(row.record, row.account, row.generation, cause: error)
            }
        }
    }

    /// What the record's mark says, if it is this refresh token's.
    private func standing(
        _ row: GrantRow, _ subject: Sealer.Subject, _ now: Moment
    ) throws(RecordDamage) -> Standing? {
        guard let mark = row.mark else { return nil }
        let grant = try sealer.open(row.sealed, as: subject)
        guard mark.refreshHash == sealer.refreshHash(grant.refreshToken, of: subject.account) else {
            return nil
        }
        return mark.standing(bootID: bootID, now)
    }
}
