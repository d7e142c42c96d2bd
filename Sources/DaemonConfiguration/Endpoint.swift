// Decides which URLs a configuration may name. Foundation's URL was rejected: it repairs what it does not understand,
// and a host that we read as loopback and the HTTP client as another would carry a secret in the clear.

/// What a configured URL is for, and so which forms it may have.
enum Endpoint {
    /// Whether `text` is a URL that credentials may be sent to: https, or http to a loopback host; with a host,
    /// without user information and fragment (RFC 6749 §3.2).
    static func isEndpoint(_ text: String) -> Bool {
        guard let url = Web(text) else { return false }
        return url.isSecure || url.isLoopback
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

    /// An http or https URL's security-relevant parts (RFC 3986 §3).
    private struct Web {
        let isSecure: Bool
        let isLoopback: Bool

        init?(_ text: String) {
            guard isMadeOfURICharacters(text), !text.contains("#"),
                let scheme = ["https://", "http://"].first(where: { text.lowercased().hasPrefix($0) })
            else { return nil }
            let authority = text.dropFirst(scheme.count).prefix { $0 != "/" && $0 != "?" }
            let hostEnd: Substring.Index
            if authority.first == "[" {
                guard let bracket = authority.firstIndex(of: "]") else { return nil }
                hostEnd = authority.index(after: bracket)
            } else {
                hostEnd = authority.firstIndex(of: ":") ?? authority.endIndex
            }
            let host = authority[..<hostEnd].lowercased()
            guard Self.isHost(host), Self.isPort(authority[hostEnd...]) else { return nil }
            isSecure = scheme == "https://"
            isLoopback = host == "localhost" || host == "[::1]" || Self.isLoopbackIPv4(host)
        }

        /// A name, an IPv4 address or a bracketed IPv6 address; no `@`, which would make it user information.
        private static func isHost(_ host: String) -> Bool {
            if host.first == "[" {
                let address = host.dropFirst().dropLast()
                return address.contains(":")
                    && address.utf8.allSatisfy { "0123456789abcdef:.".utf8.contains($0) }
            }
            return !host.isEmpty
                && host.utf8.allSatisfy {
                    (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || "-._".utf8.contains($0)
                }
        }

        /// Nothing, or a colon and a number from 1 to 65535.
        private static func isPort(_ text: Substring) -> Bool {
            if text.isEmpty { return true }
            let digits = text.dropFirst()
            return text.first == ":" && (1...5).contains(digits.count)
                && digits.utf8.allSatisfy { (0x30...0x39).contains($0) }
                && (1...65_535).contains(Int(digits) ?? 0)
        }

        /// 127.0.0.0/8 in its usual form; `127.1` and `0177.0.0.1` are read differently by different resolvers.
        private static func isLoopbackIPv4(_ host: String) -> Bool {
            let parts = host.split(separator: ".", omittingEmptySubsequences: false)
            return parts.count == 4 && parts[0] == "127"
                && parts.allSatisfy { part in UInt8(part).map { String($0) == part } ?? false }
        }
    }

    /// Printable ASCII without what RFC 3986 bans; a backslash above all, which some parsers take for a slash.
    private static func isMadeOfURICharacters(_ text: String) -> Bool {
        text.utf8.allSatisfy { (0x21...0x7E).contains($0) && !"\"<>\\^`{|}".utf8.contains($0) }
    }
}
