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

    /// An endpoint before its variables are filled in; with them it has to be one.
    static let endpointTemplate = TextRule(expected: endpoint.expected) { isText($0) }

    /// RFC 8414 §2.
    static let issuer = TextRule(
        expected: "an https URL (http for a loopback host only) without query and fragment",
        accepts: { Endpoint.isEndpoint($0) && !$0.contains("?") })

    static let issuerTemplate = TextRule(expected: issuer.expected) { isText($0) }

    /// As an account's (`TemplateVariable`).
    static let templateName = TextRule(expected: "a name of 1 to 32 of [a-z0-9_]") { name in
        (1...32).contains(name.utf8.count)
            && name.utf8.allSatisfy {
                (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5F
            }
    }

    /// `account` is every account's own name.
    static let variableOfTemplate = TextRule(expected: "\(templateName.expected) other than account") {
        templateName.accepts($0) && $0 != "account"
    }

    /// The operator may name a host with its port, or a path; what a URL is made of once it is filled is checked besides.
    static let templateValue = TextRule(expected: "1 to 200 of [A-Za-z0-9._~:/-]") { value in
        (1...200).contains(value.utf8.count)
            && value.utf8.allSatisfy {
                (0x61...0x7A).contains($0 | 0x20) || (0x30...0x39).contains($0) || "-._~:/".utf8.contains($0)
            }
    }

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

    /// Between two refreshes of one account.
    static let interval = TextRule(expected: "a duration from \"1s\" to \"365d\", such as \"1d\"") {
        lead.accepts($0)
    }

    /// Ten years are longer than any refresh token is promised to live.
    static let lifetime = TextRule(expected: "a duration from \"1s\" to \"3650d\", such as \"60d\"") {
        guard let duration = Duration(configuration: $0) else { return false }
        return duration > .zero && duration <= .seconds(3650 * 86_400)
    }

    /// A longer one would be cut to an hour, as every header's is.
    static let cooldown = TextRule(expected: "a duration from \"1s\" to \"1h\", such as \"10m\"") {
        guard let duration = Duration(configuration: $0) else { return false }
        return duration > .zero && duration <= .seconds(3600)
    }

    /// The nine permission bits that three octal digits, with or without a zero in front, say.
    static func permissionBits(_ text: String) -> UInt32? {
        let digits = text.utf8.count == 4 && text.first == "0" ? text.dropFirst() : text[...]
        guard digits.utf8.count == 3, digits.utf8.allSatisfy({ (0x30...0x37).contains($0) }) else {
            return nil
        }
        return UInt32(digits, radix: 8)
    }

    /// Empty or not.
    static let anyText = TextRule(expected: "a string") { !$0.utf8.contains(0) }

    /// What parameters are for that the daemon itself has to set: `state` is its word alone.
    static let ownParameter = TextRule(expected: "a parameter's name other than state") {
        isText($0) && $0 != "state"
    }

    static let otherName = TextRule(expected: "another name, or null to leave it out") { isText($0) }

    /// RFC 9110 §5.1; those that frame a message are the HTTP client's.
    static let headerName = TextRule(expected: "a header's name other than host, content-length, connection")
    {
        isToken($0)
            && !["host", "content-length", "connection", "transfer-encoding"].contains($0.lowercased())
    }

    /// Printable ASCII: a line's end would begin another header.
    static let headerValue = TextRule(expected: "a header's value in printable ASCII") {
        !$0.isEmpty && $0.utf8.allSatisfy { (0x20...0x7E).contains($0) }
    }

    /// RFC 9110 §11.1.
    static let scheme = TextRule(expected: "an authentication scheme, such as \"Bearer\"") { isToken($0) }

    /// RFC 6901.
    static let pointer = TextRule(expected: "a JSON pointer, such as \"/error/code\"") {
        $0.isEmpty || (isText($0) && $0.first == "/")
    }

    static let status = TextRule(expected: "a status from 200 to 599") {
        $0.utf8.count == 3 && Int($0).map((200...599).contains) ?? false
    }

    /// RFC 9110 §5.6.2.
    private static func isToken(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy {
                (0x61...0x7A).contains($0 | 0x20) || (0x30...0x39).contains($0)
                    || "!#$%&'*+-.^_`|~".utf8.contains($0)
            }
    }

    /// Not empty, and without a NUL, at which the C library would cut it.
    private static func isText(_ text: String) -> Bool { !text.isEmpty && !text.utf8.contains(0) }
}
