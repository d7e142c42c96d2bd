// Decides how long a request line may be, from its first bytes: only verbs that carry a grant may be long.

/// Limits of request lines in bytes, LF included.
public enum LineLimit {
    /// Every verb but the ones below: a name, a few options.
    public static let ordinary = 4096
    /// ADD: a grant whose tokens may be JWTs of many kilobytes.
    public static let grant = 65536
    /// CALLBACK: a redirected URL, whose code may be kilobytes long.
    public static let callback = 65536
    /// RESTORE: the same grant sealed and in base64, four bytes for three.
    public static let backup = 131072

    /// The limit of the line that begins with `start`. Call with at least the first nine bytes, or the whole line.
    @inlinable
    public static func limit(forLineStartingWith start: UnsafeRawBufferPointer) -> Int {
        if begins(start, "add ") { return grant }
        if begins(start, "callback ") { return callback }
        if begins(start, "restore ") { return backup }
        return ordinary
    }

    /// Whether `start` begins with `word`, letters in either case.
    @usableFromInline
    static func begins(_ start: UnsafeRawBufferPointer, _ word: StaticString) -> Bool {
        guard start.count >= word.utf8CodeUnitCount else { return false }
        return (0..<word.utf8CodeUnitCount).allSatisfy { index in
            let expected = word.utf8Start[index]
            return start[index] == expected || (expected != 0x20 && start[index] | 0x20 == expected)
        }
    }
}
