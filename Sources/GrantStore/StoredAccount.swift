// Decides what a start-up reads of each record: everything that serving needs, and not the refresh token.

import Vocabulary

/// An account as the store knows it, without its refresh token.
public struct StoredAccount: Hashable, Sendable {
    public let record: RecordID
    public let account: AccountName
    public let generation: Generation
    /// nil when none was ever obtained or given; otherwise possibly lapsed.
    public let accessToken: AccessToken?
    /// When the access token's lifetime began.
    public let obtainedAt: WallTime?
    public let scope: String?
    public var hasRefreshToken = true
    /// `Grant.awaitsFirstExchange`.
    public var awaitsFirstExchange = false
    /// When the refresh token ends, where anybody says so.
    public var refreshTokenExpiresAt: WallTime?
    /// The last refresh that succeeded. The seal does not cover it: it is only shown.
    public let lastSuccessAt: WallTime?
    /// nil while nothing speaks against the refresh token. Not sealed either: whoever may write the file could as well
    /// delete the record.
    public let standing: Standing?
}

/// What `GrantStore.load` finds, record by record.
public enum LoadedRecord: Hashable, Sendable {
    case account(StoredAccount)
    /// Kept in the file, unusable: a change or the removal of the record mends it.
    case damaged(RecordID, AccountName, Generation, cause: RecordDamage)
    /// Not even an account's name can be read; kept in the file.
    case nameless(RecordID)
}
