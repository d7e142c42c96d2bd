// Decides what the server's thread does next: wait, then give each connection that has something to do one turn of
// bounded work. A turn is: input is read once and lines are handled where they lie, their replies gather in one array,
// and the array is sent in one call.

import CLinux
import Glibc
import Vocabulary
import WireProtocol

/// The state of the server's thread; nothing else touches it once `run` is called.
///
/// What each turn touches is `exclusivity(unchecked)`: the checks at run time cost 4 % of a small reply. What they would
/// find cannot happen: the only access that outlasts a call is `output` in `serve`, which cannot reach the loop.
final class EventLoop {
    /// Bytes read from one connection in one turn: many requests, or the longest line at once.
    static let readSize = 65536
    /// Events taken from the kernel at once; bounds how long the mailbox waits.
    static let eventBatch = 256

    let handlers: SocketServer.Handlers
    let limits: ServerLimits
    let maximumConnections: Int
    let onEvent: @Sendable (SocketServer.Event) -> Void
    let mailbox: Mailbox
    let counters: ServerCounters
    let epoll: Epoll

    /// nil once accepting has stopped. Its serial is 0, as the mailbox's.
    var listener: ConnectionID?
    var acceptResumes: BootTime?
    var toldAcceptFailure = false
    var toldConnectionLimit = false

    /// By descriptor, which the kernel keeps small and dense.
    @exclusivity(unchecked) var connections: [Connection?] = []
    var lastSerial: UInt32 = 0
    var clients = 0
    /// The connections with something to do that no event of epoll announces.
    @exclusivity(unchecked) var runnable: [Connection] = []
    /// The connection whose turn it is; replies to it need no further turn.
    @exclusivity(unchecked) var current: Connection?
    /// Lines that may still be handled in this turn.
    @exclusivity(unchecked) var linesLeft = 0
    @exclusivity(unchecked) var requests = 0
    @exclusivity(unchecked) var requestsBeforeTurn = 0

    /// Where input lies while its lines are handled.
    let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: EventLoop.readSize, alignment: 64)
    /// The replies of this turn.
    @exclusivity(unchecked) var output: [UInt8] = []

    @exclusivity(unchecked) var nextSweep: BootTime?
    /// When stopping must be over; nil while nobody has asked for it.
    @exclusivity(unchecked) var stopDeadline: BootTime?

    init(
        listener: Int32, handlers: SocketServer.Handlers, limits: ServerLimits,
        onEvent: @escaping @Sendable (SocketServer.Event) -> Void, mailbox: Mailbox,
        counters: ServerCounters
    ) throws(SocketServerError) {
        self.handlers = handlers
        self.limits = limits
        self.onEvent = onEvent
        self.mailbox = mailbox
        self.counters = counters
        maximumConnections = limits.effectiveConnections
        let listener = ConnectionID(descriptor: listener, serial: 0)
        self.listener = listener
        epoll = try Epoll()
        // Accepting takes what is there and must not wait for more.
        let flags = fcntl(listener.descriptor, F_GETFL)
        guard flags >= 0, fcntl(listener.descriptor, F_SETFL, flags | O_NONBLOCK) == 0,
            epoll.add(listener, events: Epoll.readable),
            epoll.add(ConnectionID(descriptor: mailbox.descriptor, serial: 0), events: Epoll.readable)
        else {
            let error = SocketServerError("epoll_ctl")
            epoll.close()
            throw error
        }
        output.reserveCapacity(Self.readSize)
    }

    deinit { scratch.deallocate() }

    /// Serves until told to stop.
    func run() {
        // Signals are for the threads that wait for them.
        var all = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_BLOCK, &all, nil)
        clinux_name_thread("socket-server")
        mailbox.adoptReader()

        let events = UnsafeMutableBufferPointer<epoll_event>.allocate(capacity: Self.eventBatch)
        defer { events.deallocate() }
        while !isStopped {
            let count = epoll.wait(events, milliseconds: millisecondsToWait())
            for index in 0..<count { handle(&events[index]) }
            takeMail()
            giveTurns()
            // What a turn posted on this thread woke nobody.
            takeMail()
            meetDeadlines()
        }
        closeAll()
    }

    private func handle(_ event: inout epoll_event) {
        let id = ConnectionID(bits: clinux_epoll_data(&event))
        guard id.serial != 0 else {
            if id.descriptor == mailbox.descriptor { mailbox.silence() } else { accept() }
            return
        }
        // An event of a connection that was closed since it was fetched has another serial, or none.
        guard let connection = connection(id) else { return }
        if event.events & Epoll.writable != 0 { turn(connection) }
        guard !connection.isClosed else { return }
        if wantsInput(connection) {
            if event.events & (Epoll.readable | Epoll.gone) != 0 { readTurn(connection) }
        } else if event.events & Epoll.gone != 0 {
            // Nobody is left to read replies; what has not started never will.
            close(connection)
        }
    }

    func connection(_ id: ConnectionID) -> Connection? {
        let index = Int(id.descriptor)
        guard index < connections.count, let connection = connections[index], connection.id == id else {
            return nil
        }
        return connection
    }

    /// Delivers replies that came from handlers. Called whenever there may be some, in a turn too.
    func takeMail() {
        guard let mail = mailbox.take() else { return }
        for reply in mail.replies {
            guard let connection = connection(reply.ticket.connection),
                connection.replies.answer(reply.ticket.sequence, with: reply.bytes)
            else { continue }
            if connection !== current { makeRunnable(connection) }
        }
        if mail.stopAccepting || mail.stop { closeListener() }
        if mail.stop { stopDeadline = stopDeadline ?? beginStopping() }
    }

    func makeRunnable(_ connection: Connection) {
        guard !connection.isRunnable else { return }
        connection.isRunnable = true
        runnable.append(connection)
    }

    private func giveTurns() {
        guard !runnable.isEmpty else { return }
        var turns: [Connection] = []
        swap(&turns, &runnable)
        for connection in turns {
            connection.isRunnable = false
            if !connection.isClosed { turn(connection) }
        }
    }
}
