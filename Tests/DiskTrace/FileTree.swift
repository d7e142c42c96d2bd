// Decides what a state of the disk is to a test: names and contents. Modes are not traced; a tree is written out with
// the ones that tokend gives its files.

import Foundation
import Glibc

/// Files and directories by their paths relative to the root, which is not among them.
public struct FileTree: Hashable, Sendable {
    enum Entry: Sendable, Equatable {
        case directory
        case file(Data)
    }

    var entries: [String: Entry] = [:]

    public init() {}

    /// What is below a directory: regular files and directories.
    public init(readingFrom directory: String) throws {
        let manager = FileManager.default
        for path in try manager.subpathsOfDirectory(atPath: directory) {
            let whole = directory + "/" + path
            let type = try manager.attributesOfItem(atPath: whole)[.type] as? FileAttributeType
            if type == .typeDirectory { entries[path] = .directory }
            if type == .typeRegular {
                entries[path] = .file(try Data(contentsOf: URL(fileURLWithPath: whole)))
            }
        }
    }

    /// A file's content; nil where there is none.
    public subscript(_ path: String) -> Data? {
        guard case .file(let content) = entries[path] else { return nil }
        return content
    }

    /// In alphabetical order.
    public var paths: [String] { entries.keys.sorted() }

    /// Makes the tree below a directory, which is made where it is absent; what it makes must not exist. Files get the
    /// mode 0600, directories 0700.
    public func write(to directory: String) throws {
        guard mkdir(directory, 0o700) == 0 || Glibc.errno == EEXIST else { throw POSIXError.current }
        for path in paths {
            let whole = directory + "/" + path
            switch entries[path] {
            case nil, .directory: guard mkdir(whole, 0o700) == 0 else { throw POSIXError.current }
            case .file(let content): try Self.write(content, to: whole)
            }
        }
    }

    private static func write(_ content: Data, to path: String) throws {
        let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw POSIXError.current }
        defer { close(file) }
        var written = 0
        while written < content.count {
            let count = content.withUnsafeBytes {
                Glibc.write(file, $0.baseAddress! + written, content.count - written)
            }
            guard count > 0 else { throw POSIXError.current }
            written += count
        }
    }

    /// Over whole contents: `Data` itself hashes its first bytes only, and images differ anywhere.
    public func hash(into hasher: inout Hasher) {
        for path in paths {
            hasher.combine(path)
            guard let content = self[path] else { continue }
            hasher.combine(content.count)
            content.withUnsafeBytes { hasher.combine(bytes: $0) }
        }
    }
}

extension POSIXError {
    fileprivate static var current: POSIXError { POSIXError(POSIXErrorCode(rawValue: Glibc.errno) ?? .EIO) }
}
