// Decides which texts each kind of configured value may be, and how to say so.

import Vocabulary

/// What a configured text must be.
struct TextRule: Sendable {
    /// Completes "expected ...".
    let expected: String
    let accepts: @Sendable (String) -> Bool

    static let nonEmpty = TextRule(expected: "a string that is not empty") { isText($0) }

    static let absolutePath = TextRule(expected: "an absolute path") { isText($0) && $0.first == "/" }

    /// unix(7): `sun_path` holds 108 bytes with the terminating NUL. An abstract name is no path and no permission
    /// protects it, so it is not accepted.
    static let socketPath = TextRule(expected: "an absolute path of at most 107 bytes") {
        isText($0) && $0.first == "/" && $0.utf8.count <= 107
    }

    /// chmod(2)'s lower nine bits, as chmod(1) takes them.
    static let mode = TextRule(expected: "an octal mode from \"0000\" to \"0777\"") {
        permissionBits($0) != nil
    }

    static let endpoint = TextRule(
        expected: "an https URL (http for a loopback host only) without user information and fragment",
        accepts: { Endpoint.isEndpoint($0) })

    static let redirectURI = TextRule(
        expected: "an absolute URI (http for a loopback host only) without fragment",
        accepts: { Endpoint.isRedirectURI($0) })

    /// systemd.exec(5): a credential's name is a plain file name.
    static let credentialName = TextRule(expected: "a plain file name") {
        isText($0) && !$0.contains("/") && $0 != "." && $0 != ".."
    }

    static let variableName = TextRule(expected: "the name of an environment variable") {
        isText($0) && !$0.contains("=")
    }

    /// RFC 6749 §3.3: visible ASCII without `"` and `\`.
    static let scope = TextRule(expected: "a scope without spaces, quotes and backslashes") {
        !$0.isEmpty && $0.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != 0x22 && $0 != 0x5C }
    }

    static let replayPolicy = TextRule(
        expected: "\"never\", \"always\" or a duration from \"1s\" to \"365d\", such as \"30s\"",
        accepts: { ReplayPolicy(configuration: $0) != nil })

    static let rate = TextRule(
        expected: "a rate from \"1/d\" to \"1000000/s\", per s, min, h or d, such as \"60/min\"",
        accepts: { Rate($0) != nil })

    /// How long before an expiry. Longer than a year is longer than any token lives.
    static let lead = TextRule(expected: "a duration from \"1s\" to \"365d\", such as \"10m\"") {
        guard let duration = Duration(configuration: $0) else { return false }
        return duration > .zero && duration <= .seconds(365 * 86_400)
    }

    /// The nine permission bits that three octal digits, with or without a zero in front, say.
    static func permissionBits(_ text: String) -> UInt32? {
        let digits = text.utf8.count == 4 && text.first == "0" ? text.dropFirst() : text[...]
        guard digits.utf8.count == 3, digits.utf8.allSatisfy({ (0x30...0x37).contains($0) }) else {
            return nil
        }
        return UInt32(digits, radix: 8)
    }

    /// Not empty, and without a NUL, at which the C library would cut it.
    private static func isText(_ text: String) -> Bool { !text.isEmpty && !text.utf8.contains(0) }
}
