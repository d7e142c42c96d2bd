// Decides what a browser's request is to a login: the answer it waits for, or something to turn away. A browser asks for
// more than it was sent to (an icon, a preconnect), and any page of any site can make it ask.

import TokenClient

/// The head of an HTTP request as far as a login reads it (RFC 9112 §3).
enum CallbackRequest: Hashable {
    /// The redirected query, as it came. Its `state` is of this login.
    case callback(Secret)
    /// Not that; the page says what it is instead.
    case other(CallbackPage)
    /// The head has not ended yet.
    case unfinished

    /// The longest head: a query as long as the protocol takes, and a browser's usual fields.
    static let longestHead = LineLimit.callback + (16 << 10)

    /// - Parameters:
    ///   - bytes: all that came so far.
    ///   - path: where the provider sends the browser.
    ///   - state: of this login; nil where the URL had none.
    init(_ bytes: [UInt8], path: String, state: String?) {
        guard let end = Self.endOfHead(bytes) else {
            self = bytes.count > Self.longestHead ? .other(.tooLong) : .unfinished
            return
        }
        guard end <= Self.longestHead else {
            self = .other(.tooLong)
            return
        }
        let line = bytes[..<(bytes.firstIndex { $0 == 0x0D || $0 == 0x0A } ?? end)]
        let words = line.split(separator: 0x20, omittingEmptySubsequences: false)
        guard words.count == 3, line.allSatisfy({ (0x20...0x7E).contains($0) }), !words[1].isEmpty,
            words[2].starts(with: "HTTP/1.".utf8)
        else {
            self = .other(.notHTTP)
            return
        }
        guard words[0].elementsEqual("GET".utf8) else {
            self = .other(.wrongMethod)
            return
        }
        let target = String(decoding: words[1], as: UTF8.self)
        let targetPath = target.prefix { $0 != "?" }
        guard targetPath == path else {
            self = .other(.notFound)
            return
        }
        let query = String(target[targetPath.endIndex...].dropFirst())
        guard let given = QueryParameters("?" + query)["state"], state == nil || given == state else {
            self = .other(.foreign)
            return
        }
        self = .callback(Secret(query))
    }

    /// Behind the empty line; a bare LF counts as a line's end (RFC 9112 §2.2).
    private static func endOfHead(_ bytes: [UInt8]) -> Int? {
        var isLineEmpty = false
        for (index, byte) in bytes.enumerated() {
            switch byte {
            case 0x0A where isLineEmpty: return index + 1
            case 0x0A: isLineEmpty = true
            case 0x0D: break
            default: isLineEmpty = false
            }
        }
        return nil
    }
}
