// Decides how much of a URL this program reads: the parameters behind the `?`, to find where the browser will end up and
// whether an answer belongs to this login. What they mean is the daemon's to judge.

import TokenClient

/// The query of a URL.
struct QueryParameters: Hashable {
    private let query: Substring.UTF8View

    /// - Parameter text: a URL, or its query alone.
    init(_ text: String) {
        let query = text.utf8.firstIndex(of: UInt8(ascii: "?")).map { text[$0...].dropFirst() } ?? text[...]
        self.query = query.prefix { $0 != "#" }.utf8
    }

    static func == (left: Self, right: Self) -> Bool { left.query.elementsEqual(right.query) }
    func hash(into hasher: inout Hasher) { for byte in query { hasher.combine(byte) } }

    /// The first value of `name`, decoded; nil where there is none or it is badly encoded.
    subscript(name: String) -> String? {
        for pair in query.split(separator: UInt8(ascii: "&")) {
            let parts = pair.split(
                separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, Self.decoded(parts[0]) == name else { continue }
            return Self.decoded(parts[1])
        }
        return nil
    }

    /// `application/x-www-form-urlencoded` has `+` for a space.
    private static func decoded(_ text: Substring.UTF8View) -> String? {
        PercentEncoding.decode(text.map { $0 == UInt8(ascii: "+") ? UInt8(ascii: " ") : $0 })
    }
}
