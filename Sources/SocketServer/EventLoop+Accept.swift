// Decides who is let in. Beyond the limit a client is accepted, told `busy` and closed: left in the backlog it would
// wait without a word. When accept(2) itself fails, accepting pauses, because a level-triggered listener that cannot
// be accepted from would keep the thread spinning.

import CLinux
import Glibc
import Vocabulary
import WireProtocol

extension EventLoop {
    /// Connections accepted before others have their turn.
    private static let acceptBatch = 64

    /// Takes the clients that wait in the backlog.
    func accept() {
        guard acceptResumes == nil, let listener else { return }
        for _ in 0..<Self.acceptBatch {
            let descriptor = clinux_accept(listener.descriptor)
            guard descriptor >= 0 else {
                if errno == EAGAIN { return }
                // A client that gave up in the backlog, or a signal.
                if errno == ECONNABORTED || errno == EINTR { continue }
                return pauseAccepting(errno)
            }
            toldAcceptFailure = false
            guard let peer = Peer(of: descriptor) else {
                Glibc.close(descriptor)
                continue
            }
            if let refusal = refusal(of: peer) {
                turnAway(descriptor, refusal)
            } else {
                admit(descriptor, peer)
            }
        }
    }

    /// Why `peer` may not connect now; nil when it may. Every rule about who connects is decided here.
    private func refusal(of peer: Peer) -> RequestError? {
        guard clients >= maximumConnections else { return nil }
        if !toldConnectionLimit {
            toldConnectionLimit = true
            onEvent(.connectionLimitReached(maximumConnections))
        }
        return RequestError(.busy, retryAfter: 1, "too many connections")
    }

    private func admit(_ descriptor: Int32, _ peer: Peer) {
        // Serials come round after four billion connections; 0 is never a connection's.
        lastSerial = lastSerial == .max ? 1 : lastSerial + 1
        let id = ConnectionID(descriptor: descriptor, serial: lastSerial)
        guard epoll.add(id, events: Epoll.readable) else {
            Glibc.close(descriptor)
            return
        }
        let index = Int(descriptor)
        if index >= connections.count {
            connections.append(contentsOf: repeatElement(nil, count: index + 1 - connections.count))
        }
        connections[index] = Connection(id: id, peer: peer)
        clients += 1
        counters.clients.store(clients, ordering: .relaxed)
    }

    private func turnAway(_ descriptor: Int32, _ refusal: RequestError) {
        let bytes = Reply.error(refusal)
        // A new socket's buffer has room for a line. What the client sent is read, as else closing would reset it.
        _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
        shutdown(descriptor, Int32(SHUT_WR))
        _ = read(descriptor, scratch.baseAddress, scratch.count)
        Glibc.close(descriptor)
    }

    private func pauseAccepting(_ code: Int32) {
        guard let listener else { return }
        acceptResumes = .now() + limits.acceptPause
        _ = epoll.modify(listener, events: 0)
        guard !toldAcceptFailure else { return }
        toldAcceptFailure = true
        onEvent(.acceptFailed(code))
    }

    /// Looks at the backlog again: a descriptor may be free now.
    func resumeAccepting() {
        acceptResumes = nil
        if let listener { _ = epoll.modify(listener, events: Epoll.readable) }
    }

    /// Ends accepting for good.
    func closeListener() {
        guard let listener else { return }
        self.listener = nil
        acceptResumes = nil
        epoll.remove(listener)
        Glibc.close(listener.descriptor)
    }
}
