// Decides what the engine can ask of the world around it. Secrets do not pass through here: the shell keeps what an
// operation carries (an added grant, a token answer) under its number, and the engine says what becomes of it.

import Vocabulary
import WireProtocol

/// A client's request that waits for an answer; the number means something to the shell only.
public struct Caller: Hashable, Sendable {
    public let number: UInt64

    public init(_ number: UInt64) { self.number = number }
}

/// One exchange with a provider or one edit of the fleet, from its first action to its last. Numbers are never used
/// again, so the result of an operation that was overtaken is recognised and dropped.
public struct Operation: Hashable, Sendable {
    public let number: UInt64

    public init(_ number: UInt64) { self.number = number }
}

/// What the engine wants done, in order.
public enum Action: Hashable, Sendable {
    /// Make durable that the refresh token of the account's generation is about to be presented, then report `marked`.
    case mark(Operation, RecordID, Generation, Presentation)
    /// Present the refresh token of the account's generation to its provider, then report `answered`. When the store has
    /// another generation by then, the exchange was overtaken and nothing may be sent.
    ///
    /// `since`: of a replay inside the provider's window, when the token was first presented. The provider may answer with
    /// what it issued then.
    case exchange(Operation, RecordID, Generation, AccountName, since: Moment? = nil)
    /// Make durable how a marked presentation ended that brought no grant; nobody waits for it.
    case settle(RecordID, Generation, Settlement)
    /// Make the operation's grant durable as a new account, then report `stored`.
    case insert(Operation, AccountName)
    /// Make the operation's grant durable in place of generation `after`, then report `stored`.
    case replace(Operation, RecordID, after: Generation)
    /// Revoke the record's grant at its provider, then report `revoked`.
    case revoke(Operation, RecordID, AccountName)
    /// Delete the record durably, then report `stored`.
    case delete(Operation, RecordID)
    /// Show readers the operation's access token.
    case publish(Operation, AccountName)
    /// The token that readers see, if any, lapses then: the wall clock was stepped.
    case reexpire(AccountName, BootTime, WallTime)
    /// Read the record's grant from the store, and report `reread` where there is one.
    case reread(Operation, RecordID, AccountName)
    /// Readers no longer find the account.
    case unpublish(AccountName)
    /// Forget what the operation carries.
    case drop(Operation)
    case answer(Caller, Answer)
    case log(Notice)
    /// After `stop`: no exchange and no write is left.
    case finish
}

/// What a caller is told.
public enum Answer: Hashable, Sendable {
    /// The token that readers of this account see now.
    case token(AccountName)
    /// `REFRESH`: the new token, durable, lapses then.
    case refreshed(WallTime)
    /// `ADD`: the grant is durable.
    case added(AccountState)
    /// A login: its grant is durable, and its access token lapses then.
    case loggedIn(AccountName, WallTime)
    /// `REMOVE`: the record is gone.
    case removed
    /// `REVOKE`: the record is gone; why the provider did not revoke, or nil where it did.
    case revoked(unrevoked: String?)
    case refused(RequestError)
}

/// What an operator's log is told: changes of an account's health, not every retry.
public enum Notice: Hashable, Sendable {
    /// The first failure after a success, or a failure with another reason than the last.
    case failing(AccountName, Reason, needs: Need)
    /// A success after failures.
    case recovered(AccountName, failures: Int)
    /// The refresh token ends in at most so many days, and only a new login brings another.
    case refreshTokenEnds(AccountName, days: Int)
    /// A grant is in memory only; the write is tried every second.
    case unsaved(AccountName)
    /// Half of a provider's answers are bad: it is asked by one probe at a time.
    case providerFailing(ProviderName, Reason)
    /// The first good answer after that.
    case providerRecovered(ProviderName, after: Duration)
    /// The provider refuses the client, not an account: one probe every five minutes.
    case parked(ProviderName, Reason)
    /// The client was granted a token again.
    case unparked(ProviderName)
    /// The budget cannot keep every account fresh, whatever the order.
    case overloaded(ProviderName, accounts: Int, demandPerHour: Int64, budgetPerHour: Int64)
    /// It can again.
    case relieved(ProviderName)
    /// The wall clock was set, or looked at after a sleep: by how much it was moved beside the boot clock.
    case clockStepped(by: Duration)
}

/// What the engine must know of an access token; never the token.
public struct TokenFacts: Hashable, Sendable {
    /// When it lapses, on the clock that decides.
    public var expiry: BootTime
    /// When it lapses, as shown and stored.
    public var expiresAt: WallTime
    /// Its whole life, from the sending of the request that yielded it.
    public var lifetime: Duration
    /// The answer named no usable life: refreshing again soon would only repeat that.
    public var lifetimeIsSuspect: Bool
    /// Which clock knows when it lapses.
    public var basis: Basis
    public var fingerprint: Fingerprint
    public var type: String
    public var scope: String?
    /// Whether anything renews it but a new login: there is a refresh token, or the provider's kind needs none.
    public var isRenewable = true
    /// It is a login's, too short-lived to be kept: whatever its life, it is exchanged at once.
    public var awaitsFirstExchange = false
    /// When that refresh token ends; nil where nobody says.
    public var refreshTokenExpiresAt: WallTime?

    public init(
        expiry: BootTime, expiresAt: WallTime, lifetime: Duration, lifetimeIsSuspect: Bool = false,
        basis: Basis = .bootClock, fingerprint: Fingerprint, type: String, scope: String?
    ) {
        self.expiry = expiry
        self.expiresAt = expiresAt
        self.lifetime = lifetime
        self.lifetimeIsSuspect = lifetimeIsSuspect
        self.basis = basis
        self.fingerprint = fingerprint
        self.type = type
        self.scope = scope
    }
}

/// How the marking of a presentation ended.
public enum MarkResult: Hashable, Sendable {
    /// Durable, with room for the answer: the refresh token may be sent.
    case marked
    /// The record is not there (nil) or has this other generation.
    case gone(Generation?)
    /// The record cannot be opened.
    case damaged
    /// Nothing was written, or there is no room for the answer: nothing may be sent.
    case failed
}

/// How a write to the store ended.
public enum StoreResult: Hashable, Sendable {
    /// Durable, as this record and generation.
    case stored(RecordID, Generation)
    /// The record is deleted.
    case removed
    /// The record is not there (nil) or has this other generation: the write changed nothing.
    case gone(Generation?)
    /// The name is taken.
    case exists
    /// Nothing was written.
    case failed
}
