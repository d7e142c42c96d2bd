// Decides how the demo learns that the daemon is up: as systemd does, from READY=1 on a socket it bound itself. Trying
// to connect again and again was rejected: it says less and takes longer.

import Glibc

/// A datagram socket for NOTIFY_SOCKET (sd_notify(3)). Closed when it is released.
final class NotifySocket: Sendable {
    let path: String
    let descriptor: Int32

    init(path: String) throws(DemoError) {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        let fits = withUnsafeMutableBytes(of: &address.sun_path) { room in
            guard bytes.count < room.count else { return false }
            room.copyBytes(from: bytes)
            return true
        }
        guard fits else { throw .systemCall(name: "bind", path: path, errno: ENAMETOOLONG) }
        self.path = path
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw .systemCall(name: "socket", path: path, errno: errno) }
        // The instance is whole from here on: deinit closes the descriptor when bind fails.
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result == 0 else { throw .systemCall(name: "bind", path: path, errno: errno) }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Takes one datagram and returns whether it says READY=1. Does not wait.
    func receivedReady() -> Bool {
        // systemd itself reads at most a page.
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
        return buffer[..<max(0, count)].split(separator: UInt8(ascii: "\n")).contains {
            $0.elementsEqual("READY=1".utf8)
        }
    }
}
