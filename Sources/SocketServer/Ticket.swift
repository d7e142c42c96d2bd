// Decides how a reply that comes later finds its place. Descriptors are used again by the kernel at once, so a ticket
// carries a serial number too: a reply for a client that is gone never reaches the next one.

/// Names one request of one connection: where its reply goes.
public struct Ticket: Hashable, Sendable {
    let connection: ConnectionID
    /// Counts the connection's requests that passed through its queue.
    let sequence: UInt64
}

/// A connection's descriptor and its serial number, as they stand in an epoll event.
struct ConnectionID: Hashable, Sendable {
    let bits: UInt64

    init(bits: UInt64) { self.bits = bits }

    /// - Parameter serial: different for every connection; 0 for what is no connection.
    init(descriptor: Int32, serial: UInt32) {
        bits = UInt64(serial) << 32 | UInt64(UInt32(bitPattern: descriptor))
    }

    var descriptor: Int32 { Int32(truncatingIfNeeded: bits) }
    var serial: UInt32 { UInt32(truncatingIfNeeded: bits >> 32) }
}
