// Decides what the server knows of an OAuth client: one secret and exact redirect URIs, but for the port of one of loopback
// that names none. Public clients (no secret)
// were left out, because every client here is a server.

/// A client registered with the sandbox (RFC 6749 §2).
public struct RegisteredClient: Hashable, Sendable {
    public var id: String
    public var secret: String
    /// Compared character by character, as RFC 9700 §2.1 demands; one of loopback without a port stands for every port there
    /// (RFC 8252 §7.3, which would have it so of one with a port as well: a client that changes that is to hear of it). A refresh in Seamless's dialect must name
    /// one of them.
    public var redirectURIs: [String]

    public init(id: String, secret: String, redirectURIs: [String]) {
        self.id = id
        self.secret = secret
        self.redirectURIs = redirectURIs
    }

    /// The client of the demo and of tests that do not care.
    public static let standard = RegisteredClient(
        id: "sandbox-client", secret: "sandbox-secret", redirectURIs: ["http://127.0.0.1:8090/callback"])
}

extension RegisteredClient {
    /// Whether `uri` is one that the client registered.
    public func accepts(redirectURI uri: String) -> Bool {
        redirectURIs.contains(uri) || Self.withoutPort(uri).map(redirectURIs.contains) ?? false
    }

    /// `uri`, which is of loopback and names a port, without it; nil for every other.
    private static func withoutPort(_ uri: String) -> String? {
        let hosts = ["http://127.0.0.1", "http://[::1]", "http://localhost"]
        guard let host = hosts.first(where: { uri.hasPrefix($0 + ":") }) else { return nil }
        let rest = uri.dropFirst(host.count + 1)
        let digits = rest.prefix { ("0"..."9").contains($0) }
        let end = rest[digits.endIndex...]
        guard UInt16(digits).map({ $0 > 0 }) ?? false, end.isEmpty || end.first == "/" || end.first == "?"
        else { return nil }
        return host + end
    }
}
