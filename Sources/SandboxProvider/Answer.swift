// Decides what an HTTP message is to the pure part: a few words in, a status, headers and bytes out. Hummingbird's own
// request and response stay in the shell, so that both dialects are tested without a socket.

import FoundationEssentials

/// An HTTP request as the dialects read it.
struct WireRequest: Hashable, Sendable {
    var method: String
    var path: String
    var query: String = ""
    /// The `Content-Type` without its parameters, lower case.
    var contentType: String = ""
    var authorization: String?
    var body: [UInt8] = []

    /// The token of `Authorization: Bearer` (RFC 6750 §2.1).
    var bearerToken: String? {
        guard let words = authorization?.split(separator: " "), words.count == 2,
            words[0].lowercased() == "bearer"
        else { return nil }
        return String(words[1])
    }
}

/// An HTTP answer before it is written.
struct Answer: Hashable, Sendable {
    var status: Int
    var headers: [String: String]
    var body: [UInt8]

    init(status: Int, headers: [String: String] = [:], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// An answer with `value` as JSON in snake case.
    init(status: Int, headers: [String: String] = [:], json value: some Encodable) {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            self.init(status: status, headers: headers, body: Array(try encoder.encode(value)))
        } catch {
            preconditionFailure("an answer of finite numbers and strings can always be encoded: \(error)")
        }
        self.headers["Content-Type"] = "application/json"
    }

    init(_ scripted: ScriptedAnswer) {
        self.init(status: scripted.status, headers: scripted.headers, body: scripted.body)
        let namesType = headers.keys.contains { $0.lowercased() == "content-type" }
        if !body.isEmpty, !namesType { headers["Content-Type"] = "application/json" }
    }

    static func text(_ status: Int, _ sentence: String) -> Answer {
        Answer(
            status: status, headers: ["Content-Type": "text/plain; charset=utf-8"],
            body: Array((sentence + "\n").utf8))
    }
}
