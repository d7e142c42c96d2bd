// Decides that a secret cannot be printed by accident: no description, mirror or debugger shows it, and it is not
// Codable. Whoever needs the characters writes `exposed`, a word that can be searched for.

/// A token, client secret or the like; every way of printing it yields `<redacted>`.
public struct Secret: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    /// The secret itself. Only for building a request, sealing, and the reply of `GET`.
    public let exposed: String

    public init(_ exposed: String) { self.exposed = exposed }

    public var description: String { "<redacted>" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: []) }

    /// Whether the secret can stand in an HTTP header and in one word of a reply line: one or more visible ASCII
    /// characters. RFC 6749 Appendix A.12 would allow spaces; RFC 6750 §2.1 does not, and neither do we.
    public var isHeaderSafe: Bool {
        !exposed.isEmpty && exposed.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }

    /// As many bytes from the system's generator, in characters of base64url (RFC 4648 §5): a state, a verifier, a serial.
    public static func random(bytes count: Int) -> Secret {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
        var generator = SystemRandomNumberGenerator()
        // Six bits a character: as many characters as base64 would take.
        let characters = (0..<(count * 8 + 5) / 6).map { _ in
            alphabet[Int(UInt8.random(in: 0..<64, using: &generator))]
        }
        return Secret(String(decoding: characters, as: UTF8.self))
    }
}
