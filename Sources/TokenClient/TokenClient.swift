// Decides what a Swift program needs to get tokens from the daemon: one object, one connection, blocking calls that
// each end by a deadline. An actor was rejected: the call blocks in poll(2) and would hold a thread of the
// cooperative pool; `token(for:)` with `async` does it on a Dispatch queue instead.

import Glibc
import StrictJSON
import Vocabulary
import WireProtocol

/// A client of the daemon over one Unix socket connection, opened when first needed and opened again when it was lost.
///
/// Not for two threads at once: make one each. Every call blocks its thread until the answer or the deadline.
public final class TokenClient {
    /// Where the daemon listens unless it is configured otherwise.
    public static let standardSocket = "/run/tokend/tokend.sock"

    /// `$TOKEND_SOCKET` where it is set and not empty, else `standardSocket`.
    public static var defaultSocket: String {
        guard let value = getenv("TOKEND_SOCKET"), value.pointee != 0 else { return standardSocket }
        return String(cString: value)
    }

    /// Longer than the protocol's default wait of 10 s, so that the daemon's own answer comes first.
    public static let defaultTimeout: Duration = .seconds(15)

    public let socket: String
    /// The total of one call, connecting included; of one answer in `pipeline`. A change holds from the next call on.
    public var timeout: Duration
    private var connection: Connection?

    /// Does not connect yet.
    public init(
        socket: String = TokenClient.defaultSocket, timeout: Duration = TokenClient.defaultTimeout
    ) {
        self.socket = socket
        self.timeout = timeout
    }

    /// Asks `request` and returns what the daemon answered with `OK`.
    /// - Throws: `refused` for an `ERR`, else why there is no answer.
    public func send(_ request: Request) throws(TokenClientError) -> Answer {
        try send(request, by: .now() + timeout)
    }

    func send(_ request: Request, by deadline: BootTime) throws(TokenClientError) -> Answer {
        let encoded: EncodedRequest
        do { encoded = try EncodedRequest(request) } catch { throw .refused(error) }
        let isKept = connection?.isStale == false
        do {
            return try exchange(encoded, by: deadline)
        } catch .connectionLost where isKept && request.isRepeatable {
            // A kept connection that the daemon closed meanwhile, as when it is restarted: once more on a new one.
            return try exchange(encoded, by: deadline)
        }
    }

    private func exchange(_ request: EncodedRequest, by deadline: BootTime) throws(TokenClientError) -> Answer
    {
        let result = try withConnection(by: deadline) { connection throws(TokenClientError) in
            connection.enqueue(request)
            return try connection.answer(by: deadline)
        }
        switch result {
        case .success(let answer): return answer
        case .failure(let error): throw .refused(error)
        }
    }

    /// Runs `body` with the kept connection or a new one. When it throws, the connection is gone: an answer that comes
    /// later must not be taken for the next request's.
    func withConnection<T>(
        by deadline: BootTime, _ body: (Connection) throws(TokenClientError) -> T
    ) throws(TokenClientError) -> T {
        if let connection, connection.isStale { self.connection = nil }
        let current: Connection
        if let connection {
            current = connection
        } else {
            current = try Connection(to: socket, deadline: deadline)
        }
        connection = nil
        let result = try body(current)
        connection = current
        return result
    }
}

extension Request {
    /// Whether asking twice does no more than asking once.
    fileprivate var isRepeatable: Bool {
        switch self {
        case .hello, .ping, .get, .status, .list, .backup, .authorize, .login: true
        case .refresh, .add, .remove, .restore, .callback, .device, .revoke, .quit: false
        }
    }
}
