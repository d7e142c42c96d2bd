// Decides which QR code a text becomes (ISO/IEC 18004): byte mode alone, since a URL in alphanumeric mode would lose its
// lower case. The smallest version at level L, and level M where it needs no larger one. A library was rejected: there is
// none among ours, and this is small and checked against two others.

/// A QR code as its modules.
struct QRCode: Hashable, Sendable {
    /// How much of it may be unreadable.
    enum Level: Sendable {
        /// 7 %: enough for a screen.
        case low
        /// 15 %.
        case medium
    }

    let version: QRVersion
    let level: Level
    /// 0 to 7.
    let mask: Int
    /// Rows from the top; true is dark. Without a quiet zone.
    let modules: [[Bool]]

    var size: Int { modules.count }

    /// nil where `bytes` are more than the largest version here holds, 1273.
    init?(_ bytes: some Collection<UInt8>) {
        guard let version = QRVersion.smallest(for: bytes.count, .low) else { return nil }
        let isMediumFree = QRVersion.smallest(for: bytes.count, .medium) == version
        self.init(bytes, version: version, level: isMediumFree ? .medium : .low)
    }

    /// - Parameter mask: nil for the one with the least penalty.
    /// - Precondition: the bytes fit.
    init(_ bytes: some Collection<UInt8>, version: QRVersion, level: Level, mask: Int? = nil) {
        precondition(bytes.count <= version.capacity(level), "the version holds these bytes")
        self.version = version
        self.level = level
        var drawing = QRDrawing(version: version)
        drawing.place(Self.codewords(bytes, version, level))
        let masked = (mask.map { $0...$0 } ?? 0...7).map { mask in
            (mask: mask, modules: drawing.masked(mask, level))
        }
        let best =
            masked.count == 1
            ? masked[0]
            : masked.map { ($0, QRPenalty.points($0.modules)) }.min { $0.1 < $1.1 }!.0
        (self.mask, modules) = best
    }

    /// The data in blocks with their error correction, interleaved (§8.6).
    private static func codewords(_ bytes: some Collection<UInt8>, _ version: QRVersion, _ level: Level)
        -> [UInt8]
    {
        let data = dataCodewords(bytes, version, level)
        let (count, correction) = (version.blocks(level), version.correctionPerBlock(level))
        let short = data.count / count
        // The last blocks are one longer where the data does not divide evenly.
        let longer = data.count % count
        var blocks: [ArraySlice<UInt8>] = []
        var start = 0
        for index in 0..<count {
            let length = short + (index < count - longer ? 0 : 1)
            blocks.append(data[start..<start + length])
            start += length
        }
        let code = ReedSolomon(degree: correction)
        let corrections = blocks.map { code.remainder($0) }
        var result: [UInt8] = []
        for column in 0...short {
            for block in blocks where column < block.count { result.append(block[block.startIndex + column]) }
        }
        for column in 0..<correction { result += corrections.map { $0[column] } }
        return result
    }

    /// Mode, length, bytes, terminator and padding (§8.4).
    private static func dataCodewords(_ bytes: some Collection<UInt8>, _ version: QRVersion, _ level: Level)
        -> [UInt8]
    {
        let capacity = version.dataCodewords(level)
        var bits = QRBits()
        bits.append(0b0100, 4)
        bits.append(bytes.count, version.lengthBits)
        for byte in bytes { bits.append(Int(byte), 8) }
        bits.append(0, min(4, capacity * 8 - bits.count))
        bits.append(0, (8 - bits.count % 8) % 8)
        var result = bits.bytes
        while result.count < capacity {
            result.append(result.count % 2 == bits.bytes.count % 2 ? 0xEC : 0x11)
        }
        return result
    }
}

/// A string of bits, the most significant first.
private struct QRBits {
    private(set) var bytes: [UInt8] = []
    private(set) var count = 0

    mutating func append(_ value: Int, _ width: Int) {
        for bit in (0..<width).reversed() {
            if count % 8 == 0 { bytes.append(0) }
            if value >> bit & 1 == 1 { bytes[count / 8] |= 0x80 >> UInt8(count % 8) }
            count += 1
        }
    }
}
