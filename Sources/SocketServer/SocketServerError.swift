// Decides how starting the server can fail: the kernel refuses one of its few descriptors, or the thread.

import Glibc

/// A system call that the server cannot do without has failed.
public struct SocketServerError: Error, Hashable, Sendable, CustomStringConvertible {
    public let call: String
    public let code: Int32

    init(_ call: String, code: Int32 = errno) {
        self.call = call
        self.code = code
    }

    public var description: String { "\(call): \(String(cString: strerror(code)))" }
}
