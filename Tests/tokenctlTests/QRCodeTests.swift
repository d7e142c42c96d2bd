import Testing

@testable import tokenctl

@Suite struct QRCodeTests {
    @Test("every module is where another encoder puts it", arguments: QRMatrix.all)
    func matrices(_ matrix: QRMatrix) {
        let code = QRCode(
            Array(matrix.text.utf8), version: QRVersion(matrix.version), level: matrix.level,
            mask: matrix.mask)
        let digits = (code.size + 3) / 4
        let rows = code.modules.map { row in
            var text = ""
            for index in 0..<digits {
                let nibble = (0..<4).reduce(0) { value, bit in
                    let x = index * 4 + bit
                    return value << 1 | (x < row.count && row[x] ? 1 : 0)
                }
                text += String(nibble, radix: 16, uppercase: true)
            }
            return text
        }
        #expect(rows == matrix.rows.split { $0 == " " || $0 == "\n" }.map(String.init))
    }

    /// ISO/IEC 18004, table 7.
    @Test(
        "a version holds what the standard says",
        arguments: [
            (1, 17, 14), (2, 32, 26), (6, 134, 106), (7, 154, 122), (9, 230, 180), (10, 271, 213),
            (14, 458, 362), (20, 858, 666), (25, 1273, 997),
        ])
    func capacities(_ row: (version: Int, low: Int, medium: Int)) {
        #expect(QRVersion(row.version).capacity(.low) == row.low)
        #expect(QRVersion(row.version).capacity(.medium) == row.medium)
    }

    @Test(
        "a text gets the smallest version, at level M where that costs nothing",
        arguments: [(14, 1, .medium), (15, 1, .low), (17, 1, .low), (18, 2, .medium), (1273, 25, .low)]
            as [(Int, Int, QRCode.Level)])
    func smallest(_ row: (length: Int, version: Int, level: QRCode.Level)) throws {
        let code = try #require(QRCode([UInt8](repeating: 0x61, count: row.length)))
        #expect(code.version.number == row.version && code.level == row.level)
        #expect(code.size == 17 + 4 * row.version)
    }

    @Test("what does not fit makes no code")
    func tooLong() { #expect(QRCode([UInt8](repeating: 0x61, count: 1274)) == nil) }

    /// Both copies of the format and of the version carry the same bits, so that a reader may take either.
    @Test("the format and the version are there twice", arguments: QRVersion.all)
    func twice(_ version: QRVersion) {
        let modules = QRCode(Array("x".utf8), version: version, level: .low).modules
        let last = version.size - 1
        let beside =
            (0...5).map { modules[$0][8] } + [modules[7][8], modules[8][8], modules[8][7]]
            + (9...14).map { modules[8][14 - $0] }
        let apart = (0...7).map { modules[8][last - $0] } + (8...14).map { modules[last - 14 + $0][8] }
        #expect(beside == apart)
        #expect(modules[last - 7][8], "the dark module")
        guard version.number >= 7 else { return }
        for index in 0..<18 {
            let (near, far) = (index / 3, last - 10 + index % 3)
            #expect(modules[near][far] == modules[far][near])
        }
    }

    @Test("the data and its correction are a code word: its value at each root of the generator is zero")
    func correction() {
        let data = (0..<40).map { UInt8(truncatingIfNeeded: $0 * 37 + 11) }
        for degree in [7, 10, 18, 30] {
            let word = data + ReedSolomon(degree: degree).remainder(data)
            var root: UInt8 = 1
            for _ in 0..<degree {
                #expect(word.reduce(0) { ReedSolomon.product($0, root) ^ $1 } == 0)
                root = ReedSolomon.product(root, 2)
            }
        }
    }

    @Test("the four rules of the penalty")
    func penalties() {
        func line(_ text: String) -> [Bool] { text.map { $0 == "#" } }
        #expect(QRPenalty.runs(line("####.####")) == 0)
        #expect(QRPenalty.runs(line("#####.......")) == 3 + 5)
        #expect(QRPenalty.finderLikes(line("#.###.#....")) == 40)
        #expect(QRPenalty.finderLikes(line("#....#.###.##")) == 40)
        #expect(QRPenalty.finderLikes(line("##.###.##")) == 0)
        #expect(QRPenalty.squares([line("##."), line("##."), line("...")]) == 3)
        #expect(QRPenalty.imbalance([line("##"), line("##")]) == 100)
        #expect(QRPenalty.imbalance([line("##"), line("..")]) == 0)
    }

    @Test("the mask with the least penalty is taken")
    func mask() throws {
        let bytes = Array("https://auth.example/device?user_code=WDJB-MJHT".utf8)
        let code = try #require(QRCode(bytes))
        let points = (0...7).map {
            QRPenalty.points(QRCode(bytes, version: code.version, level: code.level, mask: $0).modules)
        }
        #expect(points[code.mask] == points.min())
        #expect(Set(points).count > 1)
    }

    @Test("on a terminal it is drawn light on dark by half blocks, with four light modules around")
    func terminal() throws {
        let code = QRCode(Array("x".utf8), version: QRVersion(1), level: .low)
        let lines = code.text(Paint(isOn: false)).split(separator: "\n")
        #expect(lines.count == code.lines && code.lines == 15 && code.columns == 29)
        #expect(lines.allSatisfy { $0.count == code.columns })
        #expect(lines[..<2].allSatisfy { $0.allSatisfy { $0 == "█" } })
        // The finder's upper edge, dark above and (but for its corners) light below.
        #expect(lines[2].hasPrefix("████ ▄▄▄▄▄ █"))
        #expect(lines[14].allSatisfy { $0 == "▀" }, "nothing is below the last row")
        let painted = code.text(Paint(isOn: true))
        #expect(painted.hasPrefix("\u{1B}[97;40m█") && painted.hasSuffix("\u{1B}[0m\n"))
    }
}
