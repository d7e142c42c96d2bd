// Decides what is known of one client. An idle connection holds no buffer: input lies in the loop's shared buffer and
// output in the loop's shared array while a turn lasts; only what a turn leaves over is kept here.

import Vocabulary

/// One client. Confined to the loop's thread; `exclusivity(unchecked)` as in `EventLoop`.
final class Connection {
    enum Phase {
        /// Requests are read.
        case open
        /// No more requests; the replies still owed are sent, then the connection ends.
        case finishing(End)
        /// All is sent and our side is shut down; input is thrown away until the client closes.
        case discarding
        case closed
    }

    enum End {
        /// The client has sent its last byte: close.
        case close
        /// The client may be sending still: discard for a while, then close.
        case discard
    }

    /// Why the lines in `input` are not being handled.
    enum Hold {
        /// They are; what lies in `input` is the beginning of a line.
        case none
        /// It is the others' turn.
        case turn
        /// Too many bytes of replies are held.
        case output
        /// The next request may not start before others are answered.
        case order
    }

    let id: ConnectionID
    let peer: Peer
    @exclusivity(unchecked) var phase = Phase.open
    @exclusivity(unchecked) var hold = Hold.none
    @exclusivity(unchecked) var replies = ReplyQueue()
    /// Received and not handled, from `inputStart` on.
    @exclusivity(unchecked) var input: [UInt8] = []
    @exclusivity(unchecked) var inputStart = 0
    /// To be sent when the client takes more, from `unsentStart` on.
    @exclusivity(unchecked) var unsent: [UInt8] = []
    @exclusivity(unchecked) var unsentStart = 0
    /// When the client must have taken some of `unsent`.
    @exclusivity(unchecked) var outputDeadline = BootTime.distantFuture
    /// When the line begun must be whole; while discarding, when to stop.
    @exclusivity(unchecked) var inputDeadline = BootTime.distantFuture
    var discardedBytes = 0
    /// The events that epoll reports for it.
    @exclusivity(unchecked) var interest = Epoll.readable
    /// Whether it is on the loop's list of those with something to do.
    @exclusivity(unchecked) var isRunnable = false

    init(id: ConnectionID, peer: Peer) {
        self.id = id
        self.peer = peer
    }

    var unsentCount: Int { unsent.count - unsentStart }

    var isOpen: Bool { if case .open = phase { true } else { false } }
    var isDiscarding: Bool { if case .discarding = phase { true } else { false } }
    var isClosed: Bool { if case .closed = phase { true } else { false } }

    /// Takes no more requests: `end` follows the replies still owed. Input not handled is dropped.
    func finish(_ end: End) {
        phase = .finishing(end)
        hold = .none
        input = []
        inputStart = 0
        inputDeadline = .distantFuture
    }
}
