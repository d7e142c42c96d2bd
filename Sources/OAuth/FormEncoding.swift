// Decides how `application/x-www-form-urlencoded` is written and read (RFC 6749 Appendix B, HTML 4.01 §17.13.4.1).

enum FormEncoding {
    /// `text` with a space as `+` and everything but ALPHA, DIGIT, `-`, `.`, `_`, `*` percent-encoded.
    static func encode(_ text: String) -> String {
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "*"):
                bytes.append(byte)
            case UInt8(ascii: " "): bytes.append(UInt8(ascii: "+"))
            default: bytes.append(contentsOf: percentEncoded(byte).utf8)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The same with a space as `%20`, which readers of forms and of plain URLs take alike.
    static func encodeQuery(_ text: String) -> String { encode(text).replacing("+", with: "%20") }

    /// The parameters as a body.
    static func encode(_ parameters: [Parameter]) -> [UInt8] {
        Array(parameters.map { "\(encode($0.name))=\(encode($0.value))" }.joined(separator: "&").utf8)
    }

    /// `%` and two hexadecimal digits.
    static func percentEncoded(_ byte: UInt8) -> String {
        let digits = [UInt8(ascii: "%"), hexDigits[Int(byte >> 4)], hexDigits[Int(byte & 15)]]
        return String(decoding: digits, as: UTF8.self)
    }

    /// The name in front of a pair's `=`, or the whole where there is none; nil where it is not encoded.
    static func decodeName(_ pair: String) -> String? {
        decodeWord(pair.utf8.prefix { $0 != UInt8(ascii: "=") })
    }

    /// The parameters of `bytes`; nil when they are no form, or name a parameter twice (RFC 6749 §3.2).
    static func decode(_ bytes: some Collection<UInt8>) -> [(name: String, value: String)]? {
        var parameters: [(name: String, value: String)] = []
        var names: Set<String> = []
        for pair in bytes.split(separator: UInt8(ascii: "&"), omittingEmptySubsequences: false) {
            guard let equals = pair.firstIndex(of: UInt8(ascii: "=")),
                let name = decodeWord(pair[..<equals]), !name.isEmpty,
                let value = decodeWord(pair[pair.index(after: equals)...]),
                names.insert(name).inserted
            else { return nil }
            parameters.append((name, value))
        }
        return parameters
    }

    private static let hexDigits = Array("0123456789ABCDEF".utf8)

    private static func decodeWord(_ word: some Collection<UInt8>) -> String? {
        var bytes: [UInt8] = []
        var rest = Array(word)[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "+"): bytes.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard let high = rest.popFirst().flatMap(digit), let low = rest.popFirst().flatMap(digit)
                else {
                    return nil
                }
                bytes.append(high << 4 | low)
            // What a form never holds as it stands: controls, spaces, markup, JSON, other scripts.
            case 0...0x20, 0x7F..., UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "{"),
                UInt8(ascii: "\""):
                return nil
            default: bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        Character(Unicode.Scalar(byte)).hexDigitValue.map(UInt8.init)
    }
}
