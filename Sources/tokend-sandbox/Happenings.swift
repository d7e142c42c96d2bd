// Decides what the demo's one loop waits for. Everything that happens elsewhere (signals, the daemon's thread, the
// time limit, a broken pipe) becomes a value in one stream, so that nothing else needs to know what state the demo is in.

import Dispatch
import Glibc

/// Something the demo must act on.
enum Happening: Hashable, Sendable {
    case daemonStarted(pid: pid_t)
    /// READY=1 arrived (sd_notify(3)).
    case daemonReady
    /// - Parameter log: the end of what it wrote to standard error.
    case daemonEnded(DaemonEnd, log: String)
    case daemonFailedToStart(cause: String)
    /// Somebody wants it to end: a signal.
    case interrupted
    /// Its time is up, or nobody reads its output any more.
    case finished
    /// tokend was asked to stop long ago.
    case stopOverdue
}

/// How a process ended.
enum DaemonEnd: Hashable, Sendable, CustomStringConvertible {
    case exited(status: Int32)
    case killed(signal: Int32)

    var description: String {
        switch self {
        case .exited(let status): "ended with status \(status)"
        case .killed(let signal): "was killed by signal \(signal)"
        }
    }
}

/// The stream of happenings; told from any thread, read by one loop.
struct Happenings: Sendable {
    let stream: AsyncStream<Happening>
    private let continuation: AsyncStream<Happening>.Continuation

    init() { (stream, continuation) = AsyncStream.makeStream() }

    func tell(_ happening: Happening) { continuation.yield(happening) }

    /// - Parameter delay: in seconds.
    func tell(_ happening: Happening, after delay: Double) {
        DispatchQueue.global().asyncAfter(deadline: .now() + delay) { tell(happening) }
    }
}
