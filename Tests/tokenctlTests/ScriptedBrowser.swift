// Decides how a login's tests get a browser: bytes to a port of loopback, and what comes back until the end.

import Foundation
import Glibc
import Synchronization

enum ScriptedBrowser {
    /// A connection to a port of 127.0.0.1, or of ::1; -1 where nobody listens.
    static func connect(_ port: UInt16, v6: Bool = false) -> Int32 {
        let descriptor = socket(v6 ? AF_INET6 : AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard with(port, v6: v6, { Glibc.connect(descriptor, $0, $1) }) == 0 else {
            close(descriptor)
            return -1
        }
        return descriptor
    }

    /// What comes back to `request` until the other side closes; nil where nobody listens.
    static func ask(_ port: UInt16, _ request: String, v6: Bool = false) -> String? {
        let descriptor = connect(port, v6: v6)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        let bytes = Array(request.utf8)
        _ = send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
        var (received, chunk) = ([UInt8](), [UInt8](repeating: 0, count: 4096))
        while case let count = recv(descriptor, &chunk, chunk.count, 0), count > 0 {
            received += chunk[..<count]
        }
        return String(decoding: received, as: UTF8.self)
    }

    static func get(_ port: UInt16, _ target: String, v6: Bool = false) -> String? {
        ask(port, "GET \(target) HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", v6: v6)
    }

    /// A socket that listens at a free port of loopback, and the port.
    static func occupyPort(v6: Bool = false) -> (descriptor: Int32, port: UInt16)? {
        let descriptor = socket(v6 ? AF_INET6 : AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0, with(0, v6: v6, { bind(descriptor, $0, $1) }) == 0,
            listen(descriptor, 1) == 0
        else { return nil }
        // The port is at the same place in both families.
        var address = sockaddr_in6()
        var length = socklen_t(MemoryLayout<sockaddr_in6>.size)
        _ = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        return (descriptor, UInt16(bigEndian: address.sin6_port))
    }

    /// A port of 127.0.0.1 that nobody listened at a moment ago.
    static func freePort() -> UInt16 {
        guard let (descriptor, port) = occupyPort() else { preconditionFailure("a port can be bound") }
        close(descriptor)
        return port
    }

    private static func with(
        _ port: UInt16, v6: Bool, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        if v6 {
            var address = sockaddr_in6()
            address.sin6_family = sa_family_t(AF_INET6)
            address.sin6_port = port.bigEndian
            address.sin6_addr = in6addr_loopback
            return generic(&address, body)
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = in_addr_t(INADDR_LOOPBACK).bigEndian
        return generic(&address, body)
    }

    private static func generic<Address>(
        _ address: inout Address, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<Address>.size))
            }
        }
    }
}

/// A pipe whose reading end plays standard input.
final class ScriptedInput: Sendable {
    let reading: Int32
    private let writing: Int32
    private let isOpen = Mutex(true)

    init() {
        var ends: [Int32] = [0, 0]
        precondition(pipe(&ends) == 0, "a pipe can be made")
        (reading, writing) = (ends[0], ends[1])
    }

    func type(_ text: String) {
        _ = Array(text.utf8).withUnsafeBytes { write(writing, $0.baseAddress, $0.count) }
    }

    func end() {
        isOpen.withLock { isOpen in
            if isOpen { close(writing) }
            isOpen = false
        }
    }

    deinit {
        end()
        close(reading)
    }
}
