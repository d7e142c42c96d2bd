// Decides what `RESTORE` brings: a backup's line with the header's names of key and store beside it, so that the daemon can
// judge each record by itself, whatever connection or order it comes in.

import StrictJSON
import Vocabulary

/// The options of `BACKUP`.
public struct BackupOptions: Hashable, Sendable {
    /// The most records one `BACKUP` returns, and the number where it names no limit. The daemon ends a page of long records
    /// earlier, near 1 MiB.
    public static let largestLimit = 500

    /// Only records behind this one.
    public var after: RecordID?
    public var limit: Int

    public init(after: RecordID? = nil, limit: Int = BackupOptions.largestLimit) {
        self.after = after
        self.limit = min(limit, Self.largestLimit)
    }
}

/// The record that `RESTORE` brings.
public struct RestoreRequest: Hashable, Sendable {
    public var origin: BackupOrigin
    public var sealed: SealedRecord
    /// Overwrite a grant that is as new, newer, or of another login.
    public var force: Bool

    public init(origin: BackupOrigin, sealed: SealedRecord, force: Bool = false) {
        self.origin = origin
        self.sealed = sealed
        self.force = force
    }

    /// What the request is longer than the backup's line, at most: verb, names of key and store, `force`.
    static let envelope = 128

    /// Reads the JSON object of `RESTORE`; null counts as absent.
    public static func parse(_ json: some Sequence<UInt8>) throws(RequestError) -> RestoreRequest {
        let value: JSONValue
        do { value = try JSONValue.parse(json) } catch { throw .badRequest("not a JSON object: \(error)") }
        guard let object = value.object else {
            throw .badRequest("expected a JSON object, found \(value.typeName)")
        }
        var fields = Fields(object)
        let origin = BackupOrigin(keyID: try fields.text("key_id"), storeID: try fields.text("store_id"))
        let force = try fields.flag("force")
        let request = RestoreRequest(origin: origin, sealed: try SealedRecord(&fields), force: force)
        try fields.finish()
        return request
    }

    /// The JSON object of `RESTORE`: what `parse` reads.
    public var json: JSONValue {
        var object = sealed.object
        object["key_id"] = .string(origin.keyID)
        object["store_id"] = .string(origin.storeID)
        if force { object["force"] = true }
        return .object(object)
    }
}
