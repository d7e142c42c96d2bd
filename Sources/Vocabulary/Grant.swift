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

/// How an account's access tokens are come by; raw values are those of a provider's `kind`.
public enum GrantKind: String, Sendable, CaseIterable {
    /// A user's consent and then a refresh token (RFC 6749 §6).
    case refreshToken = "refresh_token"
    /// The client's own access, no user (RFC 6749 §4.4).
    case clientCredentials = "client_credentials"
    /// An assertion that the client signs (RFC 7523 §2.1), as Google's service accounts do.
    case jwtBearer = "jwt_bearer"
    /// A living access token is traded for one that lives longer; there is no refresh token (Facebook, Instagram).
    case exchangeAccessToken = "exchange_access_token"

    /// Whether a user has to log in first, or a grant to be brought.
    public var needsGrant: Bool {
        switch self {
        case .refreshToken, .exchangeAccessToken: true
        case .clientCredentials, .jwtBearer: false
        }
    }
}

/// An account's authorization, as stored: what refreshes it, and what it last yielded (RFC 6749 §1.5).
public struct Grant: Hashable, Sendable {
    /// nil where the provider gave none: such a grant ends with its access token, unless its provider's `GrantKind` needs
    /// none to renew it. Of the kind `exchange_access_token` it is the access token itself.
    public var refreshToken: Secret?
    /// When the refresh token ends, as the provider or its description says; nil where nobody does.
    public var refreshTokenExpiresAt: WallTime?
    /// It is a login's short-lived token, which its provider's first exchange is still to replace.
    public var awaitsFirstExchange = false
    /// nil when none was ever obtained or given.
    public var accessToken: AccessToken?
    /// The access token's scope as the provider last named it (RFC 6749 §3.3).
    public var scope: String?
    /// Overrides the provider's `redirect_uri` on refresh.
    public var redirectURI: String?
    /// What this account fills into its provider's templates (`{shop}`), by the names that the provider allows.
    public var variables: [String: String]

    public init(
        refreshToken: Secret?, refreshTokenExpiresAt: WallTime? = nil, accessToken: AccessToken? = nil,
        scope: String? = nil, redirectURI: String? = nil, variables: [String: String] = [:]
    ) {
        self.refreshToken = refreshToken
        self.refreshTokenExpiresAt = refreshTokenExpiresAt
        self.accessToken = accessToken
        self.scope = scope
        self.redirectURI = redirectURI
        self.variables = variables
    }
}
