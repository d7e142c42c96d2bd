// Decides how bytes pass between this process and the daemon: one non-blocking Unix socket, poll(2) for both
// directions at once, and a deadline on every wait. SO_RCVTIMEO and SO_SNDTIMEO were rejected: they begin anew with
// each byte, so that one byte every nine seconds would hold a caller for ever.

import Glibc
import Vocabulary
import WireProtocol

/// One connection. Closed when it is released.
final class Connection {
    private let descriptor: Int32
    private var answers = AnswerReader()
    private var output: [UInt8] = []
    private var written = 0
    /// The daemon closed its side or reset ours: what it had sent before can still be read.
    private var isBroken = false

    /// - Throws: `noDaemon`, `accessDenied`, `timedOut`, `systemCall`.
    init(to path: String, deadline: BootTime) throws(TokenClientError) {
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        descriptor = socket(AF_UNIX, type, 0)
        guard descriptor >= 0 else { throw .systemCall(name: "socket", errno: errno) }
        // The instance is whole from here on: deinit closes the descriptor when connecting throws.
        try connect(to: path, deadline: deadline)
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    // MARK: Connecting

    private func connect(to path: String, deadline: BootTime) throws(TokenClientError) {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        // A leading NUL would mean an abstract socket, which anybody may bind.
        guard !bytes.isEmpty, !bytes.contains(0) else {
            throw .systemCall(name: "connect", errno: EINVAL)
        }
        let fits = withUnsafeMutableBytes(of: &address.sun_path) { room in
            guard bytes.count < room.count else { return false }
            room.copyBytes(from: bytes)
            return true
        }
        guard fits else { throw .systemCall(name: "connect", errno: ENAMETOOLONG) }
        // A Unix socket is connected at once or not: a full backlog is EAGAIN, and nothing can be polled for its end.
        var pause: Duration = .milliseconds(1)
        while true {
            switch attempt(address) {
            case 0, EISCONN: return
            case EINTR: continue
            case EAGAIN:
                let left = deadline - .now()
                guard left > .zero else { throw .timedOut }
                _ = poll(nil, 0, min(pause, left).pollTimeout)
                pause = min(pause * 2, Self.longestPause)
            case ENOENT, ENOTDIR, ECONNREFUSED: throw .noDaemon(socket: path)
            case EACCES, EPERM: throw .accessDenied(socket: path)
            case let code: throw .systemCall(name: "connect", errno: code)
            }
        }
    }

    /// Between attempts on a full backlog: a daemon that is alive empties it within a few milliseconds.
    private static let longestPause: Duration = .milliseconds(20)

    /// One connect(2): 0 or its errno.
    private func attempt(_ address: sockaddr_un) -> Int32 {
        var address = address
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                Glibc.connect(descriptor, pointer, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
                    ? 0 : errno
            }
        }
    }

    // MARK: Exchanging

    /// Bytes queued and not yet taken by the kernel.
    var unsent: Int { output.count - written }

    /// Whether the daemon hung up, or sent what nobody asked for, while nothing was outstanding.
    var isStale: Bool {
        var event = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return isBroken || answers.isInsideAnswer || poll(&event, 1, 0) != 0
    }

    func enqueue(_ request: EncodedRequest) {
        // What was written is dropped only once it is half or more: each byte is moved once on average.
        if written >= output.count - written {
            output.removeSubrange(..<written)
            written = 0
        }
        output.append(contentsOf: request.bytes)
    }

    /// The next answer that was already read.
    /// - Throws: `malformedAnswer`.
    func answerAtHand() throws(TokenClientError) -> Result<Answer, RequestError>? { try answers.next() }

    /// Writes and reads until one answer is whole. What has come by `deadline` is still taken.
    /// - Throws: `timedOut`, `connectionLost`, `malformedAnswer`, `systemCall`.
    func answer(by deadline: BootTime) throws(TokenClientError) -> Result<Answer, RequestError> {
        while true {
            try write()
            try read()
            if let answer = try answers.next() { return answer }
            guard !isBroken else { throw .connectionLost }
            guard .now() < deadline else { throw .timedOut }
            try wait(until: deadline)
        }
    }

    /// Waits until something can be read or written, or `deadline`. Whether it passed is the caller's to look: a daemon
    /// that sends a byte now and then is always ready.
    private func wait(until deadline: BootTime) throws(TokenClientError) {
        let events = POLLIN | (unsent > 0 ? POLLOUT : 0)
        var event = pollfd(fd: descriptor, events: Int16(events), revents: 0)
        guard poll(&event, 1, (deadline - .now()).pollTimeout) < 0, errno != EINTR else { return }
        throw .systemCall(name: "poll", errno: errno)
    }

    private func write() throws(TokenClientError) {
        while unsent > 0 {
            let count = output.withUnsafeBytes {
                send(descriptor, $0.baseAddress! + written, unsent, Int32(MSG_NOSIGNAL))
            }
            if count >= 0 {
                written += count
                continue
            }
            switch errno {
            case EINTR: continue
            case EAGAIN: return
            case EPIPE, ECONNRESET:
                // It may have said why before it closed: go on reading, until its end.
                written = output.count
            case let code: throw .systemCall(name: "send", errno: code)
            }
        }
    }

    /// One recv(2): a daemon that floods cannot hold the caller past its deadline.
    private func read() throws(TokenClientError) {
        guard !isBroken else { return }
        let code: Int32 = withUnsafeTemporaryAllocation(
            byteCount: Self.readSize, alignment: MemoryLayout<UInt64>.alignment
        ) { room in
            let count = recv(descriptor, room.baseAddress, room.count, 0)
            guard count >= 0 else { return errno }
            guard count > 0 else { return ECONNRESET }
            answers.append(UnsafeRawBufferPointer(rebasing: room[..<count]))
            return 0
        }
        switch code {
        case 0, EINTR, EAGAIN: return
        case ECONNRESET, EPIPE: isBroken = true
        default: throw .systemCall(name: "recv", errno: code)
        }
    }

    /// A page of `LIST` is read in a few calls.
    private static let readSize = 65536
}

extension Duration {
    /// Milliseconds for poll(2), rounded up: rounded down, the last fraction would be a busy loop.
    fileprivate var pollTimeout: Int32 {
        guard nanoseconds > 0 else { return 0 }
        return Int32(clamping: (nanoseconds - 1) / 1_000_000 + 1)
    }
}
