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
    /// A backup's grant, as a new account or in place of `over`; what is known against its refresh token comes with it.
    case restore(RestoredRecord, over: Incumbent?)
    /// The refresh token of that generation is about to be presented; durable before its first byte is sent. Room for
    /// the provider's answer is set aside with it.
    case mark(RecordID, of: Generation, Presentation)
    /// How a marked presentation ended that brought no new grant.
    case settle(RecordID, of: Generation, Settlement)
    /// A login is under way; those that have expired by `now` are forgotten.
    case keepLogin(StoredLogin, now: WallTime)
    /// The login of that name ends: only one who takes it is told `taken`.
    case takeLogin(Secret)
    /// What a provider's issuer says now of its endpoints.
    case keepMetadata(StoredMetadata)

    /// The record whose grant it replaces.
    public var replaced: RecordID? {
        switch self {
        case .replace(let record, _, _, _, _): record
        case .restore(_, let incumbent): incumbent?.record
        case .add, .remove, .mark, .settle, .keepLogin, .takeLogin, .keepMetadata: nil
        }
    }

    /// The record whose presentation it ends, if it succeeds.
    var marksEnd: RecordID? {
        switch self {
        case .remove(let record), .settle(let record, _, _): record
        case .add, .mark, .replace, .restore, .keepLogin, .takeLogin, .keepMetadata: replaced
        }
    }

    /// Whether this is a grant that a provider rotated to: nobody else has it, so it is written before anything else.
    var isRotation: Bool {
        guard case .replace(_, _, _, _, let succeededAt) = self else { return false }
        return succeededAt != nil
    }

    /// Whether it can be made again at any time: where it cannot be written, no other write may fail with it.
    var isDispensable: Bool { if case .keepMetadata = self { true } else { false } }
}

/// How a write ended; durable when it is reported.
public enum ChangeOutcome: Hashable, Sendable {
    case stored(RecordID, Generation)
    case removed
    case marked
    case settled
    case kept
    case taken
    /// The record or login is not there, or the record has another generation: nothing was changed.
    case gone
    /// The name is taken: nothing was added.
    case exists
}
