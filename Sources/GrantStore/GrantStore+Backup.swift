// Decides how records leave the store while it is in use: page by page, sealed as they are. Each page is one read
// transaction, so every record in it is whole: grant, generation and mark of one instant. Two pages may be of two
// instants, which is as good: records depend on nothing but themselves, and one that rotates behind the reader is a backup
// that is a rotation old, like any backup a moment later. Rejected: one transaction for all pages, which keeps the log from
// being cut for as long as a client takes to read; and SQLite's own backup, which copies pages of a file that is no file of
// ours once it has left the directory.

import Foundation
import GRDB
import Vocabulary

/// A page of a backup.
public struct BackupPage: Sendable {
    public enum Entry: Hashable, Sendable {
        case record(SealedRecord)
        /// Its row cannot be read as a record.
        case unreadable(RecordID, AccountName?)
    }

    public var entries: [Entry]
    public var hasMore: Bool
}

extension GrantStore {
    /// Sealed bytes after which a page ends, whatever its limit.
    private static let pageSize = 1 << 20

    /// At most `limit` records behind `after`, in the order of their numbers: those of providers that are not configured as
    /// well. Nothing is opened. Reads while others write.
    public func backup(after: RecordID?, limit: Int) throws(StoreError) -> BackupPage {
        try DatabaseFile.translating(path) {
            try reader.read { database in
                let statement = try database.cachedStatement(sql: GrantRow.page)
                let rows = try Row.fetchCursor(statement, arguments: [after?.rowID ?? -1, limit + 1])
                var page = BackupPage(entries: [], hasMore: false)
                var size = 0
                while let row = try rows.next() {
                    guard page.entries.count < limit, size < Self.pageSize else {
                        page.hasMore = true
                        break
                    }
                    let entry = entry(GrantRow.read(row))
                    if case .record(let sealed) = entry {
                        size += sealed.sealedRefresh.count + sealed.sealedAccess.count
                    }
                    page.entries.append(entry)
                }
                return page
            }
        }
    }

    private func entry(_ reading: GrantRow.Reading) -> BackupPage.Entry {
        switch reading {
        case .nameless(let record): return .unreadable(record, nil)
        case .malformed(let record, let account, _): return .unreadable(record, account)
        case .row(let row):
            var sealed = SealedRecord(
                record: row.record, account: row.account, generation: row.generation,
                tokenEndpoint: row.tokenEndpoint, expiresAt: row.sealed.expiresAt,
                obtainedAt: row.sealed.obtainedAt, lastSuccessAt: row.lastSuccessAt,
                sealedRefresh: Array(row.sealed.refresh), sealedAccess: Array(row.sealed.access),
                mark: row.mark.map(SealedMark.init))
            sealed.tag = sealer.tag(sealed, of: origin)
            return .record(sealed)
        }
    }

    /// The name that the schema gave the store.
    static func storeID(_ reader: DatabaseQueue, _ path: String) throws(StoreError) -> String {
        try DatabaseFile.translating(path) {
            try reader.read {
                try String.fetchOne($0, sql: "SELECT value FROM meta WHERE name = 'store_id'") ?? ""
            }
        }
    }
}

extension SealedMark {
    fileprivate init(_ mark: MarkRow.Reading) {
        self.init(
            refreshHash: Array(mark.refreshHash), bootID: mark.bootID, state: mark.state,
            reason: mark.reason,
            presentation: mark.presentation)
    }
}

extension SealedRecord {
    /// The bytes that the tag covers.
    func authenticated(with origin: BackupOrigin) -> [UInt8] {
        var fields = FieldWriter(reserving: 512 + sealedAccess.count + sealedRefresh.count)
        fields.append("backup record 1")
        fields.append(origin.keyID)
        fields.append(origin.storeID)
        fields.append(UInt64(bitPattern: record.rowID))
        fields.append(account.text)
        fields.append(generation.number)
        fields.append(tokenEndpoint)
        fields.append(expiresAt)
        fields.append(obtainedAt)
        fields.append(lastSuccessAt)
        fields.append(sealedRefresh)
        fields.append(sealedAccess)
        fields.append(mark?.state.rawValue)
        guard let mark else { return fields.bytes }
        fields.append(mark.reason?.rawValue)
        fields.append(mark.refreshHash)
        fields.append(mark.bootID)
        for moment in [mark.presentation.since, mark.presentation.last] {
            fields.append(UInt64(bitPattern: moment.boot.nanoseconds))
            fields.append(moment.wall)
        }
        fields.append(UInt64(bitPattern: Int64(mark.presentation.lateReplays)))
        return fields.bytes
    }
}
