// Decides how making the listening socket can fail. Each case names the path and the cause: it is what an operator
// reads when the daemon does not start.

import Glibc

/// Why there is no listening socket.
public enum ListeningSocketError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What may be at a socket's path and is not touched.
    public enum Occupant: String, Hashable, Sendable {
        case regularFile = "a regular file"
        case symbolicLink = "a symbolic link"
        case directory = "a directory"
        case other = "something that is no socket"
    }

    /// The path is empty or holds a NUL byte.
    case invalidPath(String)
    /// `limit` is what sockaddr_un leaves for this path, in bytes.
    case pathTooLong(String, limit: Int)
    /// Anyone may replace what is in the socket's directory: it is writable for all and not sticky.
    case directoryWritableByAll(String)
    case occupied(String, by: Occupant)
    /// A process accepts connections there.
    case inUse(String)
    case unknownGroup(String, path: String)
    /// A system call has failed.
    case system(String, call: String, code: Int32)

    public var description: String {
        switch self {
        case .invalidPath(let path): "socket path \"\(path)\" is empty or holds a NUL byte"
        case .pathTooLong(let path, let limit):
            "socket path \(path) has \(path.utf8.count) bytes; \(limit) are possible"
        case .directoryWritableByAll(let directory):
            "socket directory \(directory) is writable by everyone and not sticky"
        case .occupied(let path, let occupant): "socket path \(path) is taken by \(occupant.rawValue)"
        case .inUse(let path): "socket \(path): another process is serving there"
        case .unknownGroup(let group, let path): "socket \(path): there is no group \(group)"
        case .system(let path, let call, let code):
            "socket \(path): \(call): \(String(cString: strerror(code)))"
        }
    }
}
