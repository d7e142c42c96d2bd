// Decides the one byte layout of everything that is sealed, authenticated or derived from: fields with their
// lengths in front, so that no two lists of fields have the same bytes. Rejected: JSON and property lists,
// which can be written in several ways, and separators, which a field can contain.

import Foundation
import Vocabulary

/// Collects fields: four bytes of length, big-endian, then the bytes; an absent field is the length 2^32 - 1
/// alone.
struct FieldWriter {
    private(set) var bytes: [UInt8] = []

    init(reserving capacity: Int = 256) { bytes.reserveCapacity(capacity) }

    mutating func append(_ field: some Collection<UInt8>) {
        appendLength(UInt32(field.count))
        bytes.append(contentsOf: field)
    }

    mutating func append(_ text: String?) {
        guard let text else { return appendLength(.max) }
        append(text.utf8)
    }

    mutating func append(_ number: UInt64) {
        append((0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * $0)) })
    }

    mutating func append(_ time: WallTime?) {
        guard let time else { return appendLength(.max) }
        append(UInt64(bitPattern: time.nanoseconds))
    }

    private mutating func appendLength(_ length: UInt32) {
        for shift in [24, 16, 8, 0] { bytes.append(UInt8(truncatingIfNeeded: length >> UInt32(shift))) }
    }
}

/// Reads back what `FieldWriter` wrote.
struct FieldReader {
    private var rest: Data.SubSequence

    init(_ bytes: Data) { rest = bytes[...] }

    var isAtEnd: Bool { rest.isEmpty }

    /// The next text; nil where it is absent.
    mutating func text() throws(RecordDamage) -> String? {
        guard rest.count >= 4 else { throw .malformed }
        let length = rest.prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
        rest = rest.dropFirst(4)
        guard length != .max else { return nil }
        guard rest.count >= length, let text = String(validating: rest.prefix(Int(length)), as: UTF8.self)
        else {
            throw .malformed
        }
        rest = rest.dropFirst(Int(length))
        return text
    }

    /// The next text, which is a number; nil where it is absent.
    mutating func number() throws(RecordDamage) -> Int64? {
        guard let text = try text() else { return nil }
        guard let number = Int64(text) else { throw .malformed }
        return number
    }
}
