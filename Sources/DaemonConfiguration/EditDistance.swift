// Decides which known word somebody meant who wrote another.

enum EditDistance {
    /// `words` with the nearest to `word` first; equally near ones stay in their order.
    static func nearestFirst(_ words: [String], to word: String) -> [String] {
        // A stranger's key may be megabytes long; its first bytes tell as much.
        let start = String(word.prefix(64))
        let ranked = words.enumerated().map { (distance: between(start, $1), index: $0, word: $1) }
        return ranked.sorted { ($0.distance, $0.index) < ($1.distance, $1.index) }.map(\.word)
    }

    /// Insertions, deletions, replacements and swaps of neighbours, case ignored (restricted Damerau-Levenshtein).
    static func between(_ left: String, _ right: String) -> Int {
        let left = Array(left.lowercased().utf8)
        let right = Array(right.lowercased().utf8)
        var beforeLast: [Int] = []
        var last = Array(0...right.count)
        for row in 0..<left.count {
            var current = [row + 1]
            for column in 0..<right.count {
                let isSame = left[row] == right[column]
                var best = min(last[column + 1] + 1, current[column] + 1, last[column] + (isSame ? 0 : 1))
                if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
                    best = min(best, beforeLast[column - 1] + 1)
                }
                current.append(best)
            }
            beforeLast = last
            last = current
        }
        return last[right.count]
    }
}
