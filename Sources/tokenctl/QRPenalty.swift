// Decides which mask is easiest to read: the one with the fewest points by the four rules of ISO/IEC 18004 §8.8.2. Readers
// cope with any mask, so a rule read otherwise costs nothing but a few points.

/// What speaks against a matrix of modules.
enum QRPenalty {
    static func points(_ rows: [[Bool]]) -> Int {
        let columns = rows.indices.map { x in rows.map { $0[x] } }
        return (rows + columns).reduce(0) { $0 + runs($1) + finderLikes($1) } + squares(rows)
            + imbalance(rows)
    }

    /// Three points for five modules alike in a line, and one for each that follows.
    static func runs(_ line: [Bool]) -> Int {
        var (points, length) = (0, 1)
        for index in 1..<line.count {
            length = line[index] == line[index - 1] ? length + 1 : 1
            points += length == 5 ? 3 : length > 5 ? 1 : 0
        }
        return points
    }

    /// Forty for what looks like a finder's middle with four light modules before or behind it.
    static func finderLikes(_ line: [Bool]) -> Int {
        let core = [true, false, true, true, true, false, true]
        guard line.count >= core.count else { return 0 }
        // Beyond the edge lies the quiet zone.
        func isLight(_ range: Range<Int>) -> Bool {
            range.allSatisfy { !line.indices.contains($0) || !line[$0] }
        }
        return (0...line.count - core.count).reduce(0) { points, start in
            let end = start + core.count
            guard line[start] && line[start..<end].elementsEqual(core) else { return points }
            return points + (isLight(start - 4..<start) || isLight(end..<end + 4) ? 40 : 0)
        }
    }

    /// Three for each square of two by two alike.
    static func squares(_ rows: [[Bool]]) -> Int {
        (1..<rows.count).reduce(0) { points, y in
            (1..<rows.count).reduce(points) { points, x in
                let isAlike =
                    rows[y][x] == rows[y][x - 1] && rows[y][x] == rows[y - 1][x]
                    && rows[y][x] == rows[y - 1][x - 1]
                return points + (isAlike ? 3 : 0)
            }
        }
    }

    /// Ten for each whole twentieth by which dark modules are not the half.
    static func imbalance(_ rows: [[Bool]]) -> Int {
        let total = rows.count * rows.count
        let dark = rows.reduce(0) { $0 + $1.count { $0 } }
        return abs(dark * 2 - total) * 10 / total * 10
    }
}
