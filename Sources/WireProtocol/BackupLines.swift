// Decides the lines of a backup, the same in `BACKUP`'s answer and in the file: a header, a line for each record, and in the
// file a trailer with their number, so that a file cut short is known before anything of it is restored. One object with
// everything in it was rejected: neither side could begin before the other has ended.

import StrictJSON
import Vocabulary

/// The first line: whose records follow.
public struct BackupHeader: Hashable, Sendable {
    /// The form of all lines.
    public static let version: Int64 = 1

    public var origin: BackupOrigin
    public var createdAt: WallTime

    public init(origin: BackupOrigin, createdAt: WallTime) {
        self.origin = origin
        self.createdAt = createdAt
    }

    public var json: JSONValue {
        [
            "tokend_backup": JSONValue(Self.version), "key_id": .string(origin.keyID),
            "store_id": .string(origin.storeID), "created_at": JSONValue(createdAt.epochSeconds),
        ]
    }

    /// The form that `json` claims to be the header of; nil where it is no header.
    public static func version(of json: JSONValue) -> Int64? {
        json.object?["tokend_backup"]?.number?.exactInteger
    }

    /// nil where `json` is no header of this version.
    public init?(_ json: JSONValue) {
        guard Self.version(of: json) == Self.version, let object = json.object,
            let keyID = object["key_id"]?.string, let storeID = object["store_id"]?.string,
            let createdAt = object["created_at"]?.number?.exactInteger
        else { return nil }
        self.init(
            origin: BackupOrigin(keyID: keyID, storeID: storeID),
            createdAt: WallTime(epochSeconds: createdAt))
    }
}

/// The last line of a file.
public struct BackupTrailer: Hashable, Sendable {
    /// How many records are between header and trailer.
    public var records: Int64

    public init(records: Int64) { self.records = records }

    public var json: JSONValue { ["tokend_backup_end": JSONValue(records)] }

    /// nil where `json` is no trailer.
    public init?(_ json: JSONValue) {
        guard let object = json.object, object.members.count == 1,
            let records = object["tokend_backup_end"]?.number?.exactInteger
        else { return nil }
        self.init(records: records)
    }
}

/// What `BACKUP` has of one record.
public enum BackupEntry: Hashable, Sendable {
    case record(SealedRecord)
    /// It cannot be copied: its row is damaged, or longer than `RESTORE` takes. Told, so that nobody relies on a backup that
    /// lacks it, and not part of the file.
    case leftOut(RecordID, AccountName?, why: String)

    public var record: RecordID {
        switch self {
        case .record(let sealed): sealed.record
        case .leftOut(let record, _, _): record
        }
    }

    public var json: JSONValue {
        switch self {
        case .record(let sealed): sealed.json
        case .leftOut(let record, let account, let why):
            [
                "record": JSONValue(record.rowID), "account": JSONValue(account?.text),
                "left_out": .string(why),
            ]
        }
    }

    /// nil where `json` is neither.
    public init?(_ json: JSONValue) {
        guard let object = json.object else { return nil }
        if let why = object["left_out"]?.string, let record = object["record"]?.number?.exactInteger {
            let account = object["account"]?.string.flatMap { AccountName($0) }
            self = .leftOut(RecordID(rowID: record), account, why: why)
        } else if let sealed = try? SealedRecord(object) {
            self = .record(sealed)
        } else {
            return nil
        }
    }
}

extension Reply {
    /// The answer of `BACKUP`: the header, a `DATA` line for each record, then `OK <count> [more]`. A record that `RESTORE`
    /// could not take is told as left out.
    public static func backup(_ header: BackupHeader, _ entries: [BackupEntry], more: Bool) -> [UInt8] {
        var bytes = data(header.json)
        for entry in entries {
            let line = data(entry.json)
            let isTooLong = line.count + RestoreRequest.envelope > LineLimit.backup
            bytes += isTooLong ? data(entry.tooLong.json) : line
        }
        return bytes + ok("\(entries.count)\(more ? " more" : "")")
    }

    private static func data(_ json: JSONValue) -> [UInt8] {
        var bytes = Array("DATA ".utf8)
        json.write(to: &bytes)
        bytes.append(UInt8(ascii: "\n"))
        return bytes
    }
}

extension BackupEntry {
    fileprivate var tooLong: BackupEntry {
        guard case .record(let sealed) = self else { return self }
        return .leftOut(sealed.record, sealed.account, why: "its tokens are too long for a line")
    }
}
