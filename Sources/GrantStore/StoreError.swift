// Decides what can go wrong around the store, each case with the facts that its reader needs: the operator
// who must mend a path or a key, and the caller who must know whether to try again. Never a secret, never a
// record's content.

import Glibc
import Vocabulary

/// Why the store refuses to open, or could not read or write.
public enum StoreError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A system call failed; `action` is a verb.
    case system(_ action: String, path: String, errno: Int32)
    /// A directory, file, symbolic link or the like where another is needed.
    case wrongKind(path: String, found: FileKind, expected: FileKind)
    case wrongOwner(path: String, owner: UInt32, expected: UInt32)
    /// The mode grants others something, or ourselves too little.
    case wrongMode(path: String, mode: UInt32, expected: UInt32)
    /// The state directory is on a file system mounted read-only.
    case readOnly(directory: String)
    /// Another process holds the state directory's lock.
    case ownedByAnother(directory: String)
    /// There is a database but no key file.
    case keyMissing(path: String, database: String)
    /// What should be the key is not 32 bytes in text.
    case keyMalformed(source: String)
    /// The store was sealed under another key.
    case otherKey(database: String)
    /// An SQLite database, but not ours.
    case foreignDatabase(path: String)
    /// A write-ahead log without its database.
    case databaseMissing(path: String, log: String)
    /// A later version of this program wrote it.
    case newerSchema(path: String, found: Int64, known: Int64)
    /// SQLite failed; `code` is its extended result code.
    case database(path: String, code: Int32, message: String)
    /// The one record that was asked for cannot be opened.
    case recordDamaged(AccountName, RecordDamage)
    /// The account's provider has no token endpoint to seal for.
    case providerNotConfigured(ProviderName)
    /// The store was closed before.
    case closed

    public var description: String {
        switch self {
        case .system(let action, let path, let errno):
            "cannot \(action) \(path): \(String(cString: strerror(errno)))"
        case .wrongKind(let path, let found, let expected): "\(path) is \(found); it must be \(expected)"
        case .wrongOwner(let path, let owner, let expected):
            "\(path) belongs to uid \(owner); it must belong to uid \(expected)"
        case .wrongMode(let path, let mode, let expected):
            "\(path) has mode \(Self.octal(mode)); it must be \(Self.octal(expected))"
        case .readOnly(let directory): "the state directory \(directory) is on a read-only file system"
        case .ownedByAnother(let directory): "another tokend owns \(directory)"
        case .keyMissing(let path, let database):
            "the key file \(path) is missing, but \(database) exists: put the key back"
        case .keyMalformed(let source): "\(source) must hold 32 bytes as base64 or as 64 hex digits"
        case .otherKey(let database):
            "\(database): the encryption key is not the one this store was sealed with"
        case .foreignDatabase(let path): "\(path) is not a database of tokend"
        case .databaseMissing(let path, let log):
            "\(path) is missing, but \(log) exists: put the database back"
        case .newerSchema(let path, let found, let known):
            "\(path) has schema version \(found); this tokend knows versions up to \(known)"
        case .database(let path, let code, let message): "\(path): \(message) (SQLite code \(code))"
        case .recordDamaged(let account, let damage):
            "\(account): the stored record cannot be used: \(damage)"
        case .providerNotConfigured(let provider): "the provider \(provider) is not configured"
        case .closed: "the store is closed"
        }
    }

    private static func octal(_ mode: UInt32) -> String {
        let digits = String(mode, radix: 8)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}

/// What stands at a path (`S_IFMT` of stat(2)).
public enum FileKind: String, Hashable, Sendable, CustomStringConvertible {
    case directory = "a directory"
    case regularFile = "a regular file"
    case symbolicLink = "a symbolic link"
    case special = "a device, socket or pipe"

    public var description: String { rawValue }
}

/// Why one record cannot be opened; the other records are unaffected.
public enum RecordDamage: Error, Hashable, Sendable, CustomStringConvertible {
    case otherEndpoint(sealedFor: String, configured: String)
    /// Sealed by a later version of this program, or not sealed at all.
    case unknownFormat
    /// Changed, or sealed for another account, field or generation.
    case notAuthentic
    /// Authentic, yet not what a record contains.
    case malformed

    public var description: String {
        switch self {
        case .otherEndpoint(let sealedFor, let configured):
            "it was sealed for another token endpoint: \(sealedFor), and the configuration says \(configured)"
        case .unknownFormat: "it has an unknown format"
        case .notAuthentic: "it was changed, or sealed for another account or generation"
        case .malformed: "its content is malformed"
        }
    }
}
