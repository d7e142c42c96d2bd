// Decides how asking the daemon can fail, by what the caller can do about it.

import Vocabulary
import WireProtocol

/// Why a call of `TokenClient` has no answer, or a refusal for one. Never holds a token.
public enum TokenClientError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Nothing is at the path, or nobody listens there (ENOENT, ENOTDIR, ECONNREFUSED of connect(2)).
    case noDaemon(socket: String)
    /// The path's or the socket's mode keeps this process out (EACCES or EPERM of connect(2)).
    case accessDenied(socket: String)
    /// The call's deadline passed. A request that was sent may still take effect.
    case timedOut
    /// The daemon closed the connection before its answer was whole.
    case connectionLost
    /// What the daemon sent is not this protocol.
    case malformedAnswer
    /// The daemon answered `ERR`.
    case refused(RequestError)
    /// A system call failed on this side, with its errno: no descriptor left, a path too long.
    case systemCall(name: String, errno: Int32)

    public var description: String {
        switch self {
        case .noDaemon(let socket): "no daemon at \(socket)"
        case .accessDenied(let socket): "no permission to connect to \(socket)"
        case .timedOut: "no answer in time"
        case .connectionLost: "the daemon closed the connection before it had answered"
        case .malformedAnswer: "the daemon's answer is not understood"
        case .refused(let error): error.sentence
        case .systemCall(let name, let errno): "\(name) failed with errno \(errno)"
        }
    }
}
