// Decides where the browser's answer is taken: the one port that the redirect URI names, or a free one where it names none
// (§7.3), on the addresses that its host names and no other (RFC 8252 §8.3). Listening on all interfaces would show the code
// to the network.

import Glibc

/// Sockets that listen on loopback, non-blocking; closed with the value.
final class LoopbackListener {
    enum Failure: Error, Hashable {
        case portTaken
        case systemCall(String, errno: Int32)

        fileprivate var isFamilyMissing: Bool {
            guard case .systemCall(_, errno: let code) = self else { return false }
            return code == EAFNOSUPPORT || code == EADDRNOTAVAIL
        }
    }

    private(set) var descriptors: [Int32] = []
    /// The same on all its addresses.
    private(set) var port: UInt16

    /// A port that is free at one address may be taken at the other: so many are tried.
    private static let mostTries = 16

    init(_ redirect: LoopbackRedirect) throws(Failure) {
        port = redirect.port ?? 0
        var triesLeft = redirect.port == nil ? Self.mostTries : 1
        while true {
            do throws(Failure) {
                try listen(at: redirect.host)
                break
            } catch {
                triesLeft -= 1
                guard error == .portTaken, triesLeft > 0 else { throw error }
                stop()
                port = 0
            }
        }
    }

    deinit { stop() }

    private func stop() {
        for descriptor in descriptors { close(descriptor) }
        descriptors = []
    }

    private func listen(at host: LoopbackRedirect.Host) throws(Failure) {
        if host != .v6 { try listen(AF_INET) }
        guard host != .v4 else { return }
        do throws(Failure) {
            try listen(AF_INET6)
        } catch {
            // A machine without IPv6; its browsers have none either.
            guard host == .both, error.isFamilyMissing else { throw error }
        }
    }

    /// A connection that waits, non-blocking; nil where none does.
    static func accept(_ descriptor: Int32) -> Int32? {
        let connection = Glibc.accept(descriptor, nil, nil)
        guard connection >= 0 else { return nil }
        // The module map of Glibc leaves accept4(2) out. The browser is started before
        // the first is taken.
        _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
        _ = fcntl(connection, F_SETFL, O_NONBLOCK)
        return connection
    }

    /// Listens at `port`, which is a free one from then on where it was 0.
    private func listen(_ family: Int32) throws(Failure) {
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(family, type, 0)
        guard descriptor >= 0 else { throw .systemCall("socket", errno: errno) }
        var isListening = false
        // One that does not listen must not be waited for: poll(2) would say at once that it hung up.
        defer { if !isListening { close(descriptor) } }
        // Connections of a login a minute ago must not keep the port; a listener there still does.
        var on: Int32 = 1
        let length = socklen_t(MemoryLayout<Int32>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, length)
        if family == AF_INET6 { setsockopt(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &on, length) }
        guard Self.bind(descriptor, family, port) == 0 else {
            throw errno == EADDRINUSE ? .portTaken : .systemCall("bind", errno: errno)
        }
        if port == 0 { port = try Self.port(of: descriptor) }
        // A browser opens a handful of connections at once.
        guard Glibc.listen(descriptor, 16) == 0 else {
            throw errno == EADDRINUSE ? .portTaken : .systemCall("listen", errno: errno)
        }
        isListening = true
        descriptors.append(descriptor)
    }

    private static func port(of descriptor: Int32) throws(Failure) -> UInt16 {
        // Large enough for both families, which have the port at the same place.
        var address = sockaddr_in6()
        var length = socklen_t(MemoryLayout<sockaddr_in6>.size)
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        guard result == 0 else { throw .systemCall("getsockname", errno: errno) }
        return UInt16(bigEndian: address.sin6_port)
    }

    private static func bind(_ descriptor: Int32, _ family: Int32, _ port: UInt16) -> Int32 {
        if family == AF_INET6 {
            var address = sockaddr_in6()
            address.sin6_family = sa_family_t(family)
            address.sin6_port = port.bigEndian
            address.sin6_addr = in6addr_loopback
            return withGeneric(&address) { Glibc.bind(descriptor, $0, $1) }
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(family)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = in_addr_t(INADDR_LOOPBACK).bigEndian
        return withGeneric(&address) { Glibc.bind(descriptor, $0, $1) }
    }

    private static func withGeneric<Address>(
        _ address: inout Address, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<Address>.size))
            }
        }
    }
}
