// Decides how a backup is read: page by page, so that neither side holds it whole and each answer has the time of one call.
// That all pages are of one store is looked at here: between two of them the daemon may have been restarted with another.

import StrictJSON
import Vocabulary
import WireProtocol

/// A page of `BACKUP`.
public struct BackupPart: Hashable, Sendable {
    public var header: BackupHeader
    /// In the order of their record numbers.
    public var entries: [BackupEntry]
    public var hasMore: Bool
}

extension TokenClient {
    /// The records behind `record`, sealed. For root and the daemon's own user.
    /// - Parameter origin: what the page before it was of.
    public func backup(
        after record: RecordID? = nil, of origin: BackupOrigin? = nil
    ) throws(TokenClientError) -> BackupPart {
        let answer = try send(.backup(BackupOptions(after: record)))
        guard let header = answer.data.first.flatMap(BackupHeader.init),
            origin == nil || origin == header.origin
        else { throw .malformedAnswer }
        var entries: [BackupEntry] = []
        entries.reserveCapacity(answer.data.count)
        var last = record
        for json in answer.data.dropFirst() {
            guard let entry = BackupEntry(json), entry.record.rowID > last?.rowID ?? -1 else {
                throw .malformedAnswer
            }
            last = entry.record
            entries.append(entry)
        }
        let hasMore = answer.text.hasSuffix(" more")
        // `more` behind nothing would go on for ever.
        guard !hasMore || !entries.isEmpty else { throw .malformedAnswer }
        return BackupPart(header: header, entries: entries, hasMore: hasMore)
    }
}
