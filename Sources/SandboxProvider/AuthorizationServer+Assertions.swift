// Decides the two grants without a user: for the client itself, and for whomever a signed assertion names. No signature
// is checked: this server hands its tokens to anybody who asks, and a test of signatures needs only the assertion.

import FoundationEssentials

/// What an assertion says (RFC 7523 §3), its signature unread.
struct AssertionClaims: Hashable, Sendable {
    let issuer: String
    let subject: String
    let scope: String?
    /// Epoch seconds.
    let expiresAt: Double?

    private struct Payload: Decodable {
        let iss: String
        let sub: String?
        let scope: String?
        let exp: Double?
    }

    /// nil where `assertion` is no JWT of three parts with an issuer.
    init?(_ assertion: String) {
        let parts = assertion.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, parts.allSatisfy({ !$0.isEmpty }),
            let data = Data(base64URL: parts[1]),
            let payload = try? JSONDecoder().decode(Payload.self, from: data)
        else { return nil }
        issuer = payload.iss
        subject = payload.sub ?? payload.iss
        scope = payload.scope
        expiresAt = payload.exp
    }
}

extension AuthorizationServer {
    /// RFC 6749 §4.4. The client is the subject.
    mutating func grantToClient(_ id: String, scope: String?, now: Double) -> IssuedTokens {
        grant(subject: id, clientID: id, scope: scope ?? "", now: now)
    }

    /// RFC 7523 §2.1: the issuer must be a registered client.
    mutating func grant(_ claims: AssertionClaims, scope: String?, now: Double) throws(Refusal)
        -> IssuedTokens
    {
        guard clients[claims.issuer] != nil else { throw .unknownGrant }
        if let expiresAt = claims.expiresAt, now >= expiresAt { throw .lapsed }
        return grant(
            subject: claims.subject, clientID: claims.issuer, scope: scope ?? claims.scope ?? "", now: now)
    }
}

extension Data {
    /// The inverse of `base64URL(_:)`.
    init?(base64URL text: some StringProtocol) {
        let standard = text.map { $0 == "-" ? "+" : $0 == "_" ? "/" : $0 }
        self.init(
            base64Encoded: String(standard) + String(repeating: "=", count: (4 - standard.count % 4) % 4))
    }
}
