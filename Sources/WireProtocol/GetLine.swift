// Decides, without a copy, what nearly every line is: a GET. The reader looks at the received bytes where they lie and
// hands out the account's name as a range of them. Whatever is not plainly a well-formed GET is nil here and goes to
// `Request.parse`, which alone knows the errors; both agree on every line (a test compares them).

import Vocabulary

/// A well-formed GET whose words need no percent-decoding.
public struct GetLine: Hashable, Sendable {
    /// Where the account's name lies in the line; it has the form of `AccountName`.
    public let account: Range<Int>
    /// Seconds of life the token must have left.
    public let minTTL: Int64
    /// Seconds to wait for a refresh.
    public let wait: Int64
    public let refused: Fingerprint?

    /// nil where `line` (without LF, with or without CR) is anything but a plain GET.
    @inlinable
    public init?(_ line: UnsafeRawBufferPointer) {
        var end = line.count
        if end > 0, line[end - 1] == UInt8(ascii: "\r") { end -= 1 }
        guard end > 4, line[0] | 0x20 == UInt8(ascii: "g"), line[1] | 0x20 == UInt8(ascii: "e"),
            line[2] | 0x20 == UInt8(ascii: "t"), line[3] == UInt8(ascii: " ")
        else { return nil }
        guard let position = Self.accountEnd(line, from: 4, to: end) else { return nil }
        account = 4..<position
        if position == end {
            minTTL = 0
            wait = GetOptions.defaultWait
            refused = nil
            return
        }
        guard let options = Self.options(line, from: position, to: end) else { return nil }
        minTTL = options.minTTL
        wait = options.wait
        refused = options.refused
    }

    /// Where the account's name that begins at `start` ends: one pass over `<provider>/<name>`.
    @usableFromInline
    static func accountEnd(_ line: UnsafeRawBufferPointer, from start: Int, to end: Int) -> Int? {
        var slash = start
        while slash < end, isProviderByte(line[slash]) { slash += 1 }
        guard slash < end, line[slash] == UInt8(ascii: "/"), (1...32).contains(slash - start),
            line[start] != UInt8(ascii: "-"), line[start] != UInt8(ascii: "_")
        else { return nil }
        var position = slash + 1
        while position < end, AccountName.isNameByte(line[position]) { position += 1 }
        return (1...200).contains(position - slash - 1) ? position : nil
    }

    private static func isProviderByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }

    @usableFromInline
    static func options(_ line: UnsafeRawBufferPointer, from start: Int, to end: Int) -> GetOptions? {
        var options = GetOptions()
        var seen = (minTTL: false, wait: false, refused: false)
        var position = start
        while position < end {
            guard line[position] == UInt8(ascii: " ") else { return nil }
            position += 1
            if !seen.minTTL, let value = skip("min-ttl=", line, position, end) {
                seen.minTTL = true
                guard let number = number(line, value, end, upTo: Int64(UInt32.max)) else { return nil }
                options.minTTL = number.value
                position = number.end
            } else if !seen.wait, let value = skip("wait=", line, position, end) {
                seen.wait = true
                guard let number = number(line, value, end, upTo: GetOptions.longestWait) else { return nil }
                options.wait = number.value
                position = number.end
            } else if !seen.refused, let value = skip("not=", line, position, end), end - value >= 16 {
                seen.refused = true
                guard let bits = hex(line, value) else { return nil }
                options.refused = Fingerprint(bits: bits)
                position = value + 16
            } else {
                return nil
            }
        }
        return options
    }

    private static func skip(_ key: StaticString, _ line: UnsafeRawBufferPointer, _ start: Int, _ end: Int)
        -> Int?
    {
        let length = key.utf8CodeUnitCount
        guard end - start >= length else { return nil }
        for index in 0..<length where line[start + index] != key.utf8Start[index] { return nil }
        return start + length
    }

    private static func number(
        _ line: UnsafeRawBufferPointer, _ start: Int, _ end: Int, upTo largest: Int64
    ) -> (value: Int64, end: Int)? {
        var value: Int64 = 0
        var position = start
        while position < end, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(line[position]) {
            value = value * 10 + Int64(line[position] - UInt8(ascii: "0"))
            guard value <= largest else { return nil }
            position += 1
        }
        return position > start ? (value, position) : nil
    }

    private static func hex(_ line: UnsafeRawBufferPointer, _ start: Int) -> UInt64? {
        var bits: UInt64 = 0
        for byte in line[start..<start + 16] {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): bits = bits << 4 | UInt64(byte - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"):
                bits = bits << 4 | UInt64(byte - UInt8(ascii: "a") + 10)
            case UInt8(ascii: "A")...UInt8(ascii: "F"):
                bits = bits << 4 | UInt64(byte - UInt8(ascii: "A") + 10)
            default: return nil
            }
        }
        return bits
    }
}
