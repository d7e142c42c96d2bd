// Decides what the server knows of an OAuth client: one secret and exact redirect URIs. Public clients (no secret)
// were left out, because every client here is a server.

/// A client registered with the sandbox (RFC 6749 §2).
public struct RegisteredClient: Hashable, Sendable {
    public var id: String
    public var secret: String
    /// Compared character by character, as RFC 9700 §2.1 demands. A refresh in Seamless's dialect must name
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
