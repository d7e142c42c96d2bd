// Decides the store's vocabulary of writes. Each names what it expects to find, so that a late one changes
// nothing.

import Vocabulary

/// A write.
public enum Change: Hashable, Sendable {
    /// A new account, as generation 1.
    case add(AccountName, Grant, obtainedAt: WallTime?)
    /// The next grant of an account, in place of generation `after`; the refresh token before it stays sealed
    /// beside it until the following change. `succeededAt` is set where the grant comes from a refresh.
    case replace(RecordID, after: Generation, Grant, obtainedAt: WallTime?, succeededAt: WallTime?)
    case remove(RecordID)
}

/// How a write ended; durable when it is reported.
public enum ChangeOutcome: Hashable, Sendable {
    case stored(RecordID, Generation)
    case removed
    /// The record is not there or has another generation: nothing was changed.
    case gone
    /// The name is taken: nothing was added.
    case exists
}
