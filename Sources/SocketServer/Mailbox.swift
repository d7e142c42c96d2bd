// Decides how other threads speak to the loop: a list under a lock, and an eventfd that is written only when the loop
// may be asleep. A pipe was rejected because it can be full, one eventfd write per reply because a group commit
// answers hundreds of requests at once.

import CLinux
import Glibc
import Synchronization

/// What other threads have for the loop's thread.
final class Mailbox: Sendable {
    struct Mail {
        var replies: [(ticket: Ticket, bytes: [UInt8])] = []
        var stopAccepting = false
        var stop = false

        var isEmpty: Bool { replies.isEmpty && !stopAccepting && !stop }
    }

    /// Readable when there may be mail; for the loop's epoll.
    let descriptor: Int32
    private let mail = Mutex<(current: Mail, isClosed: Bool)>((Mail(), false))
    private let reader = Atomic<UInt>(0)
    /// Whether there may be mail: looked at before the lock is taken, as the loop asks far more often than it gets.
    private let mayHaveMail = Atomic(false)

    init() throws(SocketServerError) {
        descriptor = clinux_eventfd()
        guard descriptor >= 0 else { throw SocketServerError("eventfd") }
    }

    deinit { Glibc.close(descriptor) }

    /// The calling thread is the loop's from now on: what it posts itself wakes nobody.
    func adoptReader() { reader.store(UInt(pthread_self()), ordering: .relaxed) }

    /// Adds to the mail and wakes the loop if need be. Ignored after `close`.
    func post(_ change: (inout Mail) -> Void) {
        let wasEmpty = mail.withLock { mail in
            guard !mail.isClosed else { return false }
            let wasEmpty = mail.current.isEmpty
            change(&mail.current)
            mayHaveMail.store(true, ordering: .relaxed)
            return wasEmpty
        }
        if wasEmpty, reader.load(ordering: .relaxed) != UInt(pthread_self()) { wake() }
    }

    /// Takes all mail; nil when there is none.
    func take() -> Mail? {
        guard mayHaveMail.load(ordering: .relaxed) else { return nil }
        return mail.withLock { mail in
            mayHaveMail.store(false, ordering: .relaxed)
            guard !mail.current.isEmpty else { return nil }
            defer { mail.current = Mail() }
            return mail.current
        }
    }

    /// Makes the descriptor unreadable until the next wake-up. Take the mail after it, not before.
    func silence() {
        var count: UInt64 = 0
        _ = read(descriptor, &count, MemoryLayout.size(ofValue: count))
    }

    /// Nobody will take mail any more.
    func close() {
        mail.withLock { $0 = (Mail(), true) }
    }

    private func wake() {
        var one: UInt64 = 1
        _ = write(descriptor, &one, MemoryLayout.size(ofValue: one))
    }
}
