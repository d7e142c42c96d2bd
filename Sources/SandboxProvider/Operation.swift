// Decides which endpoint a request is for, and reads it. A router was rejected: a dozen fixed paths are a switch, and
// reading needs no lock while everything after it does.

/// A request that was read but not yet carried out.
enum Operation: Sendable {
    case authorize(Endpoint, query: String)
    case metadata
    case deviceAuthorization(Result<DeviceRequest, Rejection>)
    case device(query: String)
    case token(Endpoint, Result<TokenRequest, Rejection>)
    case revoke(Result<RevocationRequest, Rejection>)
    case access(Endpoint, token: String?)

    /// Nil where the sandbox has no such endpoint, or not for this method.
    init?(_ request: WireRequest) {
        switch (request.method, request.path) {
        case ("GET", "/oauth/authorize"): self = .authorize(.seamlessAuthorize, query: request.query)
        case ("GET", "/authorize"): self = .authorize(.authorize, query: request.query)
        case ("POST", "/api/client/v1/oauth/accessToken"):
            self = .token(
                .seamlessToken,
                Result { () throws(Rejection) in try SeamlessDialect.tokenRequest(request) })
        case ("GET", "/.well-known/oauth-authorization-server"), ("GET", "/.well-known/openid-configuration"):
            self = .metadata
        case ("POST", "/device_authorization"):
            self = .deviceAuthorization(
                Result { () throws(Rejection) in try PlainDialect.deviceRequest(request) })
        case ("GET", "/device"): self = .device(query: request.query)
        case ("POST", "/token"):
            self = .token(.token, Result { () throws(Rejection) in try PlainDialect.tokenRequest(request) })
        case ("POST", "/revoke"):
            self = .revoke(Result { () throws(Rejection) in try PlainDialect.revocationRequest(request) })
        // Seamless documents no revocation; this is where and how it would have it.
        case ("POST", "/api/client/v1/oauth/revoke"):
            self = .revoke(Result { () throws(Rejection) in try SeamlessDialect.revocationRequest(request) })
        // GET is for people with curl; the real endpoint takes POST only.
        case ("POST", "/api/client/v1/search/contacts"), ("GET", "/api/client/v1/search/contacts"):
            self = .access(.seamlessContacts, token: request.bearerToken)
        case ("GET", "/userinfo"): self = .access(.userinfo, token: request.bearerToken)
        default: return nil
        }
    }

    var endpoint: Endpoint {
        switch self {
        case .authorize(let endpoint, _), .token(let endpoint, _), .access(let endpoint, _): endpoint
        case .metadata: .metadata
        case .deviceAuthorization: .deviceAuthorization
        case .device: .device
        case .revoke: .revoke
        }
    }

    var isTokenRequest: Bool { if case .token = self { true } else { false } }

    /// The client that a request for tokens or a device code names, known or not.
    var clientID: String? {
        switch self {
        case .token(_, let request): (try? request.get())?.client.id
        case .deviceAuthorization(let request): (try? request.get())?.client.id
        default: nil
        }
    }

    /// The token or code the request is about.
    var credential: String? {
        switch self {
        case .authorize, .metadata, .deviceAuthorization, .device: nil
        case .token(_, let request): (try? request.get())?.grant.credential
        case .revoke(let request): (try? request.get())?.token
        case .access(_, let token): token
        }
    }
}
