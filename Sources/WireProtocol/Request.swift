// Decides what a request can ask: the vocabulary of protocol version 1. How a line becomes one of these is in
// `Request+Parse.swift`, how one becomes a line in `Request+Line.swift`.

import Vocabulary

/// One request of a client.
public enum Request: Hashable, Sendable {
    case hello
    case ping
    case get(AccountName, GetOptions)
    /// The daemon's status, or an account's.
    case status(AccountName?)
    case list(ListOptions)
    case refresh(AccountName)
    case add(AccountName, AddedGrant)
    case remove(AccountName)
    case backup(BackupOptions)
    case restore(RestoreRequest)
    /// The URL at which a user connects the account.
    case authorize(AccountName, LoginOptions)
    /// The URL, or its query, that the authorization server redirected the user to.
    case callback(Secret)
    /// A code that a user enters at another device (RFC 8628).
    case device(AccountName, LoginOptions)
    /// How the login that was begun last for the account ended; waits for it so many seconds.
    case login(AccountName, wait: Int64)
    case revoke(AccountName)
    case quit
}

/// The options of `GET`.
public struct GetOptions: Hashable, Sendable {
    /// The longest `wait` in seconds: a connection is not a place to live in.
    public static let longestWait: Int64 = 60
    /// The `wait` of a request that names none, in seconds.
    public static let defaultWait: Int64 = 10

    /// Seconds of life the token must have left.
    public var minTTL: Int64
    /// Seconds to wait for a refresh; 0 starts one and answers at once.
    public var wait: Int64
    /// The token that the API refused: it is not served again.
    public var refused: Fingerprint?

    public init(minTTL: Int64 = 0, wait: Int64 = GetOptions.defaultWait, refused: Fingerprint? = nil) {
        self.minTTL = minTTL
        self.wait = wait
        self.refused = refused
    }
}

/// The options of `LIST`.
public struct ListOptions: Hashable, Sendable {
    /// The most accounts one `LIST` returns, and the number where it names no limit: a reply stays near 400 KiB.
    public static let largestLimit = 1000

    public var glob: Glob?
    public var state: AccountState?
    public var needs: Need?
    /// Only accounts whose name is behind this one.
    public var after: AccountName?
    public var limit: Int

    public init(
        glob: Glob? = nil, state: AccountState? = nil, needs: Need? = nil, after: AccountName? = nil,
        limit: Int = ListOptions.largestLimit
    ) {
        self.glob = glob
        self.state = state
        self.needs = needs
        self.after = after
        self.limit = min(limit, Self.largestLimit)
    }
}

/// The options of `AUTHORIZE` and `DEVICE`.
public struct LoginOptions: Hashable, Sendable {
    /// In place of the provider's `redirect_uri`; `AUTHORIZE` only.
    public var redirectURI: String?
    /// In place of the provider's `scopes`, as it goes into the request.
    public var scope: String?
    /// What the account fills into the provider's templates: `var.NAME=VALUE`.
    public var variables: [String: String]

    public init(redirectURI: String? = nil, scope: String? = nil, variables: [String: String] = [:]) {
        self.redirectURI = redirectURI
        self.scope = scope
        self.variables = variables
    }
}

/// The grant that `ADD` brings.
public struct AddedGrant: Hashable, Sendable {
    /// nil for an account of a provider whose `kind` needs none, or whose access token is never renewed.
    public var refreshToken: Secret?
    public var accessToken: Secret?
    /// When the access token lapses; without it the token's age is unknown and it is not served.
    public var expiresAt: WallTime?
    public var tokenType: String?
    public var scope: String?
    public var redirectURI: String?
    /// What the account fills into its provider's templates.
    public var variables: [String: String]
    /// Overwrite an account that is there.
    public var replace: Bool

    public init(
        refreshToken: Secret?, accessToken: Secret? = nil, expiresAt: WallTime? = nil,
        tokenType: String? = nil,
        scope: String? = nil, redirectURI: String? = nil, variables: [String: String] = [:],
        replace: Bool = false
    ) {
        self.refreshToken = refreshToken
        self.accessToken = accessToken
        self.expiresAt = expiresAt
        self.tokenType = tokenType
        self.scope = scope
        self.redirectURI = redirectURI
        self.variables = variables
        self.replace = replace
    }
}
