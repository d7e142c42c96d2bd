// Decides that no line is sent that the daemon would hang up on: the length is checked where the line is made.

import WireProtocol

/// A request as the bytes to send, LF included, within the protocol's limit. May hold secrets.
public struct EncodedRequest: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
    let bytes: [UInt8]

    /// - Throws: `line-too-long`. The daemon would answer the same and then close the connection.
    public init(_ request: Request) throws(RequestError) {
        var bytes = Array(request.line.utf8)
        bytes.append(UInt8(ascii: "\n"))
        let limit = bytes.withUnsafeBytes { LineLimit.limit(forLineStartingWith: $0) }
        guard bytes.count <= limit else {
            throw RequestError(.lineTooLong, "a line of this request has at most \(limit) bytes")
        }
        self.bytes = bytes
    }

    /// Only the length: `ADD` carries a grant.
    public var description: String { "EncodedRequest(\(bytes.count) bytes)" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
