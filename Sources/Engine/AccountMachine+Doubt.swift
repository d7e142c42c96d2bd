// Decides what an exchange that brought no grant means for the refresh token: as good as before, in doubt, or dead. Only a
// rejection by the provider ends an account; a doubt is carried, durably, until a grant, a rejection or a login ends it.

import Schedule
import Vocabulary

extension AccountMachine {
    /// What is presented now: anew, or again after an answer that was lost.
    func presentation(_ policy: ReplayPolicy, _ now: Moment) -> Presentation {
        guard var presentation = doubt?.presentation else { return Presentation(since: now, last: now) }
        presentation.last = now
        if !ReplayPlan.isOpen(policy, since: presentation.since.boot, now.boot) {
            presentation.lateReplays = min(presentation.lateReplays + 1, Presentation.mostLateReplays)
        }
        return presentation
    }

    /// Judges a failed exchange and makes it durable.
    /// - Returns: the reason to show: a refresh token that is refused after a lost answer died of that.
    mutating func settle(_ reason: Reason, _ policy: ReplayPolicy, _ actions: inout [Action]) -> Reason {
        guard case .inFlight(_, let presentation) = exchange else { return verdict ?? reason }
        if let verdict, trouble?.isPresumed == false {
            // A forced attempt at a token that was refused before: nothing but a grant changes that.
            doubt?.presentation = presentation
            actions.append(.settle(record, generation, .rejected(verdict)))
            return verdict
        }
        if reason.leavesDoubt {
            doubt = Doubt(presentation: presentation, wasCutOff: false)
            actions.append(.settle(record, generation, .inDoubt(presentation)))
            return reason
        }
        guard reason.need == .user else {
            settleUnsent(&actions)
            return reason
        }
        // The doubt stays beside the verdict: should that not become durable, what led to it must not be forgotten.
        // Where a refresh token is not consumed by use, a lost answer cannot have killed it.
        let verdict = doubt == nil || policy == .always ? reason : .lostRotation
        doubt?.presentation = presentation
        actions.append(.settle(record, generation, .rejected(verdict)))
        return verdict
    }

    /// The presentation surely did not reach the provider, or was turned away unused: all is as it was before it.
    func settleUnsent(_ actions: inout [Action]) {
        let settlement: Settlement =
            verdict.map { .rejected($0) } ?? doubt.map { .inDoubt($0.presentation) } ?? .cleared
        actions.append(.settle(record, generation, settlement))
    }

    /// The reason for which the provider refused the refresh token for good.
    var verdict: Reason? { trouble.flatMap { $0.reason.need == .user ? $0.reason : nil } }

    /// When to try again, given when the backoff would. A doubt that has just arisen is not put off where the window is
    /// open, and later replays are brought forward so that they fall inside it; outside, the token's end decides.
    func whileInDoubt(
        _ next: BootTime, isNew: Bool, _ retryAfter: Duration?, _ policy: ReplayPolicy, _ now: BootTime
    ) -> BootTime {
        guard let doubt, next != .distantFuture else { return next }
        guard retryAfter == nil, ReplayPlan.isOpen(policy, since: doubt.presentation.since.boot, now) else {
            return isNew ? max(replayDue(policy, now), soonest(now)) : max(next, replayDue(policy, now))
        }
        if isNew { return soonest(now) }
        return min(next, ReplayPlan.latest(policy, since: doubt.presentation.since.boot, now))
    }

    private func soonest(_ now: BootTime) -> BootTime { max(now, lastAttempt + minimumInterval) }

    /// When the doubt allows the next attempt; at any time where there is none.
    func replayDue(_ policy: ReplayPolicy, _ now: BootTime) -> BootTime {
        guard let doubt else { return .distantPast }
        return ReplayPlan.due(
            policy, doubt.presentation, wasCutOff: doubt.wasCutOff, expiry: token?.expiry,
            lifetime: token?.lifetime ?? .zero, now)
    }

    /// Whether a queued replay has missed its window and now has to wait for the access token's end.
    func mustPostpone(_ policy: ReplayPolicy, _ now: BootTime) -> Bool {
        guard let doubt, !isForced, let token, token.expiry > now else { return false }
        return !ReplayPlan.isOpen(policy, since: doubt.presentation.since.boot, now)
            && ReplayPlan.lateAt(expiry: token.expiry, lifetime: token.lifetime) > now
    }

    /// Puts the replay off to the access token's end.
    mutating func postpone(_ policy: ReplayPolicy, _ now: BootTime) {
        exchange = .none
        attemptAt = replayDue(policy, now)
    }

    /// The store has another generation than this machine knew: what was known of the old refresh token does not count.
    mutating func adopt(_ found: Generation) {
        guard found != generation else { return }
        generation = found
        doubt = nil
        refusedAt = nil
        if verdict != nil { trouble = nil }
    }

    /// What the store remembers of the refresh token, at the start of the daemon.
    mutating func restore(_ standing: Standing, _ policy: ReplayPolicy, _ now: BootTime) {
        switch standing {
        case .rejected(let reason):
            trouble = Trouble(reason: reason, failures: 1)
            attemptAt = .distantFuture
        case .inDoubt(let presentation, let wasCutOff):
            doubt = Doubt(presentation: presentation, wasCutOff: wasCutOff)
            trouble = Trouble(reason: .inDoubt, failures: 1)
            attemptAt = replayDue(policy, now)
        }
    }
}
