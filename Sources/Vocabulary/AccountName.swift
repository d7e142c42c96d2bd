// Decides what an account and a provider may be called. Names are checked once, where they enter (the wire, the
// configuration, the store); everything behind that takes these types and need not look again.

/// A configured provider's name: `[a-z0-9][a-z0-9_-]{0,31}`.
public struct ProviderName: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let text: String

    /// nil when `text` does not have the form above.
    public init?(_ text: some StringProtocol) {
        let bytes = text.utf8
        guard (1...32).contains(bytes.count), let first = bytes.first, Self.isAlphanumeric(first) else {
            return nil
        }
        guard
            bytes.allSatisfy({ Self.isAlphanumeric($0) || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-") }
            )
        else { return nil }
        self.text = String(text)
    }

    public var description: String { text }

    public static func < (left: Self, right: Self) -> Bool { left.text < right.text }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
            || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}

/// An account's full name, `<provider>/<name>`; the name is 1 to 200 bytes of `[A-Za-z0-9._@:+~/-]`.
///
/// Ordered bytewise, which is the order of `LIST`.
public struct AccountName: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let text: String
    public let provider: ProviderName

    /// The longest full name in bytes: provider, slash, name.
    public static let longest = 32 + 1 + 200

    /// nil when `text` does not have the form above.
    public init?(_ text: some StringProtocol) {
        guard let slash = text.utf8.firstIndex(of: UInt8(ascii: "/")),
            let provider = ProviderName(text[..<slash])
        else { return nil }
        let name = text.utf8[text.utf8.index(after: slash)...]
        guard (1...200).contains(name.count), name.allSatisfy(Self.isNameByte) else { return nil }
        self.text = String(text)
        self.provider = provider
    }

    public var description: String { text }

    // The provider is part of the text: comparing and hashing it again would only cost.
    public static func == (left: Self, right: Self) -> Bool { left.text == right.text }
    public static func < (left: Self, right: Self) -> Bool { left.text < right.text }
    public func hash(into hasher: inout Hasher) { hasher.combine(text) }

    /// Whether `byte` may stand in the name behind the provider's slash.
    @inlinable
    public static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "-")...UInt8(ascii: ":"),  // - . / 0 to 9 :
            UInt8(ascii: "@"), UInt8(ascii: "+"), UInt8(ascii: "_"), UInt8(ascii: "~"):
            true
        default: false
        }
    }
}
