// Decides how an answer looks on the wire: zero or more `DATA <json>` lines, then exactly one `OK` or `ERR`.

import StrictJSON
import Vocabulary

/// One line of an answer, as a client reads it.
public enum ReplyLine: Hashable, Sendable {
    /// More lines follow.
    case data(JSONValue)
    /// The final line of a success; the text may be empty.
    case ok(String)
    /// The final line of a failure.
    case error(RequestError)

    /// nil where `line` (without LF) is none of the three. A code that this version does not know is `internal`, its
    /// own word kept in the sentence.
    public init?(_ line: String) {
        if line == "OK" {
            self = .ok("")
        } else if line.hasPrefix("OK ") {
            self = .ok(String(line.dropFirst(3)))
        } else if line.hasPrefix("DATA "), let json = try? JSONValue.parse(String(line.dropFirst(5))) {
            self = .data(json)
        } else {
            let parts = line.split(separator: " ", maxSplits: 3, omittingEmptySubsequences: false)
            guard parts.count == 4, parts[0] == "ERR" else { return nil }
            let retryAfter = parts[2] == "-" ? nil : Int64(parts[2])
            guard parts[2] == "-" || (retryAfter ?? -1) >= 0 else { return nil }
            if let code = ErrorCode(rawValue: String(parts[1])) {
                self = .error(RequestError(code, retryAfter: retryAfter, String(parts[3])))
            } else {
                self = .error(RequestError(.internal, retryAfter: retryAfter, "\(parts[1]): \(parts[3])"))
            }
        }
    }
}

/// A whole answer as the bytes to send, every line ended by LF.
public enum Reply {
    /// `OK`, or `OK <text>`.
    public static func ok(_ text: String = "") -> [UInt8] {
        Array((text.isEmpty ? "OK\n" : "OK \(text)\n").utf8)
    }

    /// `OK <json>`.
    public static func ok(_ json: JSONValue) -> [UInt8] { lines(prefix: "OK ", [json]) }

    /// `ERR <code> <retry-after or -> <sentence>`.
    public static func error(_ error: RequestError) -> [UInt8] { Array("\(error)\n".utf8) }

    /// The answer of `GET`: `OK <expires_at> <token_type> <access_token>`.
    public static func token(_ token: AccessToken) -> [UInt8] {
        ok("\(token.expiresAt.epochSeconds) \(token.type) \(token.secret.exposed)")
    }

    /// `reply`, an answer of `GET`, with another expiry; nil where it is none.
    public static func token(_ reply: some Collection<UInt8>, expiringAt expiresAt: WallTime) -> [UInt8]? {
        let prefix = Array("OK ".utf8)
        guard reply.starts(with: prefix) else { return nil }
        guard let rest = reply.dropFirst(prefix.count).firstIndex(of: UInt8(ascii: " ")) else { return nil }
        return prefix + Array("\(expiresAt.epochSeconds)".utf8) + reply[rest...]
    }

    /// The answer of `LIST`: a `DATA` line each, then `OK <count> [more]`.
    public static func list(_ accounts: [AccountStatus], more: Bool) -> [UInt8] {
        lines(prefix: "DATA ", accounts.map(\.json)) + ok("\(accounts.count)\(more ? " more" : "")")
    }

    /// The answer of `DEVICE`: what a user is shown (RFC 8628 §3.2), once whole in a `DATA` line and then as words.
    public static func device(
        userCode: String, verificationURI: String, complete: String?, expiresIn: Int64
    ) -> [UInt8] {
        var object: JSONObject = [
            "user_code": .string(userCode), "verification_uri": .string(verificationURI),
            "expires_in": JSONValue(expiresIn),
        ]
        if let complete { object["verification_uri_complete"] = .string(complete) }
        let words = [
            PercentEncoding.encode(userCode), PercentEncoding.encode(verificationURI), "\(expiresIn)",
        ]
        return lines(prefix: "DATA ", [.object(object)]) + ok(words.joined(separator: " "))
    }

    private static func lines(prefix: String, _ values: [JSONValue]) -> [UInt8] {
        var bytes: [UInt8] = []
        for value in values {
            bytes.append(contentsOf: prefix.utf8)
            value.write(to: &bytes)
            bytes.append(UInt8(ascii: "\n"))
        }
        return bytes
    }
}
