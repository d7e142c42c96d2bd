// Decides whether a write-ahead log has begun: the header is the first thing written to it, and again after each
// checkpoint that emptied it, when the database has everything.

/// The first bytes of a log (sqlite.org/walformat.html, "WAL File Format").
enum LogHeader {
    /// In bytes.
    static let size = 32

    /// Whether SQLite would read the frames behind this header: it has the magic number and its checksum.
    static func isValid(_ header: [UInt8]) -> Bool {
        guard header.count == size else { return false }
        let words = stride(from: 0, to: size, by: 4).map { start in
            header[start..<start + 4].reduce(0) { $0 << 8 | UInt32($1) }
        }
        guard words[0] & ~1 == magic else { return false }
        // The lowest bit says in which byte order the words were added up.
        let isBigEndian = words[0] & 1 == 1
        var sum: (UInt32, UInt32) = (0, 0)
        for index in stride(from: 0, to: 6, by: 2) {
            sum.0 &+= (isBigEndian ? words[index] : words[index].byteSwapped) &+ sum.1
            sum.1 &+= (isBigEndian ? words[index + 1] : words[index + 1].byteSwapped) &+ sum.0
        }
        return sum == (words[6], words[7])
    }

    private static let magic: UInt32 = 0x377F_0682
}
