// Decides what is made of a body that strict JSON refuses for how its characters are written, though it says everything: a
// name in Latin-1 or cut within an emoji, a raw line feed, UTF-16. To refuse it would cost the refresh token that is in it.
// What was no character becomes U+FFFD, which no token may hold. Two equal names are not
// repaired: nobody knows which was meant.

enum AnswerText {
    /// Stands for what was no character.
    static let replacement: Character = "\u{FFFD}"

    /// The same text as JSON of valid UTF-8, where it is JSON at all.
    static func repaired(_ bytes: [UInt8]) -> [UInt8] {
        var text = Array(decoded(bytes).utf8)
        while text.last == 0 { text.removeLast() }
        return escaped(text)
    }

    /// UTF-16 by its byte order mark, or by the zero beside its first character, which in JSON is ASCII (RFC 4627 §3); else
    /// UTF-8.
    private static func decoded(_ bytes: [UInt8]) -> String {
        guard bytes.count >= 2 else { return String(decoding: bytes, as: UTF8.self) }
        switch (bytes[0], bytes[1]) {
        case (0xFF, 0xFE): return utf16(bytes.dropFirst(2), highFirst: false)
        case (0xFE, 0xFF): return utf16(bytes.dropFirst(2), highFirst: true)
        case (0, 1...): return utf16(bytes[...], highFirst: true)
        case (1..., 0): return utf16(bytes[...], highFirst: false)
        default: return String(decoding: bytes, as: UTF8.self)
        }
    }

    private static func utf16(_ bytes: ArraySlice<UInt8>, highFirst: Bool) -> String {
        let units = stride(from: bytes.startIndex, to: bytes.endIndex - 1, by: 2).map { index in
            let (high, low) = highFirst ? (index, index + 1) : (index + 1, index)
            return UInt16(bytes[high]) << 8 | UInt16(bytes[low])
        }
        return String(decoding: units, as: UTF16.self)
    }

    /// `text` with the control characters in its strings escaped and half a surrogate pair replaced.
    private static func escaped(_ text: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var isInString = false
        var rest = text[...]
        while let byte = rest.first {
            var length = 1
            switch byte {
            case UInt8(ascii: "\""): isInString.toggle()
            case UInt8(ascii: "\\") where isInString:
                let unit = escapedUnit(rest)
                length = unit == nil ? 2 : 6
                if let unit, (0xD800..<0xE000).contains(unit) {
                    let isPair =
                        unit < 0xDC00
                        && (escapedUnit(rest.dropFirst(6)).map { $0 & 0xFC00 == 0xDC00 } ?? false)
                    length = isPair ? 12 : 6
                    if !isPair {
                        result.append(contentsOf: String(replacement).utf8)
                        rest = rest.dropFirst(length)
                        continue
                    }
                }
            case 0..<0x20 where isInString:
                result.append(contentsOf: "\\u00\(byte < 0x10 ? "0" : "")\(String(byte, radix: 16))".utf8)
                rest = rest.dropFirst()
                continue
            default: break
            }
            result.append(contentsOf: rest.prefix(length))
            rest = rest.dropFirst(length)
        }
        return result
    }

    /// The code unit of an escape `\uXXXX` that `text` begins with.
    private static func escapedUnit(_ text: ArraySlice<UInt8>) -> UInt16? {
        guard text.count >= 6, text.starts(with: Array("\\u".utf8)) else { return nil }
        return UInt16(String(decoding: text.dropFirst(2).prefix(4), as: UTF8.self), radix: 16)
    }
}
