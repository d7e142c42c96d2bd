// Decides who may open a state directory and what its files must look like, all through open descriptors, so
// that what was checked is what is used. The lock is flock(2) on the directory itself: there is no lock file
// that a tidy operator could delete under a running daemon and so let a second one in. It ends with the
// process, however that ends.

import Foundation
import Glibc
import Synchronization

/// O_PATH of open(2): a descriptor for fstat(2) alone, which needs no right to read. Glibc's Swift module
/// lacks it; the value is that of x86-64 and AArch64.
private let pathOnly: Int32 = 0x20_0000

/// An exclusively held directory of mode 0700 and its files of mode 0600.
final class StateDirectory: Sendable {
    /// Without a slash at its end.
    let path: String
    private let descriptor: Int32
    private let isHeld = Atomic(true)

    /// Makes the directory where it is absent (its parent must exist), checks it and takes the lock.
    init(_ path: String) throws(StoreError) {
        var path = path
        // "link/" would be followed in spite of O_NOFOLLOW.
        while path.count > 1, path.last == "/" { path.removeLast() }
        try Self.make(path)
        let handle = open(path, pathOnly | O_NOFOLLOW | O_CLOEXEC)
        guard handle >= 0 else { throw .system("open", path: path, errno: errno) }
        defer { Glibc.close(handle) }
        try Self.check(handle, path, .directory, mode: 0o700)
        let directory = openat(handle, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { throw .system("open", path: path, errno: errno) }
        self.path = path
        descriptor = directory
        try refuseReadOnly()
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            guard errno == EWOULDBLOCK else { throw .system("lock", path: path, errno: errno) }
            throw .ownedByAnother(directory: path)
        }
    }

    deinit { release() }

    /// Gives the lock up. Nothing of the directory may be in use any more.
    func release() {
        if isHeld.exchange(false, ordering: .relaxed) { Glibc.close(descriptor) }
    }

    func path(of name: String) -> String { path + "/" + name }

    /// Whether there is an entry of that name: if so, one of ours that nobody else has access to, else an
    /// error.
    ///
    /// The file is not opened (O_PATH): closing a descriptor of a database file would drop SQLite's locks on
    /// it.
    func hasFile(_ name: String) throws(StoreError) -> Bool {
        let handle = openat(descriptor, name, pathOnly | O_NOFOLLOW | O_CLOEXEC)
        guard handle >= 0 else {
            guard errno == ENOENT else { throw .system("open", path: path(of: name), errno: errno) }
            return false
        }
        defer { Glibc.close(handle) }
        try Self.check(handle, path(of: name), .regularFile, mode: 0o600)
        return true
    }

    /// The size in bytes; 0 where there is no such file.
    func size(of name: String) -> Int {
        var status = stat()
        guard fstatat(descriptor, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else { return 0 }
        return Int(status.st_size)
    }

    /// The first bytes of a file; nil where there is none.
    func read(_ name: String, atMost limit: Int) throws(StoreError) -> [UInt8]? {
        let file = openat(descriptor, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else {
            switch errno {
            case ENOENT: return nil
            case ELOOP: throw .wrongKind(path: path(of: name), found: .symbolicLink, expected: .regularFile)
            default: throw .system("open", path: path(of: name), errno: errno)
            }
        }
        defer { Glibc.close(file) }
        try Self.check(file, path(of: name), .regularFile, mode: 0o600)
        var bytes = [UInt8](repeating: 0, count: limit)
        let count = Glibc.read(file, &bytes, limit)
        guard count >= 0 else { throw .system("read", path: path(of: name), errno: errno) }
        return Array(bytes.prefix(count))
    }

    /// Makes a file of mode 0600 whatever the umask; it appears under its name whole and durable, or not at
    /// all.
    func create(_ name: String, containing bytes: [UInt8]) throws(StoreError) {
        let draft = name + ".new"
        try remove(draft)
        try makeEmpty(draft, containing: bytes)
        try publish(draft, as: name)
    }

    /// Makes a file of mode 0600 whatever the umask, which must not exist.
    func makeEmpty(_ name: String, containing bytes: [UInt8] = []) throws(StoreError) {
        let file = openat(descriptor, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw .system("create", path: path(of: name), errno: errno) }
        defer { Glibc.close(file) }
        guard fchmod(file, 0o600) == 0 else { throw .system("create", path: path(of: name), errno: errno) }
        guard bytes.isEmpty || write(file, bytes, bytes.count) == bytes.count, fsync(file) == 0 else {
            throw .system("write", path: path(of: name), errno: errno)
        }
    }

    /// Gives a finished draft its name, durably. Nothing may stand there yet.
    func publish(_ draft: String, as name: String) throws(StoreError) {
        let file = openat(descriptor, draft, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
        guard file >= 0 else { throw .system("open", path: path(of: draft), errno: errno) }
        defer { Glibc.close(file) }
        guard fsync(file) == 0 else { throw .system("write", path: path(of: draft), errno: errno) }
        guard renameat(descriptor, draft, descriptor, name) == 0, fsync(descriptor) == 0 else {
            throw .system("create", path: path(of: name), errno: errno)
        }
    }

    /// Makes sure that `size` bytes of a file are allocated on the disk (posix_fallocate(3)); made where it is absent.
    func allocate(_ name: String, size: Int) throws(StoreError) {
        let file = openat(descriptor, name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw .system("create", path: path(of: name), errno: errno) }
        defer { Glibc.close(file) }
        try Self.check(file, path(of: name), .regularFile, mode: 0o600)
        let error = posix_fallocate(file, 0, size)
        guard error == 0 else { throw .system("set room aside in", path: path(of: name), errno: error) }
    }

    /// Gives the blocks of a file beyond `size` bytes back.
    func cut(_ name: String, to size: Int) throws(StoreError) {
        let file = openat(descriptor, name, O_WRONLY | O_NOFOLLOW | O_CLOEXEC)
        guard file >= 0 else { throw .system("open", path: path(of: name), errno: errno) }
        defer { Glibc.close(file) }
        guard ftruncate(file, size) == 0 else { throw .system("cut", path: path(of: name), errno: errno) }
    }

    /// Makes the directory's own entry durable. Due before anything in it counts, whoever made it: an earlier start may
    /// have been cut off between the two.
    func syncParent() throws(StoreError) {
        let parent = openat(descriptor, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard parent >= 0 else {
            // Whoever made the directory in a place that we may not read has set it up for us before.
            if errno == EACCES { return }
            throw .system("open the parent of", path: path, errno: errno)
        }
        defer { Glibc.close(parent) }
        guard fsync(parent) == 0 else { throw .system("create", path: path, errno: errno) }
    }

    /// Deletes a file if it is there.
    func remove(_ name: String) throws(StoreError) {
        guard unlinkat(descriptor, name, 0) == 0 || errno == ENOENT else {
            throw .system("delete", path: path(of: name), errno: errno)
        }
    }
}

// MARK: Checks

extension StateDirectory {
    private static func make(_ path: String) throws(StoreError) {
        guard mkdir(path, 0o700) == 0 else {
            guard errno == EEXIST else {
                throw errno == EROFS
                    ? .readOnly(directory: path) : .system("create", path: path, errno: errno)
            }
            return
        }
        // The umask may have taken bits from us.
        guard chmod(path, 0o700) == 0 else { throw .system("create", path: path, errno: errno) }
    }

    private static func check(
        _ descriptor: Int32, _ path: String, _ expected: FileKind, mode: mode_t
    ) throws(StoreError) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .system("inspect", path: path, errno: errno) }
        let kind = FileKind(status.st_mode)
        guard kind == expected else { throw .wrongKind(path: path, found: kind, expected: expected) }
        guard status.st_uid == geteuid() else {
            throw .wrongOwner(path: path, owner: status.st_uid, expected: geteuid())
        }
        // Nothing for others, and what we need for ourselves: root would not notice a missing bit until a
        // restart under another uid.
        guard status.st_mode & 0o077 == 0, status.st_mode & mode == mode else {
            throw .wrongMode(path: path, mode: status.st_mode & 0o7777, expected: mode)
        }
    }

    private func refuseReadOnly() throws(StoreError) {
        var status = statvfs()
        guard fstatvfs(descriptor, &status) == 0 else { throw .system("inspect", path: path, errno: errno) }
        guard status.f_flag & UInt(ST_RDONLY) == 0 else { throw .readOnly(directory: path) }
    }
}

extension FileKind {
    fileprivate init(_ mode: mode_t) {
        self =
            switch mode & S_IFMT {
            case S_IFDIR: .directory
            case S_IFREG: .regularFile
            case S_IFLNK: .symbolicLink
            default: .special
            }
    }
}
