// Decides in which ways a disk fails a test.

import CDiskTrace
import Glibc

/// The operations that a fault counts.
public struct DiskOperations: OptionSet, Hashable, Sendable {
    public let rawValue: UInt32

    public init(rawValue: UInt32) { self.rawValue = rawValue }

    private init(_ operation: disktrace_class) { rawValue = UInt32(operation.rawValue) }

    public static let create = Self(disktrace_class_create)
    public static let write = Self(disktrace_class_write)
    public static let truncate = Self(disktrace_class_truncate)
    public static let allocate = Self(disktrace_class_allocate)
    public static let sync = Self(disktrace_class_sync)
    public static let rename = Self(disktrace_class_rename)
    public static let unlink = Self(disktrace_class_unlink)
    public static let makeDirectory = Self(disktrace_class_make_directory)
    /// Opening what is there.
    public static let open = Self(disktrace_class_open)
    public static let read = Self(disktrace_class_read)

    /// Everything that changes something.
    public static let changes: Self = [
        .create, .write, .truncate, .allocate, .sync, .rename, .unlink, .makeDirectory,
    ]
    /// What needs room on the disk. A sync does where space is allotted late.
    public static let needingSpace: Self = [.create, .write, .allocate, .sync, .rename, .makeDirectory]
}

/// Which operation fails, and how.
public struct DiskFault: Hashable, Sendable {
    /// The first operation that fails, counted from 1 over `operations`.
    public let nth: Int
    public let operations: DiskOperations
    public let errno: Int32
    /// Whether every later one fails as well.
    public let isSticky: Bool
    /// Whether the operation, a write, stores half of its bytes and says so; only the attempt to write the rest
    /// fails.
    public let isShort: Bool

    /// EIO. A sync that fails so has lost what it should have made durable: a second one succeeds, and saves nothing
    /// (fsync(2), R2).
    public static func ioError(
        _ nth: Int, _ operations: DiskOperations = .changes, isSticky: Bool = false
    ) -> DiskFault {
        DiskFault(nth: nth, operations: operations, errno: EIO, isSticky: isSticky, isShort: false)
    }

    /// ENOSPC.
    public static func noSpace(
        _ nth: Int, _ operations: DiskOperations = .needingSpace, isSticky: Bool = false
    ) -> DiskFault {
        DiskFault(nth: nth, operations: operations, errno: ENOSPC, isSticky: isSticky, isShort: false)
    }

    /// A write that finds room for half of its bytes, and ENOSPC for the rest.
    public static func shortWrite(_ nth: Int, isSticky: Bool = false) -> DiskFault {
        DiskFault(nth: nth, operations: .write, errno: ENOSPC, isSticky: isSticky, isShort: true)
    }

    var parameters: disktrace_fault {
        disktrace_fault(
            classes: operations.rawValue, error: errno, nth: UInt64(nth), is_sticky: isSticky,
            is_short: isShort)
    }
}

extension DiskFault: CustomStringConvertible {
    public var description: String {
        let kind = isShort ? "a short write" : errno == ENOSPC ? "ENOSPC" : errno == EIO ? "EIO" : "\(errno)"
        return "\(kind) at operation \(nth)\(isSticky ? " and all later ones" : "")"
    }
}
