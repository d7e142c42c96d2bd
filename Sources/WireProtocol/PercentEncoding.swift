// Decides how a word carries any byte: `%` and two hex digits stand for spaces, `%`, control and non-ASCII bytes.
// Foundation's percent encoding was rejected: it decodes to String or nothing and knows only URL component sets.

public enum PercentEncoding {
    /// `word` with every byte outside visible ASCII, and `%` and `=` themselves, as `%XX`.
    public static func encode(_ word: String) -> String {
        var encoded: [UInt8] = []
        for byte in word.utf8 {
            if (0x21...0x7E).contains(byte), byte != UInt8(ascii: "%"), byte != UInt8(ascii: "=") {
                encoded.append(byte)
            } else {
                let hex = String(byte, radix: 16, uppercase: true)
                encoded.append(contentsOf: ("%" + (hex.utf8.count == 1 ? "0" : "") + hex).utf8)
            }
        }
        return String(decoding: encoded, as: UTF8.self)
    }

    /// The text behind `word`; nil where a `%` is not followed by two hex digits or the bytes are not UTF-8.
    public static func decode(_ word: some Collection<UInt8>) -> String? {
        var decoded: [UInt8] = []
        var rest = word[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                decoded.append(byte)
                continue
            }
            guard let high = hexValue(rest.popFirst()), let low = hexValue(rest.popFirst()) else {
                return nil
            }
            decoded.append(high << 4 | low)
        }
        return String(validating: decoded, as: UTF8.self)
    }

    private static func hexValue(_ byte: UInt8?) -> UInt8? {
        guard let byte else { return nil }
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): return byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): return byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): return byte - UInt8(ascii: "A") + 10
        default: return nil
        }
    }
}
