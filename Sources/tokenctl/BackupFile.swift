// Decides how a backup reaches its name: written under another, beside it, for nobody else to read from the first byte, and
// renamed when it is whole and on the disk. So FILE is never half a backup, and one that was there before is lost only to a
// whole one. The draft's name is random (S2): nobody can put a link in its way.

import Glibc
import TokenClient

/// The file that a backup is written to. Unless published, it leaves nothing behind.
final class BackupFile {
    private let path: String
    private let name: String
    private let draft: String
    private let overwrites: Bool
    private let directory: Int32
    private var descriptor: Int32 = -1

    /// Opens a draft beside `path`.
    /// - Parameter overwrites: whether a file of that name may be there.
    init(_ path: String, overwrites: Bool) throws(Complaint) {
        let slash = path.utf8.lastIndex(of: UInt8(ascii: "/"))
        name = slash.map { String(path[path.utf8.index(after: $0)...]) } ?? path
        let parent = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        draft = ".\(name).\(UInt64.random(in: .min ... .max)).draft"
        self.path = path
        self.overwrites = overwrites
        directory = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else {
            throw Complaint(.badRequest, "\(parent.printable) cannot be opened: \(systemError(errno))")
        }
        guard !name.isEmpty, name != ".", name != ".." else {
            throw Complaint(.badRequest, "\(path.printable) is no file's name")
        }
        try refuseOccupied()
        descriptor = openat(directory, draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        // The umask may have taken bits from the owner.
        guard descriptor >= 0, fchmod(descriptor, 0o600) == 0 else { throw failed(errno) }
    }

    deinit {
        if descriptor >= 0 {
            close(descriptor)
            unlinkat(directory, draft, 0)
        }
        if directory >= 0 { close(directory) }
    }

    func write(_ bytes: [UInt8]) throws(Complaint) {
        let code = bytes.withUnsafeBytes { writeAll($0, to: descriptor) }
        guard code == 0 else { throw failed(code) }
    }

    /// Whether a file of that name is there.
    var isOccupied: Bool {
        var status = stat()
        return fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) == 0
    }

    /// Makes the file durable and gives it its name.
    func publish() throws(Complaint) {
        guard fsync(descriptor) == 0 else { throw failed(errno) }
        try takeName()
        close(descriptor)
        descriptor = -1
        guard fsync(directory) == 0 else { throw failed(errno) }
    }

    /// A second name takes no place that is taken, as rename(2) would; where the file system has no second names, a look
    /// must do.
    private func takeName() throws(Complaint) {
        if !overwrites {
            if linkat(directory, draft, directory, name, 0) == 0 {
                unlinkat(directory, draft, 0)
                return
            }
            guard errno != EEXIST else { throw exists }
        }
        try refuseOccupied()
        guard renameat(directory, draft, directory, name) == 0 else { throw failed(errno) }
    }

    /// Never a device or a link, whatever is asked for: /dev/null is not to be replaced by a file.
    private func refuseOccupied() throws(Complaint) {
        var status = stat()
        guard fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw Complaint(.badRequest, "\(path.printable) is no regular file")
        }
        guard overwrites else { throw exists }
    }

    private var exists: Complaint {
        Complaint(.badRequest, "\(path.printable) is there already; --force overwrites it")
    }

    private func failed(_ code: Int32) -> Complaint {
        Complaint(.internal, "\(path.printable) cannot be written: \(systemError(code))")
    }
}
