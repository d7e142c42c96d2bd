// Decides the error correction of a QR code: Reed-Solomon over GF(256) with the polynomial x^8+x^4+x^3+x^2+1 (ISO/IEC
// 18004 §8.5). Products are made bit by bit: a table would pay off only for thousands of codes.

/// A generator of so many error correction codewords.
struct ReedSolomon: Sendable {
    /// Coefficients from the second highest power down; the highest is 1.
    private let generator: [UInt8]

    init(degree: Int) {
        var generator = [UInt8](repeating: 0, count: degree - 1) + [1]
        var root: UInt8 = 1
        for _ in 0..<degree {
            // Times (x - root).
            for index in 0..<degree {
                generator[index] = Self.product(generator[index], root)
                if index + 1 < degree { generator[index] ^= generator[index + 1] }
            }
            root = Self.product(root, 2)
        }
        self.generator = generator
    }

    /// The remainder of `data` times x^degree: the codewords that go behind it.
    func remainder(_ data: some Sequence<UInt8>) -> [UInt8] {
        var remainder = [UInt8](repeating: 0, count: generator.count)
        for byte in data {
            let factor = byte ^ remainder.removeFirst()
            remainder.append(0)
            for index in remainder.indices { remainder[index] ^= Self.product(generator[index], factor) }
        }
        return remainder
    }

    /// In GF(256) modulo 0x11D.
    static func product(_ left: UInt8, _ right: UInt8) -> UInt8 {
        var result: UInt8 = 0
        for bit in (0..<8).reversed() {
            let overflows = result & 0x80 != 0
            result <<= 1
            if overflows { result ^= 0x1D }
            if right >> UInt8(bit) & 1 == 1 { result ^= left }
        }
        return result
    }
}
