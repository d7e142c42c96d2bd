// Decides who serves clients: one thread of its own over epoll, answering GET from memory and handing everything else
// on. Rejected, with what a small reply costs over them (1 = a minimal C epoll server): SwiftNIO 0.47, Dispatch sources
// 0.25 (and their epoll table breaks when sources come and go), NIO with async sequences 0.18.

import Glibc
import Synchronization
import Vocabulary
import WireProtocol

/// Serves the line protocol on a listening Unix socket. Any thread may call anything; `serve` and `receive` are called
/// on the server's own thread and must not block it.
///
/// Call `stop` before letting go of it.
public final class SocketServer: Sendable {
    /// What the server does with requests.
    public struct Handlers: Sendable {
        /// Answers a GET from memory: appends the whole reply and returns true, or appends nothing and returns false;
        /// then `receive` gets it. The buffer is the line in which `GetLine.account` is a range.
        public let serve: @Sendable (GetLine, UnsafeRawBufferPointer, inout [UInt8]) -> Bool
        /// Takes any other request. Its reply is due through `reply`, at once or later, from any thread.
        public let receive: @Sendable (Request, Peer, Ticket) -> Void

        public init(
            serve: @escaping @Sendable (GetLine, UnsafeRawBufferPointer, inout [UInt8]) -> Bool,
            receive: @escaping @Sendable (Request, Peer, Ticket) -> Void
        ) {
            self.serve = serve
            self.receive = receive
        }
    }

    /// What an operator may want to read in the log.
    public enum Event: Hashable, Sendable {
        /// accept(2) failed with this errno; accepting pauses. Told once until it works again.
        case acceptFailed(Int32)
        /// Clients are turned away because this many are connected. Told once until there is room.
        case connectionLimitReached(Int)
        /// A client that did not take its replies was closed.
        case clientStalled(Peer)
    }

    private enum Life {
        case idle
        case running(pthread_t)
        case stopped
    }

    private let listener: Int32
    private let limits: ServerLimits
    private let onEvent: @Sendable (Event) -> Void
    private let mailbox: Mailbox
    private let counters = ServerCounters()
    private let life = Mutex(Life.idle)

    /// - Parameters:
    ///   - listener: a listening Unix stream socket; the server owns it and closes it when it stops accepting.
    ///   - onEvent: called on the server's thread; must not block it.
    public init(
        listener: Int32, limits: ServerLimits = ServerLimits(),
        onEvent: @escaping @Sendable (Event) -> Void = { _ in }
    ) throws(SocketServerError) {
        self.listener = listener
        self.limits = limits
        self.onEvent = onEvent
        mailbox = try Mailbox()
    }

    /// Starts the server's thread. Not in `init`, so that handlers may refer to the server.
    /// - Precondition: not called before.
    public func start(_ handlers: Handlers) throws(SocketServerError) {
        let loop = try EventLoop(
            listener: listener, handlers: handlers, limits: limits, onEvent: onEvent, mailbox: mailbox,
            counters: counters)
        let failure = life.withLock { life -> SocketServerError? in
            guard case .idle = life else { preconditionFailure("a socket server starts once") }
            switch Self.spawn(loop) {
            case .success(let thread):
                life = .running(thread)
                return nil
            case .failure(let error): return error
            }
        }
        if let failure { throw failure }
    }

    /// Sends `bytes`, one whole reply, to where `ticket` says, behind the replies to earlier requests. Ignored when the
    /// client is gone or the ticket was used.
    public func reply(_ bytes: [UInt8], to ticket: Ticket) {
        mailbox.post { $0.replies.append((ticket, bytes)) }
    }

    /// Closes the listening socket; established connections go on. Returns before it is done.
    public func stopAccepting() { mailbox.post { $0.stopAccepting = true } }

    /// Sends the replies there are, as far as clients take them within `ServerLimits.stopping`, closes everything and
    /// ends the thread. Requests unanswered by then get no answer.
    /// - Precondition: not called on the server's own thread.
    public func stop() {
        let previous = life.withLock { life in
            defer { life = .stopped }
            return life
        }
        switch previous {
        case .stopped: return
        case .idle: close(listener)
        case .running(let thread):
            precondition(pthread_equal(thread, pthread_self()) == 0, "a thread cannot wait for itself")
            mailbox.post { $0.stop = true }
            pthread_join(thread, nil)
        }
        mailbox.close()
    }

    /// Connections open now.
    public var clients: Int { counters.clients.load(ordering: .relaxed) }
    /// Lines handled since the start, malformed ones included.
    public var requestsTotal: Int { counters.requests.load(ordering: .relaxed) }

    private static func spawn(_ loop: EventLoop) -> Result<pthread_t, SocketServerError> {
        let context = Unmanaged.passRetained(loop)
        var thread = pthread_t()
        let code = pthread_create(
            &thread, nil,
            { context in
                guard let context else { preconditionFailure("the thread is created with its loop") }
                Unmanaged<EventLoop>.fromOpaque(context).takeRetainedValue().run()
                return nil
            }, context.toOpaque())
        guard code == 0 else {
            context.release()
            return .failure(SocketServerError("pthread_create", code: code))
        }
        return .success(thread)
    }
}

/// Written by the loop's thread alone, read by any.
final class ServerCounters: Sendable {
    let clients = Atomic(0)
    let requests = Atomic(0)
}
