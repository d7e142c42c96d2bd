// Decides what an account may fill into its provider's templates: nothing that could change which host a URL names, or
// where its path ends.

/// A name and a value for `{name}` in a provider's description.
public struct TemplateVariable: Hashable, Sendable {
    public let name: String
    public let value: String

    /// What `init` accepts, for a person.
    public static let form =
        "a variable's name is 1 to 32 of [a-z0-9_], its value 1 to 200 of [A-Za-z0-9._~-]"

    /// nil where either has not the form.
    public init?(_ name: String, _ value: String) {
        guard (1...32).contains(name.utf8.count), name.utf8.allSatisfy(Self.isNameByte),
            (1...200).contains(value.utf8.count), value.utf8.allSatisfy(Self.isUnreserved)
        else { return nil }
        self.name = name
        self.value = value
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || isDigit(byte) || byte == UInt8(ascii: "_")
    }

    /// RFC 3986 §2.3.
    private static func isUnreserved(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) || isDigit(byte)
            || [UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~")].contains(byte)
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
