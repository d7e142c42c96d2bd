// Decides how names and values come out of a query or form body. Hummingbird's decoder was rejected: it accepts a
// doubled parameter, which RFC 6749 §3.2 forbids and a token server must notice.

import FoundationEssentials

/// The fields of an `application/x-www-form-urlencoded` text.
struct FormFields: Hashable, Sendable {
    enum FormError: Error, Hashable, Sendable {
        case doubled(String)
        case badEncoding
    }

    private var values: [String: String] = [:]

    init(_ text: some StringProtocol) throws(FormError) {
        for pair in text.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = try Self.decoded(parts[0])
            let value = parts.count == 2 ? try Self.decoded(parts[1]) : ""
            guard values.updateValue(value, forKey: name) == nil else { throw .doubled(name) }
        }
    }

    /// The value of a field; an empty one counts as absent (RFC 6749 §3.2).
    subscript(name: String) -> String? {
        guard let value = values[name], !value.isEmpty else { return nil }
        return value
    }

    /// Undoes `application/x-www-form-urlencoded`: `+` is a space, then percent-encoding.
    static func decoded(_ text: some StringProtocol) throws(FormError) -> String {
        var bytes: [UInt8] = []
        var rest = Substring(text).utf8
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "+"): bytes.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard let high = rest.popFirst().flatMap(hexDigit),
                    let low = rest.popFirst().flatMap(hexDigit)
                else { throw .badEncoding }
                bytes.append(high << 4 | low)
            default: bytes.append(byte)
            }
        }
        guard let decoded = String(validating: bytes, as: UTF8.self) else { throw .badEncoding }
        return decoded
    }

    /// Encodes everything but RFC 3986's unreserved characters, for a query.
    static func encoded(_ text: String) -> String {
        let unreserved = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~".utf8)
        return text.utf8.reduce(into: "") { result, byte in
            if unreserved.contains(byte) {
                result.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                let digits = String(byte, radix: 16, uppercase: true)
                result += byte < 16 ? "%0\(digits)" : "%\(digits)"
            }
        }
    }

    private static func hexDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}

/// A client's credentials as `Authorization: Basic` carries them: each half form-urlencoded before Base64
/// (RFC 6749 §2.3.1), which most clients forget for a secret such as `a+b`.
struct BasicCredentials: Hashable, Sendable {
    let id: String
    let secret: String

    /// Nil for another scheme and for what cannot be decoded.
    init?(_ header: String) {
        let words = header.split(separator: " ", maxSplits: 1)
        guard words.count == 2, words[0].lowercased() == "basic",
            let data = Data(base64Encoded: String(words[1])),
            let text = String(validating: data, as: UTF8.self)
        else { return nil }
        let halves = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard halves.count == 2, let id = try? FormFields.decoded(halves[0]),
            let secret = try? FormFields.decoded(halves[1])
        else { return nil }
        self.id = id
        self.secret = secret
    }
}
