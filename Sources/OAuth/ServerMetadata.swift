// Decides what is believed of a discovery document. It may send our credentials anywhere, so it counts only when it names
// the very issuer that was asked (RFC 8414 §3.3), and no endpoint in it is less protected than a configured one may be.

import StrictJSON

/// What an authorization server says of itself (RFC 8414 §2, OpenID Connect Discovery §3).
public struct ServerMetadata: Hashable, Sendable {
    public let issuer: String
    public let authorizationEndpoint: String?
    public let tokenEndpoint: String?
    public let revocationEndpoint: String?
    public let deviceAuthorizationEndpoint: String?
    /// Whether its answers to a login name the issuer (`authorization_response_iss_parameter_supported`, RFC 9207 §3).
    public let sendsIssuer: Bool

    /// Where the document of `issuer` may lie, to be tried in order: with the well-known part between host and path
    /// (RFC 8414 §3.1), then as OpenID Connect Discovery §4 appends it; last each name in the other's place, where servers
    /// that mix them up have it.
    public static func urls(issuer: String) -> [String] {
        let base = issuer.hasSuffix("/") ? issuer.dropLast() : Substring(issuer)
        let hostStart = base.firstRange(of: "://")?.upperBound ?? base.startIndex
        let pathStart = base[hostStart...].firstIndex(of: "/") ?? base.endIndex
        let (host, path) = (base[..<pathStart], base[pathStart...])
        let (plain, connect) = (
            "/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"
        )
        let standard = ["\(host)\(plain)\(path)", "\(base)\(connect)"]
        return path.isEmpty ? standard : standard + ["\(base)\(plain)", "\(host)\(connect)\(path)"]
    }

    /// Reads the document that was found for `issuer`. Members that we do not use are not looked at.
    public init(_ body: [UInt8], issuer: String) throws(MetadataProblem) {
        guard case .object(let object)? = try? JSONValue.parse(body) else { throw .notAnObject }
        guard case .string(let named)? = object["issuer"] else { throw .noIssuer }
        // By bytes: Swift takes texts for equal that only look alike.
        guard named.utf8.elementsEqual(issuer.utf8) else { throw .otherIssuer(named: named) }
        self.issuer = issuer
        authorizationEndpoint = try Self.endpoint(.authorization, of: object)
        tokenEndpoint = try Self.endpoint(.token, of: object)
        revocationEndpoint = try Self.endpoint(.revocation, of: object)
        deviceAuthorizationEndpoint = try Self.endpoint(.deviceAuthorization, of: object)
        sendsIssuer = object[Self.issuerInAnswers] == .bool(true)
    }

    static let issuerInAnswers = "authorization_response_iss_parameter_supported"

    private static func endpoint(
        _ name: EndpointName, of object: JSONObject
    ) throws(MetadataProblem) -> String? {
        switch object[name.rawValue] {
        case nil, .null: return nil
        case .string(let url) where EndpointURL.isEndpoint(url): return url
        default: throw .unusableEndpoint(name)
        }
    }
}

/// Why a discovery document is not used.
public enum MetadataProblem: Error, Hashable, Sendable, CustomStringConvertible {
    case notAnObject
    case noIssuer
    /// The configuration says another one than the document, or somebody answers in its place.
    case otherIssuer(named: String)
    /// One that was kept, and is too old to go by.
    case outdated
    case unusableEndpoint(EndpointName)

    public var description: String {
        switch self {
        case .notAnObject: "the discovery document is no JSON object"
        case .noIssuer: "the discovery document names no issuer"
        case .otherIssuer(let named):
            // What it says reaches logs and terminals.
            "the discovery document is of another issuer"
                + (named.utf8.count <= 512 && EndpointURL.isEndpoint(named) ? ", \(named)" : "")
        case .outdated: "the discovery document is more than 30 days old"
        case .unusableEndpoint(let name):
            "the discovery document's \(name.rawValue) is no URL that credentials may be sent to"
        }
    }
}

extension Provider {
    /// Whether one of `endpoints` is not described that the issuer may tell.
    public func needsDiscovery(for endpoints: Set<EndpointName>) -> Bool {
        issuer != nil && endpoints.contains { described($0) == nil }
    }

    /// The endpoints that a renewal goes by: where it is sent, and what an assertion is made out for.
    public var endpointsOfRenewal: Set<EndpointName> {
        let isSigned = authMethods.contains(.privateKeyJWT) || kind == .jwtBearer
        return refreshEndpoint == nil || kind != .refreshToken || isSigned ? [.token] : []
    }

    private func described(_ name: EndpointName) -> String? {
        switch name {
        case .authorization: authorizationEndpoint
        case .token: tokenEndpoint
        case .refresh: refreshEndpoint
        case .firstExchange: firstExchangeEndpoint
        case .revocation: revocationEndpoint
        case .deviceAuthorization: deviceAuthorizationEndpoint
        }
    }

    /// The provider with the endpoints that its description leaves open; what an operator has written stays.
    ///
    /// For building requests only: `sealedFor` is that of the provider as described, which no document may change.
    public func completed(by metadata: ServerMetadata) -> Provider {
        var provider = self
        provider.authorizationEndpoint = authorizationEndpoint ?? metadata.authorizationEndpoint
        provider.tokenEndpoint = tokenEndpoint ?? metadata.tokenEndpoint
        provider.revocationEndpoint = revocationEndpoint ?? metadata.revocationEndpoint
        provider.deviceAuthorizationEndpoint =
            deviceAuthorizationEndpoint ?? metadata.deviceAuthorizationEndpoint
        return provider
    }
}
