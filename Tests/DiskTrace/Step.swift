// Decides what is remembered of an operation: enough to carry it out again on a model of the disk.

import Foundation

/// An operation that succeeded, a sync whether it did or not, or a note of the test. Paths are relative to the
/// watched directory, which is itself "".
public enum Step: Hashable, Sendable {
    case create(String)
    case write(String, at: Int, Data)
    case truncate(String, size: Int)
    /// The file grew, with zeros.
    case allocate(String, size: Int)
    case sync(String, isGood: Bool)
    case syncDirectory(String, isGood: Bool)
    case rename(String, to: String)
    /// A file or an empty directory.
    case unlink(String)
    case makeDirectory(String)
    case note(String)
}

extension Step: CustomStringConvertible {
    public var description: String {
        switch self {
        case .create(let path): "create \(path)"
        case .write(let path, let offset, let bytes): "write \(path) \(offset)+\(bytes.count)"
        case .truncate(let path, let size): "truncate \(path) to \(size)"
        case .allocate(let path, let size): "allocate \(path) up to \(size)"
        case .sync(let path, let isGood): "sync \(path)\(isGood ? "" : " failed")"
        case .syncDirectory(let path, let isGood): "sync directory \"\(path)\"\(isGood ? "" : " failed")"
        case .rename(let path, let target): "rename \(path) to \(target)"
        case .unlink(let path): "unlink \(path)"
        case .makeDirectory(let path): "make directory \(path)"
        case .note(let text): "note: \(text)"
        }
    }
}
