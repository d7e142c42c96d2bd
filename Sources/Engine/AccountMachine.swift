// Decides what becomes of one account: when it is refreshed, who is answered what, and what a failure means. Pure: events
// come in with the moment they happened, actions go out; no clock, no lock, no I/O. What was rejected: one state enum
// for everything. Independent facts (the token, the trouble, the doubt, the exchange) make every combination legal that
// can happen, such as "login needed, and the old token still serves".

import Schedule
import Vocabulary
import WireProtocol

/// One account of the fleet.
struct AccountMachine: Sendable {
    let name: AccountName
    /// Of the fleet's clients, the one that the account was authorized for.
    let client: Int
    /// The least time between two refreshes that succeeded, and the most.
    let pace: Pace
    var record: RecordID
    var generation: Generation

    /// What readers see, if anything.
    var token: TokenFacts?
    /// When the current token came by a refresh, and how long it had to live then; nil for one that was added.
    var refreshed: (at: BootTime, lifeLeft: Duration)?
    /// When the grant was refreshed last, by this process or another; nil for one that was added and never refreshed.
    var renewedAt: BootTime?
    /// nil while the last attempt succeeded.
    var trouble: Trouble?
    /// When the refresh token ends; `.distantFuture` where nobody knows.
    var refreshTokenEnd = BootTime.distantFuture
    /// When the end of the refresh token is warned of next; `.distantFuture` for never.
    var warnAt = BootTime.distantFuture
    /// It was warned of, and no later end has come since.
    var endsSoon = false
    /// The refresh token was presented and no answer is known: the provider may have rotated.
    var doubt: Doubt?
    /// When the refresh token was first refused without saying whether it or the client is meant; nil once either is known.
    var refusedAt: BootTime?
    /// Somebody asked for the next attempt, knowing of the doubt or of a token that serves no more.
    var isForced = false
    var exchange = Exchange.none
    /// When the next attempt is planned; `.distantFuture` for never.
    var attemptAt = BootTime.distantFuture
    var lastAttempt = BootTime.distantPast
    /// The attempt was planned anew then, and may be moved to where fewer others are.
    var plannedAt: BootTime?
    /// What its client has entered of this account.
    var entries = Entries()
    /// When a client last asked for it and was not served from memory.
    var askedAt: BootTime?
    private(set) var waiters: [Waiter] = []
    /// No waiter's deadline is before this.
    private(set) var earliestDeadline = BootTime.distantFuture
    /// The refused token that a refresh was started for: there is only one per refused token.
    var refreshedFor: Fingerprint?

    var lastSuccessAt: WallTime?
    var lastFailureAt: WallTime?

    /// How the account's failures stand.
    struct Trouble: Hashable, Sendable {
        var reason: Reason
        /// Consecutive ones.
        var failures: Int
        /// The provider asked not to be called before this.
        var floor = BootTime.distantPast
        /// When the first of them happened.
        var since = BootTime.distantPast
        /// All accounts of the client fail like this.
        var isOfClient = false
        /// The refresh token is taken for dead, though its provider has not said so: it is still tried, seldom.
        var isPresumed = false
    }

    /// Where an account stands in its client's lists, so that it can be taken out of them.
    struct Entries: Hashable, Sendable {
        var deadline: TimeSlot?
        var plan: TimeSlot?
        var lifetime: Duration?
        var isFailing = false
        var isSuspect = false
    }

    /// A presentation whose answer was lost; stands until a grant, a rejection or a new login ends it.
    struct Doubt: Hashable, Sendable {
        var presentation: Presentation
        /// The process died before the last presentation could be answered.
        var wasCutOff: Bool
    }

    /// The one exchange an account may have.
    enum Exchange: Hashable, Sendable {
        case none
        /// Waits for a slot in its provider's lane.
        case queued
        /// What is about to be presented is made durable first.
        case marking(Operation, Presentation)
        /// The request is out.
        case inFlight(Operation, Presentation)
        /// The answer is on its way to the store.
        case saving(Operation, TokenFacts)
        /// The store failed; the grant is in memory, served, and written again then.
        case unsaved(Operation, TokenFacts, retryAt: BootTime)
        /// The grant is being revoked at its provider; nothing else may present it.
        case revoking(Operation)
    }

    /// A client that waits for this account's next refresh.
    struct Waiter: Hashable, Sendable {
        enum Want: Hashable, Sendable {
            case token(minTTL: Duration, refused: Fingerprint?)
            case refresh
        }

        let caller: Caller
        let want: Want
        let deadline: BootTime
    }

    init(
        name: AccountName, client: Int, pace: Pace = Pace(), record: RecordID, generation: Generation
    ) {
        self.name = name
        self.client = client
        self.pace = pace
        self.record = record
        self.generation = generation
    }

    /// More clients than this do not wait for one account: they are told to come back.
    static let mostWaiters = 4096

    mutating func append(_ waiter: Waiter) {
        waiters.append(waiter)
        earliestDeadline = min(earliestDeadline, waiter.deadline)
    }

    /// Takes out the waiters whose deadline has come; O(waiters), only when there are such.
    mutating func takeExpiredWaiters(_ now: BootTime) -> [Waiter] {
        guard earliestDeadline <= now else { return [] }
        let expired = waiters.filter { $0.deadline <= now }
        waiters.removeAll { $0.deadline <= now }
        earliestDeadline = waiters.lazy.map(\.deadline).min() ?? .distantFuture
        return expired
    }

    mutating func takeWaiters() -> [Waiter] {
        defer {
            waiters = []
            earliestDeadline = .distantFuture
        }
        return waiters
    }

    /// Whether the current token answers this want.
    func serves(minTTL: Duration, refused: Fingerprint?, now: BootTime) -> Bool {
        guard let token, token.expiry > now, token.fingerprint != refused else { return false }
        return token.expiry - now >= minTTL
    }

    /// The least time between attempts: 1 s, 5 s where the provider's expiry makes no sense (T4).
    var minimumInterval: Duration {
        guard let token, token.lifetimeIsSuspect else { return RefreshPolicy.minimumInterval }
        return .seconds(5)
    }

    /// Healthy, and its next refresh is a matter of time: it may be planned ahead.
    var isFresh: Bool {
        exchange == .none && trouble == nil && doubt == nil && token?.isRenewable == true
            && attemptAt != .distantFuture
    }

    /// Whether the grant can be renewed and nothing speaks for its death: a person's login that brings less must not replace it.
    var mayLiveOn: Bool {
        guard token?.isRenewable ?? true, doubt == nil else { return false }
        return trouble.map { $0.reason.need != .user && $0.reason != .recordDamaged } ?? true
    }

    /// Whether time or the client's recovery may heal what made it fail.
    var isFailing: Bool { trouble.map { $0.reason.need == .time || $0.isOfClient } ?? false }

    /// When `event`s must be followed by `woke`: the planned attempt, the retry of a write, or a waiter's deadline.
    var nextWakeUp: BootTime {
        switch exchange {
        case .none: min(earliestDeadline, attemptAt, warnAt)
        case .queued, .marking, .inFlight, .saving, .revoking: earliestDeadline
        case .unsaved(_, _, let retryAt): min(earliestDeadline, retryAt)
        }
    }

    /// Whole seconds until the next attempt, at least 1; nil where none is planned.
    func secondsToNextAttempt(_ now: BootTime) -> Int64? {
        switch exchange {
        case .none: attemptAt == .distantFuture ? nil : max(1, (attemptAt - now).secondsRoundedUp)
        case .queued, .marking, .inFlight, .saving, .unsaved, .revoking: 1
        }
    }

    func state(_ now: BootTime) -> AccountState {
        switch trouble?.reason.need {
        case .user: return .loginNeeded
        case .operator: return .operatorNeeded
        case .time, .nobody, nil: break
        }
        if doubt != nil { return .inDoubt }
        switch exchange {
        case .marking, .inFlight, .saving, .revoking: return .refreshing
        case .none, .queued, .unsaved: break
        }
        guard let token else { return trouble == nil ? .new : .retrying }
        guard token.expiry > now else { return .expired }
        return trouble == nil ? .ok : .retrying
    }

    /// Who must act in this state. One whose refresh token ends soon needs its user while all is well.
    func need(_ state: AccountState) -> Need {
        if let trouble { return trouble.reason.need }
        if state == .expired { return .time }
        return endsSoon ? .user : .nobody
    }

    func status(_ now: Moment) -> AccountStatus {
        let state = state(now.boot)
        var status = AccountStatus(
            account: name, state: state, needs: need(state), generation: generation.number)
        status.reason = trouble?.reason.rawValue
        status.refreshTokenExpiresAt = token?.refreshTokenExpiresAt?.epochSeconds
        status.expiresAt = token?.expiresAt.epochSeconds
        if exchange == .none, attemptAt != .distantFuture {
            status.nextRefreshAt = max(now.wall, now.wall(at: attemptAt)).epochSeconds
        }
        status.lastSuccessAt = lastSuccessAt?.epochSeconds
        status.lastFailureAt = lastFailureAt?.epochSeconds
        status.failures = Int64(trouble?.failures ?? 0)
        status.fingerprint = token?.fingerprint
        status.tokenType = token?.type
        status.scope = token?.scope
        status.lifetime = token?.lifetime.components.seconds
        return status
    }
}
