// Decides how the demo can fail, in sentences that say what to do next where that is known.

import Glibc

/// Why there is no demo, or no longer one.
enum DemoError: Error, Hashable, CustomStringConvertible {
    case portTaken(Int)
    case providerNotStarted(port: Int, cause: String)
    /// The program is not beside this one.
    case programMissing(path: String)
    case systemCall(name: String, path: String, errno: Int32)
    case daemonNotStarted(cause: String)
    /// - Parameter log: the end of what it wrote to standard error.
    case daemonEnded(DaemonEnd, log: String)
    case accountNotAdded(account: String, cause: String)

    var description: String {
        switch self {
        case .portTaken(let port):
            "port \(port) of 127.0.0.1 is taken; --port 0 takes any that is free"
        case .providerNotStarted(let port, let cause): "cannot listen on 127.0.0.1:\(port): \(cause)"
        case .programMissing(let path):
            "\(path) is not there; run `swift build` first, which builds all programs"
        case .systemCall(let name, let path, let errno):
            "\(name) \(path) failed: \(String(cString: strerror(errno)))"
        case .daemonNotStarted(let cause): "tokend cannot be started: \(cause)"
        case .daemonEnded(let end, let log):
            "tokend \(end)" + (log.isEmpty ? "" : "; it wrote:\n\(log)")
        case .accountNotAdded(let account, let cause): "\(account) was not added: \(cause)"
        }
    }
}
