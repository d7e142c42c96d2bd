// Decides why the server says no, in the terms of both dialects at once: what the client is told is the dialect's
// business, what tests count is the kind. One error type for all grants, because statistics tally them together.

/// Why a request was refused, or got no answer of the server's own.
public enum Refusal: String, Error, Hashable, Sendable, CaseIterable {
    /// The body has a wrong content type, lacks a parameter or has one twice.
    case malformed
    case unsupportedGrantType = "unsupported-grant-type"
    /// The client is unknown, or its secret is wrong.
    case invalidClient = "invalid-client"
    /// No such token or code was ever issued to anybody.
    case unknownGrant = "unknown-grant"
    /// The token or code belongs to another client.
    case foreignGrant = "foreign-grant"
    /// A refresh token or code that was used before; its family is revoked now.
    case reused
    case revoked
    /// An authorization code that lapsed.
    case lapsed
    case redirectURIMismatch = "redirect-uri-mismatch"
    /// Nobody decided about the device code yet (RFC 8628 §3.5).
    case authorizationPending = "authorization-pending"
    /// As before, and the poll came too early.
    case slowDown = "slow-down"
    /// A device code that lapsed.
    case deviceLapsed = "device-lapsed"
    /// The user said no.
    case accessDenied = "access-denied"
    /// The code verifier does not fit the challenge (RFC 7636 §4.6), or is missing.
    case verifierMismatch = "verifier-mismatch"
    case invalidScope = "invalid-scope"
    case rateLimited = "rate-limited"
    /// A fault answered in the server's stead.
    case scripted
}
