// Decides when the thread wakes without an event: for the pause of accepting, for the end of stopping, and once per
// sweep interval while some connection has a deadline. A timer per connection was rejected: nearly every deadline is
// cleared unmet, and looking at 4096 connections takes some 20 us. Without deadlines the thread sleeps for ever.

import Vocabulary
import WireProtocol

extension EventLoop {
    /// epoll_wait(2)'s timeout: never too short, so that a deadline has passed on waking.
    func millisecondsToWait() -> Int32 {
        guard runnable.isEmpty else { return 0 }
        guard let next = [nextSweep, acceptResumes, stopDeadline].compactMap(\.self).min() else { return -1 }
        let nanoseconds = max(0, (next - .now()).nanoseconds)
        return Int32(clamping: nanoseconds / 1_000_000 + (nanoseconds % 1_000_000 == 0 ? 0 : 1))
    }

    /// A connection has got a deadline.
    func armSweep() {
        if nextSweep == nil { nextSweep = .now() + limits.sweepInterval }
    }

    /// Does whatever is due.
    func meetDeadlines() {
        guard nextSweep != nil || acceptResumes != nil else { return }
        let now = BootTime.now()
        if let resumes = acceptResumes, resumes <= now { resumeAccepting() }
        guard let due = nextSweep, due <= now else { return }
        nextSweep = nil
        for connection in connections {
            guard let connection else { continue }
            if connection.outputDeadline <= now {
                onEvent(.clientStalled(connection.peer))
                close(connection)
            } else if connection.inputDeadline <= now {
                inputTimedOut(connection)
            }
        }
        let isWatching = connections.contains {
            guard let connection = $0 else { return false }
            return min(connection.outputDeadline, connection.inputDeadline) != .distantFuture
        }
        if isWatching { armSweep() }
    }

    private func inputTimedOut(_ connection: Connection) {
        guard connection.isOpen else { return close(connection) }
        answer(
            Reply.error(
                RequestError(.timeout, "the line was not finished within \(limits.unfinishedLine)")),
            connection)
        connection.finish(.discard)
        sendOutput(connection)
        makeRunnable(connection)
    }

    /// Every connection takes no more requests and ends with the replies there are. Returns when to give up on those
    /// who do not take them.
    func beginStopping() -> BootTime {
        for connection in connections {
            guard let connection, !connection.isDiscarding else { continue }
            connection.finish(.close)
            makeRunnable(connection)
        }
        return .now() + limits.stopping
    }

    var isStopped: Bool {
        guard let stopDeadline else { return false }
        return clients == 0 || stopDeadline <= .now()
    }

    /// The end of `run`.
    func closeAll() {
        closeListener()
        for connection in connections { if let connection { close(connection) } }
        epoll.close()
    }
}
