// Decides which names `LIST` takes: `*` any run of bytes (slashes too), `?` any one byte, all else itself.

/// A pattern over account names.
public struct Glob: Hashable, Sendable {
    public let pattern: String

    public init(_ pattern: String) { self.pattern = pattern }

    /// Whether the whole of `name` matches. O(pattern x name) at worst, no backtracking beyond the last `*`.
    public func matches(_ name: String) -> Bool {
        var pattern = self.pattern.utf8[...]
        var name = name.utf8[...]
        var retry: (pattern: Substring.UTF8View, name: Substring.UTF8View)?
        while let byte = name.first {
            if pattern.first == UInt8(ascii: "*") {
                pattern.removeFirst()
                retry = (pattern, name)
            } else if let expected = pattern.first, expected == UInt8(ascii: "?") || expected == byte {
                pattern.removeFirst()
                name.removeFirst()
            } else if var last = retry {
                last.name.removeFirst()
                (pattern, name) = last
                retry = last
            } else {
                return false
            }
        }
        return pattern.allSatisfy { $0 == UInt8(ascii: "*") }
    }
}
