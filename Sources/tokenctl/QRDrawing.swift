// Decides where everything in a QR code lies (ISO/IEC 18004 §7.3, §8.7 to §8.10): patterns, format and version, and the
// zigzag of the data around them.

/// A QR code that is being drawn.
struct QRDrawing: Sendable {
    private let version: QRVersion
    private var modules: [[Bool]]
    /// Modules that no data may take and no mask may change.
    private var isReserved: [[Bool]]

    private var size: Int { version.size }

    /// Draws all patterns, and reserves the place of the format.
    init(version: QRVersion) {
        self.version = version
        let row = [Bool](repeating: false, count: version.size)
        modules = Array(repeating: row, count: version.size)
        isReserved = modules
        drawTiming()
        for (x, y) in [(3, 3), (size - 4, 3), (3, size - 4)] { drawFinder(x, y) }
        drawAlignment()
        drawFormat(0)
        drawVersion()
    }

    /// Fills the rest with `codewords`, from the lower right corner up and down in columns of two.
    mutating func place(_ codewords: [UInt8]) {
        var bit = 0
        // The timing pattern's column takes no part.
        for right in stride(from: size - 1, through: 1, by: -2).map({ $0 <= 6 ? $0 - 1 : $0 }) {
            let isUpward = (right + 1) & 2 == 0
            for step in 0..<size {
                let y = isUpward ? size - 1 - step : step
                for x in [right, right - 1] where !isReserved[y][x] {
                    // What is left beyond the last codeword stays light.
                    guard bit < codewords.count * 8 else { return }
                    modules[y][x] = codewords[bit / 8] >> UInt8(7 - bit % 8) & 1 == 1
                    bit += 1
                }
            }
        }
    }

    /// The modules under a mask, with the format that tells of it.
    func masked(_ mask: Int, _ level: QRCode.Level) -> [[Bool]] {
        var drawing = self
        for y in 0..<size {
            for x in 0..<size where !isReserved[y][x] && Self.inverts(mask, x, y) {
                drawing.modules[y][x].toggle()
            }
        }
        // The format's own code for the level: L is 01, M is 00.
        drawing.drawFormat((level == .low ? 1 : 0) << 3 | mask)
        return drawing.modules
    }

    private static func inverts(_ mask: Int, _ x: Int, _ y: Int) -> Bool {
        switch mask {
        case 0: (x + y) % 2 == 0
        case 1: y % 2 == 0
        case 2: x % 3 == 0
        case 3: (x + y) % 3 == 0
        case 4: (x / 3 + y / 2) % 2 == 0
        case 5: x * y % 2 + x * y % 3 == 0
        case 6: (x * y % 2 + x * y % 3) % 2 == 0
        default: ((x + y) % 2 + x * y % 3) % 2 == 0
        }
    }

    private mutating func set(_ x: Int, _ y: Int, _ isDark: Bool) {
        modules[y][x] = isDark
        isReserved[y][x] = true
    }

    private mutating func drawTiming() {
        for index in 0..<size {
            set(6, index, index % 2 == 0)
            set(index, 6, index % 2 == 0)
        }
    }

    /// A finder with the light separator around it, as far as it lies inside.
    private mutating func drawFinder(_ centreX: Int, _ centreY: Int) {
        for y in max(0, centreY - 4)...min(size - 1, centreY + 4) {
            for x in max(0, centreX - 4)...min(size - 1, centreX + 4) {
                let ring = max(abs(x - centreX), abs(y - centreY))
                set(x, y, ring != 2 && ring != 4)
            }
        }
    }

    private mutating func drawAlignment() {
        let centres = version.alignmentCentres
        guard let first = centres.first, let last = centres.last else { return }
        for y in centres {
            for x in centres {
                let isFinder =
                    (x == first && y == first) || (x == first && y == last) || (x == last && y == first)
                guard !isFinder else { continue }
                for row in -2...2 {
                    for column in -2...2 { set(x + column, y + row, max(abs(row), abs(column)) != 1) }
                }
            }
        }
    }

    /// Five bits and ten of a BCH code, twice (§8.9).
    private mutating func drawFormat(_ format: Int) {
        let bits = (format << 10 | Self.bch(format, 10, generator: 0x537)) ^ 0x5412
        func bit(_ index: Int) -> Bool { bits >> index & 1 == 1 }
        for index in 0...5 { set(8, index, bit(index)) }
        set(8, 7, bit(6))
        set(8, 8, bit(7))
        set(7, 8, bit(8))
        for index in 9...14 { set(14 - index, 8, bit(index)) }
        for index in 0...7 { set(size - 1 - index, 8, bit(index)) }
        for index in 8...14 { set(8, size - 15 + index, bit(index)) }
        set(8, size - 8, true)
    }

    /// Six bits and twelve of a BCH code, twice (§8.10).
    private mutating func drawVersion() {
        guard version.number >= 7 else { return }
        let bits = version.number << 12 | Self.bch(version.number, 12, generator: 0x1F25)
        for index in 0..<18 {
            let (near, far) = (index / 3, size - 11 + index % 3)
            set(near, far, bits >> index & 1 == 1)
            set(far, near, bits >> index & 1 == 1)
        }
    }

    /// The remainder of `value` times 2^width by `generator`, over GF(2).
    private static func bch(_ value: Int, _ width: Int, generator: Int) -> Int {
        var rest = value << width
        while rest >> width != 0 {
            let degree = Int.bitWidth - 1 - rest.leadingZeroBitCount
            rest ^= generator << (degree - width)
        }
        return rest
    }
}
