// Decides how `{name}` in a provider's description is filled. What an account fills in may never change which host a URL
// names nor where its path leads: in an endpoint, values are unreserved characters alone, and the finished URL is judged
// again. Braces that enclose no name are text, since a parameter may be JSON (OpenID Connect's `claims`).

import Vocabulary

/// `{name}`: a place in a provider's description that an account's variables fill.
public enum Template {
    /// The names of the variables in `text`, in order, each once.
    public static func names(in text: String) -> [String] {
        var names: [String] = []
        for case .variable(let name) in pieces(of: text) where !names.contains(name) { names.append(name) }
        return names
    }

    /// `text` with the variables filled that `variables` has; the others stay for each account to fill.
    public static func fill(_ text: String, _ variables: [String: String]) -> String {
        pieces(of: text).map { piece in
            switch piece {
            case .literal(let literal): literal
            case .variable(let name): variables[name] ?? "{\(name)}"
            }
        }.joined()
    }

    /// `text` with its variables filled, whatever their values: for parameters and claims, which are encoded as a whole.
    static func fill(_ text: String, _ context: RequestContext) throws(RequestProblem) -> String {
        var filled = ""
        for piece in pieces(of: text) {
            switch piece {
            case .literal(let literal): filled += literal
            case .variable(let name): filled += try value(of: name, context)
            }
        }
        return filled
    }

    /// The URL `text` with its variables filled.
    ///
    /// An account's name may hold more than unreserved characters: in path and query these are percent-encoded, in the
    /// authority (RFC 3986 §3.2) they are refused.
    static func fill(
        _ text: String, endpoint: EndpointName, _ context: RequestContext
    ) throws(RequestProblem) -> String {
        var filled = ""
        var isTemplate = false
        for piece in pieces(of: text) {
            switch piece {
            case .literal(let literal): filled += literal
            case .variable(let name):
                isTemplate = true
                let value = try value(of: name, context)
                guard !value.isEmpty else { throw .unusableVariable(name) }
                if !value.utf8.allSatisfy(isUnreserved) {
                    guard name == accountVariable, !endsInAuthority(filled) else {
                        throw .unusableVariable(name)
                    }
                }
                filled += percentEncoded(value)
            }
        }
        if isTemplate {
            guard EndpointURL.isEndpoint(filled), !hasDotSegment(filled) else {
                throw .malformedEndpoint(endpoint)
            }
        }
        return filled
    }

    /// The variable that every account fills by being called what it is.
    public static let accountVariable = "account"

    private static func value(of name: String, _ context: RequestContext) throws(RequestProblem) -> String {
        if name == accountVariable {
            return String(context.account.text.dropFirst(context.account.provider.text.count + 1))
        }
        guard let value = context.variables[name] else { throw .unfilledVariable(name) }
        return value
    }

    private enum Piece {
        case literal(String)
        case variable(String)
    }

    private static func pieces(of text: String) -> [Piece] {
        var pieces: [Piece] = []
        var literal = ""
        var rest = Substring(text)
        while let brace = rest.firstIndex(of: "{") {
            literal += rest[..<brace]
            let inner = rest[rest.index(after: brace)...]
            let name = inner.prefix { $0 != "{" && $0 != "}" }
            if name.endIndex < inner.endIndex, inner[name.endIndex] == "}", isName(name) {
                if !literal.isEmpty { pieces.append(.literal(literal)) }
                literal = ""
                pieces.append(.variable(String(name)))
                rest = inner[inner.index(after: name.endIndex)...]
            } else {
                literal += "{"
                rest = inner
            }
        }
        literal += rest
        if !literal.isEmpty { pieces.append(.literal(literal)) }
        return pieces
    }

    /// The form of a variable's name on the wire and in a configuration: 1 to 32 of `[a-z0-9_]`.
    private static func isName(_ text: Substring) -> Bool {
        (1...32).contains(text.utf8.count)
            && text.utf8.allSatisfy { "abcdefghijklmnopqrstuvwxyz0123456789_".utf8.contains($0) }
    }

    /// RFC 3986 §2.3.
    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"):
            true
        default: false
        }
    }

    private static func percentEncoded(_ text: String) -> String {
        text.utf8.map { isUnreserved($0) ? String(Unicode.Scalar($0)) : FormEncoding.percentEncoded($0) }
            .joined()
    }

    /// Whether what follows the beginning `url` of a URL is part of its scheme or authority.
    private static func endsInAuthority(_ url: String) -> Bool {
        guard let scheme = url.firstRange(of: "://") else { return true }
        return !url[scheme.upperBound...].contains { $0 == "/" || $0 == "?" }
    }

    /// Whether the path holds `.` or `..`, which lead elsewhere (RFC 3986 §5.2.4).
    private static func hasDotSegment(_ url: String) -> Bool {
        url.prefix { $0 != "?" }.split(separator: "/").contains { $0 == "." || $0 == ".." }
    }
}
