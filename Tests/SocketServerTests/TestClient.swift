// Decides how tests speak to the server: over a real Unix socket with blocking calls that give up after a while, so
// that a hung server is a failed test and nothing ever sleeps.

import CLinux
import Glibc
import Testing

@testable import SocketServer

/// A client of the server under test. Closed when released.
final class TestClient {
    /// Seconds until a read or write gives up: far beyond what a loaded machine needs.
    static let patience = 20

    private(set) var descriptor: Int32
    private var received: [UInt8] = []

    init(_ path: String) throws {
        descriptor = try #require(Self.connected(path))
        var patience = timeval(tv_sec: Self.patience, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(
                descriptor, SOL_SOCKET, option, &patience, socklen_t(MemoryLayout.size(ofValue: patience)))
        }
    }

    deinit { close() }

    /// A connected descriptor; nil when connect(2) fails.
    static func connected(_ path: String) -> Int32? {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard connect(descriptor, to: path) else {
            Glibc.close(descriptor)
            return nil
        }
        return descriptor
    }

    /// Whether connect(2) succeeds.
    static func connect(_ descriptor: Int32, to path: String) -> Bool {
        UnixAddress(path)?.withSockaddr { Glibc.connect(descriptor, $0, $1) } == 0
    }

    func close() {
        if descriptor >= 0 { Glibc.close(descriptor) }
        descriptor = -1
    }

    func halfClose() { shutdown(descriptor, Int32(SHUT_WR)) }

    func send(_ text: String) throws { try send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) throws {
        #expect(sendSome(bytes) == bytes.count)
    }

    /// Sends until all is taken or the server has closed; returns how many bytes were taken.
    func sendSome(_ bytes: [UInt8], flags: Int = MSG_NOSIGNAL) -> Int {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress! + sent, bytes.count - sent, Int32(flags))
            }
            guard count > 0 else { return sent }
            sent += count
        }
        return sent
    }

    /// The next line without its LF; nil at the end of the stream.
    func line() throws -> String? {
        while true {
            if let end = received.firstIndex(of: UInt8(ascii: "\n")) {
                defer { received.removeFirst(end + 1) }
                return String(decoding: received[..<end], as: UTF8.self)
            }
            guard try fill() else {
                #expect(received.isEmpty, "the stream ends with a whole line")
                return nil
            }
        }
    }

    func lines(_ count: Int) throws -> [String] {
        var lines: [String] = []
        while lines.count < count, let line = try line() { lines.append(line) }
        return lines
    }

    /// All that comes until the server closes.
    func allLines() throws -> [String] {
        while try fill() {}
        return String(decoding: received, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    /// Sends a line and returns the next one.
    func ask(_ line: String) throws -> String? {
        try send(line + "\n")
        return try self.line()
    }

    /// Whether something can be read, or the end has come, within `milliseconds`.
    func isReadable(within milliseconds: Int32) -> Bool {
        var poller = pollfd(descriptor: descriptor, events: Int16(POLLIN))
        return poll(&poller, 1, milliseconds) > 0
    }

    /// False at the end of the stream, also one that the server reset.
    private func fill() throws -> Bool {
        var buffer = [UInt8](repeating: 0, count: 65536)
        let count = read(descriptor, &buffer, buffer.count)
        if count < 0, errno == ECONNRESET { return false }
        try #require(count >= 0, "read: \(String(cString: strerror(errno)))")
        received.append(contentsOf: buffer[..<count])
        return count > 0
    }
}

extension pollfd {
    init(descriptor: Int32, events: Int16) { self.init(fd: descriptor, events: events, revents: 0) }
}
