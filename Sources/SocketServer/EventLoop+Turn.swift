// Decides what a connection's turn does: take input, handle lines, send. And when a connection ends.

import CLinux
import Glibc
import Vocabulary
import WireProtocol

extension EventLoop {
    /// A turn that begins with reading.
    func readTurn(_ connection: Connection) {
        beginTurn(connection)
        let count = read(connection.id.descriptor, scratch.baseAddress, scratch.count)
        if count > 0 {
            let bytes = UnsafeRawBufferPointer(rebasing: scratch[..<count])
            if connection.isDiscarding {
                discard(bytes.count, connection)
            } else {
                received(bytes, connection)
            }
        } else if count == 0 {
            endOfInput(connection)
        } else if errno != EAGAIN, errno != EINTR {
            close(connection)
        }
        endTurn(connection)
    }

    /// A turn without reading: replies have come, the client takes more output, or lines were left over.
    func turn(_ connection: Connection) {
        beginTurn(connection)
        sendUnsent(connection)
        collect(connection)
        handleHeldLines(connection)
        endTurn(connection)
    }

    private func beginTurn(_ connection: Connection) {
        current = connection
        linesLeft = limits.linesPerTurn
        requestsBeforeTurn = requests
    }

    private func endTurn(_ connection: Connection) {
        current = nil
        counters.requests.store(requests, ordering: .relaxed)
        sendOutput(connection)
        guard !connection.isClosed else { return }
        if mayGoOn(connection) { makeRunnable(connection) }
        endIfFinished(connection)
        guard !connection.isClosed else { return }
        watchLine(connection)
        let interest =
            (wantsInput(connection) ? Epoll.readable : 0) | (connection.unsent.isEmpty ? 0 : Epoll.writable)
        guard interest != connection.interest else { return }
        connection.interest = interest
        if !epoll.modify(connection.id, events: interest) { close(connection) }
    }

    /// Whether the connection is to be read: not while it has lines or replies left over.
    func wantsInput(_ connection: Connection) -> Bool {
        switch connection.phase {
        case .open: connection.hold == .none && connection.unsentCount <= limits.unsentBytes
        case .discarding: true
        case .finishing, .closed: false
        }
    }

    /// Whether lines left over can be handled in a turn that nothing else will bring about.
    private func mayGoOn(_ connection: Connection) -> Bool {
        switch connection.hold {
        case .turn: true
        case .output:
            connection.unsent.isEmpty && connection.replies.waitingBytes < limits.unsentBytes
        case .none, .order: false
        }
    }

    /// Moves answers whose turn has come to the output.
    func collect(_ connection: Connection) {
        while let answer = connection.replies.next() { output.append(contentsOf: answer) }
    }

    private func endOfInput(_ connection: Connection) {
        guard connection.isOpen else { return close(connection) }
        if !connection.input.isEmpty {
            answer(
                Reply.error(RequestError(.badRequest, "the last line has no line feed")), connection)
        }
        connection.finish(.close)
    }

    private func discard(_ count: Int, _ connection: Connection) {
        connection.discardedBytes += count
        if connection.discardedBytes > limits.discardedBytes { close(connection) }
    }

    private func endIfFinished(_ connection: Connection) {
        guard case .finishing(let end) = connection.phase, connection.replies.isEmpty,
            connection.unsent.isEmpty
        else { return }
        switch end {
        case .close: close(connection)
        case .discard:
            shutdown(connection.id.descriptor, Int32(SHUT_WR))
            connection.phase = .discarding
            connection.inputDeadline = .now() + limits.discarding
            armSweep()
        }
    }

    /// A line that was begun must be whole in time; each whole line starts the time anew.
    private func watchLine(_ connection: Connection) {
        guard connection.isOpen else { return }
        if connection.input.isEmpty || connection.hold != .none {
            connection.inputDeadline = .distantFuture
        } else if connection.inputDeadline == .distantFuture || requests != requestsBeforeTurn {
            connection.inputDeadline = .now() + limits.unfinishedLine
            armSweep()
        }
    }

    /// Closes at once. Its replies, whenever they come, are ignored.
    func close(_ connection: Connection) {
        guard !connection.isClosed else { return }
        connection.phase = .closed
        connections[Int(connection.id.descriptor)] = nil
        epoll.remove(connection.id)
        Glibc.close(connection.id.descriptor)
        clients -= 1
        counters.clients.store(clients, ordering: .relaxed)
        // An eighth must be free before the limit is news again, so that clients who come and go cannot flood the log.
        if clients <= maximumConnections - maximumConnections / 8 { toldConnectionLimit = false }
        if acceptResumes != nil { resumeAccepting() }
    }
}
