// Decides which mistakes of a description keep a request from being built. All are an operator's to mend, so each names
// the knob; none holds a secret.

/// Why a request cannot be built.
public enum RequestProblem: Error, Hashable, Sendable, CustomStringConvertible {
    case noEndpoint(EndpointName)
    /// Filled in, the endpoint is no URL that credentials may be sent to.
    case malformedEndpoint(EndpointName)
    /// A template names a variable that nobody fills.
    case unfilledVariable(String)
    /// A variable's value may not stand where an endpoint names it.
    case unusableVariable(String)
    /// The provider's kind of renewal presents a token, and the account has none.
    case noToken
    /// The authentication method shows a secret, and there is none.
    case noClientSecret
    case noSigningKey
    case unusableSigningKey(KeyDefect)

    /// What is wrong with a private key.
    public enum KeyDefect: String, Hashable, Sendable {
        case notPEM = "is not the PEM of one private key"
        case encrypted = "is encrypted; tokend has no passphrase"
        case notRSA = "is no RSA key of 2048 bits or more, as its algorithm needs"
        case notP256 = "is no key on the curve P-256, as its algorithm needs"
        case refused = "does not sign"
    }

    public var description: String {
        switch self {
        case .noEndpoint(let name): "the provider has no \(name.rawValue)"
        case .malformedEndpoint(let name):
            "\(name.rawValue), filled in, is no URL that credentials may be sent to"
        case .unfilledVariable(let name): "nobody says what {\(name)} is"
        case .unusableVariable(let name):
            "the value of {\(name)} may not stand in an endpoint: 1 or more of [A-Za-z0-9._~-]"
        case .noToken: "the account has no token to renew from"
        case .noClientSecret: "the authentication method needs a client_secret"
        case .noSigningKey: "an assertion needs a private_key"
        case .unusableSigningKey(let defect): "the private_key \(defect.rawValue)"
        }
    }
}

/// A provider's endpoints, by their knobs.
public enum EndpointName: String, Hashable, Sendable, CaseIterable {
    case authorization = "authorization_endpoint"
    case token = "token_endpoint"
    case refresh = "refresh_endpoint"
    case firstExchange = "first_exchange_endpoint"
    case revocation = "revocation_endpoint"
    case deviceAuthorization = "device_authorization_endpoint"
}

extension Provider {
    /// The endpoint with its templates filled.
    func endpoint(_ name: EndpointName, _ context: RequestContext) throws(RequestProblem) -> String {
        let template =
            switch name {
            case .authorization: authorizationEndpoint
            case .token: tokenEndpoint
            case .refresh: refreshEndpoint
            case .firstExchange: firstExchangeEndpoint
            case .revocation: revocationEndpoint
            case .deviceAuthorization: deviceAuthorizationEndpoint
            }
        guard let template else { throw .noEndpoint(name) }
        return try Template.fill(template, endpoint: name, context)
    }
}
