// Decides which URLs credentials may be sent to, be they configured, discovered or filled in. Foundation's URL was rejected:
// it repairs what it does not understand, and a host that we read as loopback and the HTTP client as another would carry a
// secret in the clear.

/// An http or https URL's security-relevant parts (RFC 3986 §3).
public struct EndpointURL {
    let isHTTPS: Bool
    let isLoopback: Bool

    /// Whether credentials may be sent to `text`: https, or http to a loopback host; with a host, without user information
    /// and fragment (RFC 6749 §3.2).
    public static func isEndpoint(_ text: String) -> Bool {
        guard let url = EndpointURL(text) else { return false }
        return url.isHTTPS || url.isLoopback
    }

    /// nil where `text` is no such URL, or one that could be read in two ways.
    init?(_ text: String) {
        guard text.utf8.allSatisfy(Self.isURIByte), !text.contains("#"),
            let scheme = ["https://", "http://"].first(where: { text.lowercased().hasPrefix($0) })
        else { return nil }
        let authority = text.dropFirst(scheme.count).prefix { $0 != "/" && $0 != "?" }
        guard let hostEnd = Self.endOfHost(authority) else { return nil }
        let host = authority[..<hostEnd].lowercased()
        guard Self.isHost(host), Self.isPort(authority[hostEnd...]) else { return nil }
        isHTTPS = scheme == "https://"
        isLoopback = host == "localhost" || host == "[::1]" || Self.isLoopbackIPv4(host)
    }

    /// Printable ASCII without what RFC 3986 bans; a backslash above all, which some parsers take for a slash.
    private static func isURIByte(_ byte: UInt8) -> Bool {
        (0x21...0x7E).contains(byte) && !"\"<>\\^`{|}".utf8.contains(byte)
    }

    private static func endOfHost(_ authority: Substring) -> Substring.Index? {
        guard authority.first == "[" else { return authority.firstIndex(of: ":") ?? authority.endIndex }
        return authority.firstIndex(of: "]").map(authority.index(after:))
    }

    /// A name, an IPv4 address or a bracketed IPv6 address; no `@`, which would make it user information.
    private static func isHost(_ host: String) -> Bool {
        if host.first == "[" {
            let address = host.dropFirst().dropLast()
            return address.contains(":")
                && address.utf8.allSatisfy { "0123456789abcdef:.".utf8.contains($0) }
        }
        return !host.isEmpty
            && host.utf8.allSatisfy { "abcdefghijklmnopqrstuvwxyz0123456789-._".utf8.contains($0) }
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
