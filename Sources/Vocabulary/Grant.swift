// Decides what is kept of an account's authorization: the record that the store seals and the engine never sees whole.

/// A count of an account's durable grants: 1 when added, one more with each rotation or replacement.
public struct Generation: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let number: UInt64

    public init(_ number: UInt64) { self.number = number }

    public static let first = Generation(1)
    public var next: Generation { Generation(number + 1) }
    public var description: String { String(number) }

    public static func < (left: Self, right: Self) -> Bool { left.number < right.number }
}

/// Names an account's record in the store. Never used again after a removal, so a late write for a removed account
/// cannot hit one that was added since under the same name.
public struct RecordID: Hashable, Sendable {
    public let rowID: Int64

    public init(rowID: Int64) { self.rowID = rowID }
}

/// What clients are served: an access token and until when it may be.
public struct AccessToken: Hashable, Sendable {
    public let secret: Secret
    /// The scheme in front of the token in an Authorization header; `Bearer` whatever its case was (RFC 6749 §5.1).
    public let type: String
    /// When the provider stops accepting it.
    public let expiresAt: WallTime
    /// The same on the boot clock, which no step moves; nil where only the wall clock knows: for a token that was obtained
    /// in another boot, or that somebody else obtained.
    public let bootExpiry: BootTime?

    public init(secret: Secret, type: String, expiresAt: WallTime, bootExpiry: BootTime? = nil) {
        self.secret = secret
        self.type = Self.canonicalType(type)
        self.expiresAt = expiresAt
        self.bootExpiry = bootExpiry
    }

    /// `Bearer` in whatever case becomes `Bearer`; any other type stays as it is.
    public static func canonicalType(_ type: String) -> String {
        type.lowercased() == "bearer" ? "Bearer" : type
    }
}

/// An account's authorization, as stored: what refreshes it, and what it last yielded (RFC 6749 §1.5).
public struct Grant: Hashable, Sendable {
    public var refreshToken: Secret
    /// nil when none was ever obtained or given.
    public var accessToken: AccessToken?
    /// The access token's scope as the provider last named it (RFC 6749 §3.3).
    public var scope: String?
    /// Overrides the provider's `redirect_uri` on refresh.
    public var redirectURI: String?

    public init(
        refreshToken: Secret, accessToken: AccessToken? = nil, scope: String? = nil,
        redirectURI: String? = nil
    ) {
        self.refreshToken = refreshToken
        self.accessToken = accessToken
        self.scope = scope
        self.redirectURI = redirectURI
    }
}
