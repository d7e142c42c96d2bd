// Decides what each size of QR code holds (ISO/IEC 18004, tables 1 and 9, annex E). Versions beyond 25 were left out: a
// terminal of ordinary size does not show them.

/// A QR code's version, 1 to 25.
struct QRVersion: Hashable, Sendable {
    static let all = (1...25).map(QRVersion.init)

    let number: Int

    /// - Precondition: 1 to 25.
    init(_ number: Int) {
        precondition((1...25).contains(number), "a version of the tables below")
        self.number = number
    }

    /// The smallest one that holds so many bytes, nil where none does.
    static func smallest(for bytes: Int, _ level: QRCode.Level) -> QRVersion? {
        all.first { $0.capacity(level) >= bytes }
    }

    /// Modules along an edge.
    var size: Int { 17 + 4 * number }

    /// Bytes of text it holds in byte mode.
    func capacity(_ level: QRCode.Level) -> Int { (dataCodewords(level) * 8 - 4 - lengthBits) / 8 }

    /// Bits of the length in byte mode.
    var lengthBits: Int { number < 10 ? 8 : 16 }

    func dataCodewords(_ level: QRCode.Level) -> Int {
        codewords - blocks(level) * correctionPerBlock(level)
    }

    func blocks(_ level: QRCode.Level) -> Int {
        (level == .low ? Self.lowBlocks : Self.mediumBlocks)[number - 1]
    }

    func correctionPerBlock(_ level: QRCode.Level) -> Int {
        (level == .low ? Self.lowCorrection : Self.mediumCorrection)[number - 1]
    }

    /// Where alignment patterns have their centres, along either axis.
    var alignmentCentres: [Int] {
        guard number > 1 else { return [] }
        let count = number / 7 + 2
        // Evenly spaced by an even number from the far end; what is left lies behind the first, which is always at 6.
        let step = (number * 8 + count * 3 + 5) / (count * 4 - 4) * 2
        return [6] + (0..<count - 1).map { size - 7 - $0 * step }.reversed()
    }

    /// All codewords: the modules that no pattern takes, by the byte.
    private var codewords: Int {
        let aligned = alignmentCentres.count
        var modules = size * size
        // Three finders with their separators, the two timing patterns, the format twice and the dark module.
        modules -= 3 * 64 + 2 * (size - 16) + 31
        if aligned > 0 {
            // None at the three finders; those on a timing pattern share five modules with it.
            modules -= (aligned * aligned - 3) * 25 - 2 * (aligned - 2) * 5
        }
        if number >= 7 { modules -= 36 }
        return modules / 8
    }

    private static let lowCorrection = [
        7, 10, 15, 20, 26, 18, 20, 24, 30, 18, 20, 24, 26, 30, 22, 24, 28, 30, 28, 28, 28, 28, 30, 30, 26,
    ]
    private static let lowBlocks = [
        1, 1, 1, 1, 1, 2, 2, 2, 2, 4, 4, 4, 4, 4, 6, 6, 6, 6, 7, 8, 8, 9, 9, 10, 12,
    ]
    private static let mediumCorrection = [
        10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26, 26, 28, 28, 28, 28,
    ]
    private static let mediumBlocks = [
        1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16, 17, 17, 18, 20, 21,
    ]
}
