// Decides how the socket comes to its path: bound under a fresh name beside it, given its group and mode there, made
// to listen, and only then renamed into place. Rejected: bind, then chmod, which leaves a window with the wrong mode;
// umask, which is the whole process's; unlink, then bind, which steals the path of a daemon that started meanwhile.

import CLinux
import Glibc

/// A listening Unix stream socket and the place in the file system that was made for it.
public struct ListeningSocket: Hashable, Sendable {
    /// For `SocketServer`, which closes it.
    public let descriptor: Int32
    public let path: String
    private let identity: FileIdentity

    /// Makes a socket that listens at `path`, replacing one that no process serves any more.
    ///
    /// Its permissions are right from the first instant at which anyone can connect. `ss` and `/proc/net/unix` show the
    /// name it was bound under.
    /// - Parameters:
    ///   - mode: the permission bits; connecting takes write permission.
    ///   - group: a name or a number; nil leaves the process's.
    public static func bind(path: String, mode: UInt32, group: String?) throws(ListeningSocketError) -> Self {
        let (directory, prefix) = try split(path)
        try check(directory: directory, of: path)
        let group: gid_t? = if let group { try groupID(group, path) } else { nil }
        let fresh = freshName(prefix)
        let descriptor = try listen(at: fresh, mode: mode, group: group, for: path)
        do {
            let identity = try FileIdentity(of: fresh, for: path)
            try place(fresh, at: path)
            return Self(descriptor: descriptor, path: path, identity: identity)
        } catch {
            unlink(fresh)
            close(descriptor)
            throw error
        }
    }

    /// Removes the path unless another socket was put there since. Call it before the descriptor is closed: until then
    /// the kernel gives the inode's number to nobody else.
    ///
    /// unlink(2) cannot compare: a daemon that replaces the path in the microsecond between is not noticed.
    public func unlinkIfStillOurs() {
        guard case .some(identity) = try? FileIdentity(of: path, for: path) else { return }
        unlink(path)
    }

    /// The directory, and the path up to and with its last slash.
    private static func split(
        _ path: String
    ) throws(ListeningSocketError) -> (directory: String, prefix: String) {
        guard !path.isEmpty, !path.utf8.contains(0) else { throw .invalidPath(path) }
        let nameStart = path.lastIndex(of: "/").map(path.index(after:)) ?? path.startIndex
        let prefix = String(path[..<nameStart])
        // The fresh name must fit as well.
        let nameLength = path.utf8.count - prefix.utf8.count
        let limit = UnixAddress.longestPath - max(0, freshNameLength - nameLength)
        guard path.utf8.count <= limit else { throw .pathTooLong(path, limit: limit) }
        switch prefix {
        case "": return (".", prefix)
        case "/": return ("/", prefix)
        default: return (String(prefix.dropLast()), prefix)
        }
    }

    private static func check(directory: String, of path: String) throws(ListeningSocketError) {
        var status = stat()
        guard stat(directory, &status) == 0 else {
            throw .system(path, call: "stat \(directory)", code: errno)
        }
        guard status.st_mode & S_IWOTH == 0 || status.st_mode & S_ISVTX != 0 else {
            throw .directoryWritableByAll(directory)
        }
    }

    private static let freshNameLength = 9

    /// A hidden name of nine bytes beside the path; bind(2) fails where it is taken.
    private static func freshName(_ prefix: String) -> String {
        let letters = Array("abcdefghijklmnopqrstuvwxyz234567")
        return prefix + "." + String((1..<freshNameLength).map { _ in letters.randomElement()! })
    }

    /// Nobody can connect before listen(2), so mode and group are set between bind(2) and it.
    private static func listen(
        at fresh: String, mode: UInt32, group: gid_t?, for path: String
    ) throws(ListeningSocketError) -> Int32 {
        guard let address = UnixAddress(fresh) else { throw .invalidPath(path) }
        let descriptor = socket(
            AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
        guard descriptor >= 0 else { throw .system(path, call: "socket", code: errno) }
        func fail(_ call: String) -> ListeningSocketError {
            let error = ListeningSocketError.system(path, call: call, code: errno)
            close(descriptor)
            return error
        }
        guard address.withSockaddr({ Glibc.bind(descriptor, $0, $1) }) == 0 else { throw fail("bind") }
        var failed: String?
        if let group, lchown(fresh, uid_t.max, group) != 0 {
            failed = "chown"
        } else if chmod(fresh, mode_t(mode)) != 0 {
            failed = "chmod"
        } else if Glibc.listen(descriptor, Int32(SOMAXCONN)) != 0 {
            // The kernel's own bound, 4096 by default: with 128, the 130th client at once got EAGAIN.
            failed = "listen"
        }
        guard let failed else { return descriptor }
        let error = fail(failed)
        unlink(fresh)
        throw error
    }

    /// Renames `fresh` to `path` if that is free or a socket that nobody serves.
    private static func place(_ fresh: String, at path: String) throws(ListeningSocketError) {
        if clinux_rename_new(fresh, path) == 0 { return }
        guard errno == EEXIST else { throw .system(path, call: "rename", code: errno) }
        let stale = try FileIdentity(of: path, for: path)
        if let occupant = stale.occupant { throw .occupied(path, by: occupant) }
        try checkNobodyServes(path)
        // Whatever the path names by now trades places with the new socket; if it is not what was looked at, back.
        guard clinux_rename_exchange(fresh, path) == 0 else {
            throw .system(path, call: "rename", code: errno)
        }
        guard try FileIdentity(of: fresh, for: path) == stale else {
            _ = clinux_rename_exchange(fresh, path)
            throw .inUse(path)
        }
        unlink(fresh)
    }

    private static func checkNobodyServes(_ path: String) throws(ListeningSocketError) {
        guard let address = UnixAddress(path) else { throw .invalidPath(path) }
        let descriptor = socket(
            AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
        guard descriptor >= 0 else { throw .system(path, call: "socket", code: errno) }
        defer { close(descriptor) }
        guard address.withSockaddr({ connect(descriptor, $0, $1) }) != 0 else { throw .inUse(path) }
        switch errno {
        case ECONNREFUSED: return
        // A full backlog, and a socket of another type, are somebody's.
        case EAGAIN, EPROTOTYPE: throw .inUse(path)
        case let code: throw .system(path, call: "connect", code: code)
        }
    }

    /// getgrnam_r(3); a number where there is no such name.
    private static func groupID(_ group: String, _ path: String) throws(ListeningSocketError) -> gid_t {
        // An entry with thousands of members may be large; a megabyte is more than any sane one has.
        for size in [1 << 12, 1 << 16, 1 << 20] {
            var entry = Glibc.group()
            var found: UnsafeMutablePointer<Glibc.group>?
            let code = withUnsafeTemporaryAllocation(of: CChar.self, capacity: size) {
                getgrnam_r(group, &entry, $0.baseAddress, size, &found)
            }
            if code == ERANGE { continue }
            if found != nil { return entry.gr_gid }
            guard let number = gid_t(group) else { throw .unknownGroup(group, path: path) }
            return number
        }
        throw .unknownGroup(group, path: path)
    }
}

/// What a path names, links not followed.
private struct FileIdentity: Hashable {
    let device: dev_t
    let inode: ino_t
    /// nil for a socket.
    let occupant: ListeningSocketError.Occupant?

    init(of name: String, for path: String) throws(ListeningSocketError) {
        var status = stat()
        guard lstat(name, &status) == 0 else { throw .system(path, call: "lstat", code: errno) }
        device = status.st_dev
        inode = status.st_ino
        switch status.st_mode & S_IFMT {
        case S_IFSOCK: occupant = nil
        case S_IFREG: occupant = .regularFile
        case S_IFLNK: occupant = .symbolicLink
        case S_IFDIR: occupant = .directory
        default: occupant = .other
        }
    }
}
