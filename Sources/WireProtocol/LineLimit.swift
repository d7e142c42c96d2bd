// Decides how long a request line may be, from its first bytes: only verbs that carry a grant may be long.

/// Limits of request lines in bytes, LF included.
public enum LineLimit {
    /// Every verb but the ones below: a name, a few options.
    public static let ordinary = 4096
    /// ADD: a grant whose tokens may be JWTs of many kilobytes.
    public static let grant = 65536

    /// The limit of the line that begins with `start`. Call with at least the first four bytes, or the whole line.
    @inlinable
    public static func limit(forLineStartingWith start: UnsafeRawBufferPointer) -> Int {
        guard start.count >= 4, start[0] | 0x20 == UInt8(ascii: "a"), start[1] | 0x20 == UInt8(ascii: "d"),
            start[2] | 0x20 == UInt8(ascii: "d"), start[3] == UInt8(ascii: " ")
        else { return ordinary }
        return grant
    }
}
