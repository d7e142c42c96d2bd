// Decides the authorization code grant: single use, PKCE with S256 alone. The method `plain` was rejected: it is what
// a request without `code_challenge_method` means (RFC 7636 §4.3), and a client that forgets the method should hear
// of it here and not at a real provider.

import Crypto
import FoundationEssentials

/// What a client asks the user to approve (RFC 6749 §4.1.1), after its parameters were read.
public struct AuthorizationRequest: Hashable, Sendable {
    public var clientID: String
    public var redirectURI: String
    public var scope: String
    /// Base64url of SHA-256 of the verifier; nil without PKCE.
    public var codeChallenge: String?
    /// What an ID token repeats (OpenID Connect Core 1.0 §3.1.2.1).
    public var nonce: String?
    /// Who approves; nobody is asked.
    public var subject: String

    public init(
        clientID: String, redirectURI: String, scope: String, codeChallenge: String? = nil,
        nonce: String? = nil, subject: String
    ) {
        self.clientID = clientID
        self.redirectURI = redirectURI
        self.scope = scope
        self.codeChallenge = codeChallenge
        self.nonce = nonce
        self.subject = subject
    }
}

extension AuthorizationServer {
    /// Whether `redirectURI` is one that the client registered. Where it is not, the user must not be sent there.
    public func isRegistered(redirectURI: String, clientID: String) -> Bool {
        clients[clientID]?.accepts(redirectURI: redirectURI) ?? false
    }

    /// Approves the request and returns the code.
    ///
    /// - Precondition: `isRegistered(redirectURI:clientID:)`.
    public mutating func authorize(_ request: AuthorizationRequest, now: Double) -> String {
        precondition(
            isRegistered(redirectURI: request.redirectURI, clientID: request.clientID),
            "a code must only be made for a registered client and redirect URI")
        let expiresAt = now + policy.codeLifetime
        codes.append(Code(request: request, expiresAt: expiresAt))
        return mint.token(
            TokenClaims(kind: .code, family: codes.count - 1, serial: 0, expiresAt: expiresAt))
    }

    /// Exchanges a code for the first tokens of a new family (RFC 6749 §4.1.3). A second use revokes what the first
    /// one yielded (§4.1.2).
    public mutating func redeem(
        code: String, redirectURI: String?, verifier: String?, clientID: String, now: Double
    ) throws(Refusal) -> IssuedTokens {
        guard let claims = claims(code), claims.kind == .code else { throw .unknownGrant }
        let record = codes[claims.family]
        guard record.request.clientID == clientID else { throw .foreignGrant }
        if let family = record.family {
            families[family].isRevoked = true
            throw .reused
        }
        guard now < record.expiresAt else { throw .lapsed }
        guard record.request.redirectURI == redirectURI else { throw .redirectURIMismatch }
        guard isVerified(verifier, challenge: record.request.codeChallenge) else { throw .verifierMismatch }

        codes[claims.family].family = families.count
        return grant(
            subject: record.request.subject, clientID: clientID, scope: record.request.scope,
            nonce: record.request.nonce, now: now)
    }

    /// RFC 7636 §4.6; a verifier without a challenge is refused as well (RFC 9700 §2.1.1, downgrade).
    private func isVerified(_ verifier: String?, challenge: String?) -> Bool {
        guard let challenge else { return verifier == nil }
        guard let verifier else { return false }
        return base64URL(SHA256.hash(data: Data(verifier.utf8))) == challenge
    }
}
