// Decides what the server says of itself (RFC 8414, OpenID Connect Discovery 1.0 §3): the plain dialect alone, since
// Seamless has no such document. One document for both well-known places: their members do not contradict each other.

/// The server's metadata, in camel case for the encoder.
struct Metadata: Encodable {
    let issuer: String
    let authorizationEndpoint, tokenEndpoint, revocationEndpoint: String
    let deviceAuthorizationEndpoint, userinfoEndpoint: String
    let responseTypesSupported = ["code"]
    let grantTypesSupported = [
        "authorization_code", "refresh_token", "client_credentials", deviceGrantType, assertionGrantType,
    ]
    let codeChallengeMethodsSupported = ["S256"]
    let tokenEndpointAuthMethodsSupported = ["client_secret_basic", "client_secret_post"]
    let authorizationResponseIssParameterSupported = true
    let subjectTypesSupported = ["public"]
    let idTokenSigningAlgValuesSupported = ["none"]

    /// - Parameters:
    ///   - issuer: what the server claims to be.
    ///   - baseURL: where its endpoints are, without a slash at the end.
    init(issuer: String, baseURL: String) {
        self.issuer = issuer
        authorizationEndpoint = baseURL + "/authorize"
        tokenEndpoint = baseURL + "/token"
        revocationEndpoint = baseURL + "/revoke"
        deviceAuthorizationEndpoint = baseURL + "/device_authorization"
        userinfoEndpoint = baseURL + "/userinfo"
    }
}

/// RFC 8628 §3.4.
let deviceGrantType = "urn:ietf:params:oauth:grant-type:device_code"
/// RFC 7523 §2.1.
let assertionGrantType = "urn:ietf:params:oauth:grant-type:jwt-bearer"
