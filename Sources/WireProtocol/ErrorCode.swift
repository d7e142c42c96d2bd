// Decides how a request can fail, in words that never change: clients of any age switch on these codes.

/// The code of an `ERR` line. Stable for ever.
public enum ErrorCode: String, Sendable, CaseIterable {
    case badRequest = "bad-request"
    case unknownVerb = "unknown-verb"
    case lineTooLong = "line-too-long"
    case unknownAccount = "unknown-account"
    case unknownProvider = "unknown-provider"
    case exists
    case denied
    case loginNeeded = "login-needed"
    /// The login that this request was about did not succeed; nothing stored has changed.
    case loginFailed = "login-failed"
    case operatorNeeded = "operator-needed"
    case tryAgain = "try-again"
    case timeout
    case unsatisfiable
    case busy
    case storage
    case shuttingDown = "shutting-down"
    case `internal`
}

/// A request refused: the final line of a reply that is not `OK`.
public struct RequestError: Error, Hashable, Sendable, CustomStringConvertible {
    public let code: ErrorCode
    /// Whole seconds after which trying again makes sense; nil (`-` on the wire) where it does not by itself.
    public let retryAfter: Int64?
    /// One sentence for a person, visible ASCII and spaces, no secret.
    public let sentence: String

    public init(_ code: ErrorCode, retryAfter: Int64? = nil, _ sentence: String) {
        self.code = code
        self.retryAfter = retryAfter
        self.sentence = sentence
    }

    static func badRequest(_ sentence: String) -> RequestError { RequestError(.badRequest, sentence) }

    /// `ERR <code> <retry-after or -> <sentence>`, without the line feed.
    public var description: String {
        "ERR \(code.rawValue) \(retryAfter.map(String.init) ?? "-") \(sentence)"
    }
}
