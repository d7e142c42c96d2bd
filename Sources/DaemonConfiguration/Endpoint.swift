// Decides which URLs a configuration may name.

import OAuth

/// What a configured URL is for, and so which forms it may have.
enum Endpoint {
    /// Whether `text` is a URL that credentials may be sent to: https, or http to a loopback host; with a host,
    /// without user information and fragment (RFC 6749 §3.2).
    static func isEndpoint(_ text: String) -> Bool {
        EndpointURL.isEndpoint(text)
    }

    /// Whether `text` may be a redirect URI: as an endpoint, or of a scheme of an app's own (RFC 8252 §7.1).
    static func isRedirectURI(_ text: String) -> Bool {
        guard isMadeOfURICharacters(text), !text.contains("#"), let colon = text.firstIndex(of: ":") else {
            return false
        }
        let scheme = text[..<colon].lowercased()
        if scheme == "http" || scheme == "https" { return isEndpoint(text) }
        guard let first = scheme.utf8.first, (0x61...0x7A).contains(first) else { return false }
        let isSchemeByte = { (byte: UInt8) in
            (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || "+-.".utf8.contains(byte)
        }
        return scheme.utf8.allSatisfy(isSchemeByte) && text.index(after: colon) < text.endIndex
    }

    /// Whether the host of a template is the same whatever `{name}` in it becomes, but for a first label in front of a
    /// domain of at least two: whoever fills it in may choose among that domain's hosts and no others.
    static func hasFixedHost(_ template: String) -> Bool {
        guard let start = template.firstRange(of: "://")?.upperBound else { return false }
        let authority = template[start...].prefix { $0 != "/" && $0 != "?" }
        guard authority.contains("{") else { return true }
        guard authority.first == "{", let close = authority.firstIndex(of: "}") else { return false }
        let behind = authority[authority.index(after: close)...]
        guard behind.first == ".", !behind.contains("{") else { return false }
        let labels = behind.dropFirst().prefix { $0 != ":" }.split(
            separator: ".", omittingEmptySubsequences: false)
        // All digits at the end would make an address of it.
        return labels.count >= 2 && labels.allSatisfy { !$0.isEmpty }
            && labels.last?.utf8.allSatisfy { (0x30...0x39).contains($0) } == false
    }

    /// Printable ASCII without what RFC 3986 bans; a backslash above all, which some parsers take for a slash.
    private static func isMadeOfURICharacters(_ text: String) -> Bool {
        text.utf8.allSatisfy { (0x21...0x7E).contains($0) && !"\"<>\\^`{|}".utf8.contains($0) }
    }
}
