// Decides which paths can be a socket's address. Abstract addresses, which begin with a NUL byte, are none: they have
// no permissions.

import CLinux
import Glibc

/// A path as sockaddr_un (unix(7)).
struct UnixAddress {
    /// The longest path in bytes: sun_path without the NUL at its end.
    static let longestPath = MemoryLayout.size(ofValue: sockaddr_un().sun_path) - 1

    private var storage = sockaddr_un()

    /// nil when `path` is empty, holds a NUL byte or is longer than `longestPath`.
    init?(_ path: String) {
        let bytes = Array(path.utf8)
        guard (1...Self.longestPath).contains(bytes.count), !bytes.contains(0) else { return nil }
        storage.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &storage.sun_path) { $0.copyBytes(from: bytes) }
    }

    /// For bind(2) and connect(2).
    func withSockaddr<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        withUnsafePointer(to: storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }
}
