// Decides how a redirected URL is read (RFC 6749 §4.1.2): only what ends a login, strictly; whatever else a provider adds
// (`session_state`, `scope`, `authuser`, a shop's name) is passed over unread.

import Vocabulary
import WireProtocol

/// What an authorization server sent back through the user's browser.
public struct CallbackParameters: Hashable, Sendable {
    public var state: Secret?
    public var code: Secret?
    /// RFC 6749 §4.1.2.1.
    public var error: String?
    /// RFC 9207.
    public var issuer: String?

    /// Why a URL cannot be read.
    public enum Problem: Error, Hashable, Sendable, CustomStringConvertible {
        case noQuery
        case badlyEncoded(String)
        case doubled(String)

        public var description: String {
            switch self {
            case .noQuery: "the redirected URL has no query"
            case .badlyEncoded(let name): "\(name) in the redirected URL is badly encoded"
            case .doubled(let name): "\(name) stands twice in the redirected URL"
            }
        }
    }

    /// Reads a URL, its query, or the body of a form post.
    public init(_ redirected: Secret) throws(Problem) {
        let text = redirected.exposed.prefix { $0 != "#" }
        let query: Substring
        if let mark = text.firstIndex(of: "?") {
            query = text[text.index(after: mark)...]
        } else if text.contains("=") {
            query = text
        } else {
            throw .noQuery
        }
        for pair in query.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            try take(String(parts[0]), parts.count == 2 ? parts[1] : "")
        }
    }

    private mutating func take(_ name: String, _ word: Substring) throws(Problem) {
        switch name {
        case "state": state = Secret(try Self.value(name, word, unless: state != nil))
        case "code": code = Secret(try Self.value(name, word, unless: code != nil))
        case "error": error = try Self.value(name, word, unless: error != nil)
        case "iss": issuer = try Self.value(name, word, unless: issuer != nil)
        default: break
        }
    }

    private static func value(
        _ name: String, _ word: Substring, unless isDoubled: Bool
    ) throws(Problem) -> String {
        guard !isDoubled else { throw .doubled(name) }
        guard let value = decoded(word) else { throw .badlyEncoded(name) }
        return value
    }

    /// `application/x-www-form-urlencoded`: `+` is a space, `%XX` a byte of UTF-8.
    private static func decoded(_ word: Substring) -> String? {
        PercentEncoding.decode(word.utf8.map { $0 == UInt8(ascii: "+") ? UInt8(ascii: " ") : $0 })
    }
}
