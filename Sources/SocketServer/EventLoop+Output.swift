// Decides how replies leave: in one send(2) a turn, straight from the shared array. Only what the kernel does not take
// is copied to the connection. writev(2) of the separate replies was rejected: they are small, and copying is cheaper
// than its bookkeeping.

import CLinux
import Glibc
import Vocabulary

extension EventLoop {
    /// Sends the turn's replies, or keeps what cannot be sent now.
    func sendOutput(_ connection: Connection) {
        guard !output.isEmpty else { return }
        defer { recycleOutput() }
        guard !connection.isClosed else { return }
        guard connection.unsent.isEmpty else {
            connection.unsent.append(contentsOf: output)
            return
        }
        guard let sent = send(output, from: 0, to: connection) else { return close(connection) }
        guard sent < output.count else { return }
        connection.unsent = Array(output[sent...])
        connection.outputDeadline = .now() + limits.stalledOutput
        armSweep()
    }

    /// Sends what earlier turns left over.
    func sendUnsent(_ connection: Connection) {
        guard !connection.unsent.isEmpty else { return }
        guard let sent = send(connection.unsent, from: connection.unsentStart, to: connection) else {
            return close(connection)
        }
        guard sent > 0 else { return }
        connection.unsentStart += sent
        if connection.unsentCount == 0 {
            connection.unsent = []
            connection.unsentStart = 0
            connection.outputDeadline = .distantFuture
            return
        }
        connection.outputDeadline = .now() + limits.stalledOutput
        // What is sent is dropped when it is half of the array, so that a slow reader's array stays bounded.
        if connection.unsentStart * 2 >= connection.unsent.count {
            connection.unsent.removeFirst(connection.unsentStart)
            connection.unsentStart = 0
        }
    }

    /// How many bytes the kernel took; nil when the connection is broken. MSG_NOSIGNAL: a client that is gone is no
    /// reason for SIGPIPE.
    private func send(_ bytes: [UInt8], from start: Int, to connection: Connection) -> Int? {
        let sent = bytes.withUnsafeBytes { bytes in
            Glibc.send(
                connection.id.descriptor, bytes.baseAddress! + start, bytes.count - start,
                Int32(MSG_NOSIGNAL))
        }
        if sent >= 0 { return sent }
        return errno == EAGAIN || errno == EINTR ? 0 : nil
    }

    /// Empties the shared array; after a rare huge reply its memory goes back too.
    private func recycleOutput() {
        if output.capacity <= 4 * limits.unsentBytes {
            output.removeAll(keepingCapacity: true)
        } else {
            output = []
            output.reserveCapacity(Self.readSize)
        }
    }
}
