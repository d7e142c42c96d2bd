// Decides how the tests look at a connection: byte by byte and to its end. An HTTP client library was rejected, since
// it hides what these tests are about: no answer at all, half of one, or a close.

import Dispatch
import Glibc

/// What came back over one connection, and how it ended.
struct RawReply: Sendable {
    enum Ending: Sendable, Equatable {
        /// The server closed in good order.
        case closed
        case reset
        /// The client closed first.
        case givenUp
    }

    let bytes: [UInt8]
    let ending: Ending
    /// Seconds from the request to the end.
    let seconds: Double

    var status: Int? {
        let words = head.first?.split(separator: " ") ?? []
        return words.count > 1 ? Int(words[1]) : nil
    }

    var body: String {
        guard let end = text.firstRange(of: "\r\n\r\n") else { return "" }
        return String(text[end.upperBound...])
    }

    func header(_ name: String) -> String? {
        let prefix = name.lowercased() + ":"
        guard let line = head.first(where: { $0.lowercased().hasPrefix(prefix) }) else { return nil }
        return String(line.dropFirst(prefix.count).drop { $0 == " " })
    }

    /// The body is as long as its head promised.
    var isComplete: Bool { header("content-length").flatMap { Int($0) } == body.utf8.count }

    private var text: String { String(decoding: bytes, as: UTF8.self) }
    private var head: [Substring] {
        guard let end = text.firstRange(of: "\r\n\r\n") else { return [] }
        return text[..<end.lowerBound].split(separator: "\r\n")
    }
}

/// A client that sends one request per connection, on a thread of its own because it blocks.
struct RawClient: Sendable {
    /// Seconds after which it gives up in any case: far more than loopback needs on a busy machine.
    private static let deadline: Double = 20
    /// Milliseconds between two questions whether to give up.
    private static let pause: Int32 = 5

    let port: Int

    /// - Parameters:
    ///   - cap: bytes after which it gives up.
    ///   - giveUp: asked every few milliseconds; true makes it give up.
    func send(
        _ method: String, _ path: String, headers: [String: String] = [:], body: String = "",
        cap: Int = .max, giveUp: @escaping @Sendable () -> Bool = { false }
    ) async -> RawReply {
        var lines = ["\(method) \(path) HTTP/1.1", "Host: 127.0.0.1", "Connection: close"]
        lines += headers.map { "\($0): \($1)" } + ["Content-Length: \(body.utf8.count)", "", body]
        let request = Array(lines.joined(separator: "\r\n").utf8)
        return await withCheckedContinuation { continuation in
            let thread = DispatchQueue(label: "raw client")
            thread.async {
                continuation.resume(returning: exchange(request, cap: cap, giveUp: giveUp))
            }
        }
    }

    func refresh(_ token: String, cap: Int = .max, giveUp: @escaping @Sendable () -> Bool = { false }) async
        -> RawReply
    {
        await send(
            "POST", "/token", headers: ["Content-Type": "application/x-www-form-urlencoded"],
            body: "client_id=sandbox-client&client_secret=sandbox-secret&grant_type=refresh_token"
                + "&refresh_token=\(token)",
            cap: cap, giveUp: giveUp)
    }

    private func exchange(_ request: [UInt8], cap: Int, giveUp: () -> Bool) -> RawReply {
        let start = ContinuousClock.now
        func seconds() -> Double { (ContinuousClock.now - start) / .seconds(1) }

        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0,
            Glibc.send(descriptor, request, request.count, Int32(MSG_NOSIGNAL)) == request.count
        else { return RawReply(bytes: [], ending: .reset, seconds: seconds()) }

        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            var poller = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            let isReadable = poll(&poller, 1, Self.pause) > 0
            guard seconds() < Self.deadline, bytes.count < cap, !giveUp() else {
                return RawReply(bytes: bytes, ending: .givenUp, seconds: seconds())
            }
            guard isReadable else { continue }
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else {
                return RawReply(bytes: bytes, ending: count == 0 ? .closed : .reset, seconds: seconds())
            }
            bytes += buffer.prefix(count)
        }
    }
}
