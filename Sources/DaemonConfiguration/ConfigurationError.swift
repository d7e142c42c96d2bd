// Decides how a mistake in the configuration is told: where, what was expected, and the nearest word that would have
// been right. Never what stood there: it may be a secret in the wrong place.

import StrictJSON

/// One mistake in the configuration.
public struct ConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Where, as member names joined by dots (`providers.seamless.client_id`); empty for the document itself.
    public let path: String
    public let problem: Problem

    public enum Problem: Hashable, Sendable {
        /// The object has no such key; `known` are the keys it may have, the nearest first.
        case unknownKey(known: [String])
        case missing(expected: String)
        case wrongType(expected: String, found: String)
        /// The type is right, the value is not.
        case unacceptable(expected: String)
        /// The value is none of `known`, the nearest first.
        case unknownValue(kind: String, known: [String])
        case secret(SecretProblem)
        /// A template names a variable that nothing fills; a name has no room for a secret.
        case unfilled(variable: String)
        /// A file other than a secret's cannot be read.
        case file(path: String, FileError)
    }

    public var description: String { "\(path.isEmpty ? "the configuration" : path): \(problem)" }
}

extension ConfigurationError.Problem: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unknownKey(let known):
            "unknown key; the nearest known key is \(known[0]) (expected \(Self.alternatives(known)))"
        case .missing(let expected): "missing; expected \(expected)"
        case .wrongType(let expected, let found): "expected \(expected), found \(found)"
        case .unacceptable(let expected): "expected \(expected)"
        case .unknownValue(let kind, let known):
            "unknown \(kind); the nearest known one is \(known[0]) (expected \(Self.alternatives(known)))"
        case .secret(let problem): problem.description
        case .unfilled(let variable): "{\(variable)} is not filled: add it to variables"
        case .file(let path, let error): "cannot read \(path): \(error)"
        }
    }

    private static func alternatives(_ known: [String]) -> String {
        known.count == 1 ? known[0] : "one of \(known.sorted().joined(separator: ", "))"
    }
}

/// Why there is no configuration.
public enum ConfigurationFailure: Error, Hashable, Sendable, CustomStringConvertible {
    case unreadable(path: String, FileError)
    case notJSON(JSONError.Problem, line: Int, column: Int)
    /// At least one.
    case invalid([ConfigurationError])

    /// One line per mistake.
    public var description: String {
        switch self {
        case .unreadable(let path, let error): "cannot read \(path): \(error)"
        case .notJSON(let problem, let line, let column):
            "line \(line), column \(column): \(problem.rawValue)"
        case .invalid(let errors): errors.map(\.description).joined(separator: "\n")
        }
    }

    /// Turns a byte offset into what an editor shows: lines from 1, columns in bytes from 1.
    init(notJSON error: JSONError, in text: [UInt8]) {
        let before = text.prefix(error.offset)
        let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        let line = before.count { $0 == UInt8(ascii: "\n") } + 1
        self = .notJSON(error.problem, line: line, column: before.count - lineStart + 1)
    }
}
