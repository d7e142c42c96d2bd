/// Why a text is not one JSON value. Says where and what kind, never what stood there: the text may hold secrets.
public struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Problem: String, Sendable {
        case empty = "the text is empty"
        case unexpectedEnd = "the text ends in the middle of a value"
        case unexpectedCharacter = "unexpected character"
        case malformedNumber = "malformed number"
        case malformedString = "malformed string"
        case invalidUTF8 = "invalid UTF-8"
        case duplicateName = "a name stands twice in one object"
        case tooDeep = "nested too deeply"
        case trailingText = "text after the value"
    }

    public let problem: Problem
    /// Bytes before the problem.
    public let offset: Int

    public var description: String { "\(problem.rawValue) at byte \(offset)" }
}
