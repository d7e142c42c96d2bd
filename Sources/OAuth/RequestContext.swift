// Decides what a request needs to know beyond its provider. Clock and randomness come in as values, so that a request can be
// compared byte by byte.

import Vocabulary

/// Whom and when a request is for.
public struct RequestContext: Hashable, Sendable {
    public var account: AccountName
    /// What fills the provider's templates, by name; `account` is always the account's name behind the slash.
    public var variables: [String: String]
    /// When assertions are made: their `iat`, and from it their `exp` (RFC 7523 §3).
    public var now: WallTime
    /// Unique to this request: from it comes the `jti` of its assertions. Not secret.
    public var serial: String

    public init(account: AccountName, variables: [String: String] = [:], now: WallTime, serial: String) {
        self.account = account
        self.variables = variables
        self.now = now
        self.serial = serial
    }
}
