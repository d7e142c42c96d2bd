// Decides what a backup keeps of an account: the record as the store holds it, still sealed, and the marks of its refresh
// token beside it. Whoever carries it (the socket, tokenctl, a file) can read names and times and no token. Rejected: a copy
// of the database file, which the hardened daemon could write nowhere else and nobody could restore one account from.

/// Whose records a backup holds.
public struct BackupOrigin: Hashable, Sendable {
    /// Names the key that sealed them; nothing about the key follows from it.
    public var keyID: String
    /// Names the store that they were read from: record numbers mean something within one store only.
    public var storeID: String

    public init(keyID: String, storeID: String) {
        self.keyID = keyID
        self.storeID = storeID
    }
}

/// An account's record, sealed.
public struct SealedRecord: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
    public var record: RecordID
    public var account: AccountName
    public var generation: Generation
    /// What its grant was sealed for.
    public var tokenEndpoint: String
    public var expiresAt: WallTime?
    public var obtainedAt: WallTime?
    public var lastSuccessAt: WallTime?
    /// The refresh token and what belongs to it.
    public var sealedRefresh: [UInt8]
    /// The access token and what belongs to it.
    public var sealedAccess: [UInt8]
    /// What is known against the refresh token.
    public var mark: SealedMark?
    /// Authenticates all of the above, and the origin, under the store's key.
    public var tag: [UInt8]

    public init(
        record: RecordID, account: AccountName, generation: Generation, tokenEndpoint: String,
        expiresAt: WallTime? = nil, obtainedAt: WallTime? = nil, lastSuccessAt: WallTime? = nil,
        sealedRefresh: [UInt8], sealedAccess: [UInt8], mark: SealedMark? = nil, tag: [UInt8] = []
    ) {
        self.record = record
        self.account = account
        self.generation = generation
        self.tokenEndpoint = tokenEndpoint
        self.expiresAt = expiresAt
        self.obtainedAt = obtainedAt
        self.lastSuccessAt = lastSuccessAt
        self.sealedRefresh = sealedRefresh
        self.sealedAccess = sealedAccess
        self.mark = mark
        self.tag = tag
    }

    /// No kilobytes of numbers in a log.
    public var description: String { "SealedRecord(\(record.rowID), \(account), generation \(generation))" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// The mark of a presented refresh token, as the store keeps it.
public struct SealedMark: Hashable, Sendable {
    /// How far a presentation has come.
    public enum State: String, Sendable, CaseIterable {
        case inFlight = "in-flight"
        case inDoubt = "in-doubt"
        case rejected
    }

    /// The refresh token's keyed hash.
    public var refreshHash: [UInt8]
    /// The boot that the presentation's boot times belong to.
    public var bootID: String
    public var state: State
    /// Set where the state is `rejected`.
    public var reason: Reason?
    public var presentation: Presentation

    public init(
        refreshHash: [UInt8], bootID: String, state: State, reason: Reason?, presentation: Presentation
    ) {
        self.refreshHash = refreshHash
        self.bootID = bootID
        self.state = state
        self.reason = reason
        self.presentation = presentation
    }
}
