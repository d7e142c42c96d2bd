// Decides how epoll(7) is used: level-triggered, because an edge missed is a client hung for ever, and with the
// connection's name in the event, because a descriptor alone may already be another client's.

import CLinux
import Glibc

/// An epoll instance, level-triggered.
struct Epoll {
    static let readable = EPOLLIN.rawValue
    static let writable = EPOLLOUT.rawValue
    /// The peer is gone for good, or the socket has an error; reported whether asked for or not.
    static let gone = EPOLLHUP.rawValue | EPOLLERR.rawValue

    private let descriptor: Int32

    init() throws(SocketServerError) {
        descriptor = clinux_epoll_create()
        guard descriptor >= 0 else { throw SocketServerError("epoll_create1") }
    }

    func close() { Glibc.close(descriptor) }

    /// Whether the kernel took the descriptor in.
    func add(_ id: ConnectionID, events: UInt32) -> Bool {
        clinux_epoll_control(descriptor, EPOLL_CTL_ADD, id.descriptor, events, id.bits) == 0
    }

    /// Whether the kernel took the change.
    func modify(_ id: ConnectionID, events: UInt32) -> Bool {
        clinux_epoll_control(descriptor, EPOLL_CTL_MOD, id.descriptor, events, id.bits) == 0
    }

    /// Must precede the close of a descriptor that may have duplicates: epoll holds on to what is behind it.
    func remove(_ id: ConnectionID) {
        _ = clinux_epoll_control(descriptor, EPOLL_CTL_DEL, id.descriptor, 0, 0)
    }

    /// Fills `events` and returns how many there are; 0 after `milliseconds` (-1: never) or a signal.
    func wait(_ events: UnsafeMutableBufferPointer<epoll_event>, milliseconds: Int32) -> Int {
        max(0, Int(epoll_wait(descriptor, events.baseAddress, Int32(events.count), milliseconds)))
    }
}
