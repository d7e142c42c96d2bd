// A client that knows nothing but bytes: what a test sends is what the daemon gets.

import Foundation

/// One connection to the daemon's socket; every read has a deadline.
final class Wire {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    let descriptor: Int32
    private var received: [UInt8] = []

    init(_ path: String) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        let result = withAddress(path) { connect(descriptor, $0, $1) }
        guard result == 0 else {
            throw Failure(description: "connect \(path): \(String(cString: strerror(errno)))")
        }
    }

    deinit { close(descriptor) }

    func send(_ text: String) throws { try send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Foundation.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw Failure(description: "send: \(String(cString: strerror(errno)))") }
            rest = rest.dropFirst(count)
        }
    }

    /// No more requests follow.
    func halfClose() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// The next line without its LF; nil at the end of the stream.
    func line(within seconds: Double = 30) throws -> String? {
        let deadline = Date(timeIntervalSinceNow: seconds)
        while true {
            if let end = received.firstIndex(of: UInt8(ascii: "\n")) {
                defer { received.removeFirst(end + 1) }
                return String(decoding: received[..<end], as: UTF8.self)
            }
            guard try fill(deadline) else { return nil }
        }
    }

    /// Sends a request and returns its final line; `DATA` lines are skipped.
    func ask(_ request: String, within seconds: Double = 30) throws -> String {
        try send(request + "\n")
        while let line = try line(within: seconds) {
            if !line.hasPrefix("DATA ") { return line }
        }
        throw Failure(description: "the connection ended before the answer")
    }

    private func fill(_ deadline: Date) throws -> Bool {
        var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        let milliseconds = Int32(max(0, deadline.timeIntervalSinceNow * 1000))
        guard poll(&request, 1, milliseconds) > 0 else { throw Failure(description: "no answer in time") }
        var chunk = [UInt8](repeating: 0, count: 65536)
        let count = read(descriptor, &chunk, chunk.count)
        guard count >= 0 else { throw Failure(description: "read: \(String(cString: strerror(errno)))") }
        received += chunk[..<count]
        return count > 0
    }
}

/// A Unix socket bound at `path`.
func bindSocket(_ path: String, _ type: __socket_type) throws -> Int32 {
    let descriptor = socket(AF_UNIX, Int32(type.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard withAddress(path, { bind(descriptor, $0, $1) }) == 0 else {
        throw Wire.Failure(description: "bind \(path): \(String(cString: strerror(errno)))")
    }
    return descriptor
}

private func withAddress(_ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    return withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
    }
}
