// Decides the life of one refresh: planned, due, marked, in flight, answered, durable, published, and only then planned
// again. What an exchange without a grant means for the refresh token is `AccountMachine+Doubt.swift`'s.

import Schedule
import Vocabulary
import WireProtocol

extension AccountMachine {
    /// What a call of `woke` or of a request asks of the fleet, beside actions.
    enum Wish: Hashable, Sendable {
        case nothing
        /// A slot in the provider's lane; `began` follows when there is one.
        case slot
    }

    /// Plans the next attempt of a token that was just obtained, added or loaded.
    mutating func plan(_ now: BootTime, using random: inout SplitMix64) {
        guard let token, token.expiry > now else { return planSoon(now) }
        guard token.isRenewable else {
            // When it lapses, the exchange finds that only a login helps.
            attemptAt = token.expiry
            return
        }
        guard !token.awaitsFirstExchange else { return planSoon(now) }
        let due = RefreshPolicy.due(expiry: token.expiry, lifetime: token.lifetime, using: &random)
        // One that was never refreshed counts from when its token was issued.
        let latest = (renewedAt ?? (token.expiry - token.lifetime)) + pace.keepalive
        attemptAt = max(min(due, latest), earliestAttempt(now))
        // One that is kept alive has its own time: nobody may move it.
        plannedAt = latest < due ? nil : now
    }

    /// Plans an attempt as soon as the minimum interval and the provider's floor allow.
    mutating func planSoon(_ now: BootTime) {
        attemptAt = min(attemptAt, max(earliestAttempt(now), trouble?.floor ?? .distantPast))
    }

    func earliestAttempt(_ now: BootTime) -> BootTime {
        max(
            now, lastAttempt + max(minimumInterval, trouble.map { Self.spacing($0.failures) } ?? .zero),
            pacedFrom)
    }

    /// When the provider's least interval lets the next refresh begin; it never keeps a token from being fresh.
    private var pacedFrom: BootTime {
        guard pace.minimumInterval > .zero, let renewedAt, let token, !token.awaitsFirstExchange else {
            return .distantPast
        }
        let window = RefreshPolicy.mandatoryWindow(lifetime: token.lifetime)
        return min(renewedAt + pace.minimumInterval, token.expiry - window)
    }

    /// What kept it from being refreshed is over: it need not wait as long as its failures say.
    mutating func hasten(_ now: BootTime) {
        guard exchange == .none, doubt == nil, verdict == nil, trouble != nil else { return }
        planSoon(now)
    }

    /// It is refreshed before its time, because later there would be no room for it.
    mutating func pull(_ now: BootTime) {
        attemptAt = now
        exchange = .queued
    }

    /// The planned time has come, or a waiter's or a write's.
    mutating func woke(_ now: BootTime, _ actions: inout [Action]) -> Wish {
        expireWaiters(now, &actions)
        warn(now, &actions)
        switch exchange {
        case .none where attemptAt <= now:
            exchange = .queued
            return .slot
        case .unsaved(let operation, let facts, let retryAt) where retryAt <= now:
            exchange = .saving(operation, facts)
            actions.append(.replace(operation, record, after: generation))
        case .none, .queued, .marking, .inFlight, .saving, .unsaved, .revoking: break
        }
        return .nothing
    }

    /// The lane gave a slot: what will be presented is made durable before a byte of it is sent.
    mutating func began(
        _ operation: Operation, _ policy: ReplayPolicy, _ now: Moment, _ actions: inout [Action]
    ) {
        precondition(exchange == .queued, "only a queued account can begin an exchange")
        let presentation = presentation(policy, now)
        exchange = .marking(operation, presentation)
        lastAttempt = now.boot
        attemptAt = .distantFuture
        actions.append(.mark(operation, record, generation, presentation))
    }

    /// The mark is durable.
    mutating func marked(
        _ operation: Operation, _ presentation: Presentation, _ policy: ReplayPolicy, _ now: BootTime,
        _ actions: inout [Action]
    ) {
        exchange = .inFlight(operation, presentation)
        isForced = false
        lastAttempt = now
        // A provider whose refresh tokens are not consumed issues anew each time.
        let isRepeated =
            doubt != nil && policy != .always
            && ReplayPlan.isOpen(policy, since: presentation.since.boot, now)
        actions.append(
            .exchange(operation, record, generation, name, since: isRepeated ? presentation.since : nil))
    }

    /// The mark is durable, and nothing is to be sent any more.
    mutating func withdrawn(_ actions: inout [Action]) {
        exchange = .none
        settleUnsent(&actions)
    }

    /// The provider answered with a token: nothing is published before it is durable.
    mutating func granted(_ operation: Operation, _ facts: TokenFacts, _ actions: inout [Action]) {
        exchange = .saving(operation, facts)
        actions.append(.replace(operation, record, after: generation))
    }

    /// The exchange failed, or could not begin. The grant stays; whoever waits is told who must act.
    /// - Parameter presumesDeath: the provider has said nothing against the refresh token, but has failed for so long that it
    ///   counts as dead.
    mutating func failed(
        _ failure: Failure, _ policy: ReplayPolicy, presumesDeath: Bool = false, _ now: Moment,
        using random: inout SplitMix64, _ actions: inout [Action]
    ) {
        let wasInDoubt = doubt != nil
        var reason = settle(failure.reason, policy, &actions)
        let isPresumed = reason.need == .time && (presumesDeath || trouble?.isPresumed == true)
        if isPresumed { reason = doubt == nil ? .reauthorizationRequired : .lostRotation }
        exchange = .none
        isForced = false
        let failures = (trouble?.failures ?? 0) + 1
        // What every account of the client suffers is told of the client, once.
        if trouble?.reason != reason, !failure.isOfClient {
            actions.append(.log(.failing(name, reason, needs: reason.need)))
        }
        trouble = Trouble(
            reason: reason, failures: failures, since: trouble?.since ?? now.boot,
            isOfClient: failure.isOfClient, isPresumed: isPresumed)
        if reason == failure.reason, let retryAfter = failure.retryAfter {
            trouble?.floor = now.boot + retryAfter
        }
        lastFailureAt = now.wall
        let next = nextAttempt(
            after: Failure(reason, retryAfter: failure.retryAfter), failures: failures, now.boot,
            using: &random)
        attemptAt = whileInDoubt(next, isNew: !wasInDoubt, failure.retryAfter, policy, now.boot)
        answerFailure(now.boot, &actions)
    }

    private func nextAttempt(
        after failure: Failure, failures: Int, _ now: BootTime, using random: inout SplitMix64
    ) -> BootTime {
        switch failure.reason.need {
        case .user: return trouble?.isPresumed == true ? now + Self.presumedInterval : .distantFuture
        case .operator where failure.reason != .storage:
            // An operator may have mended it: look once in 5 minutes, spread so that accounts do not march in step.
            return now
                + Duration.nanoseconds(Int64.random(in: 270_000_000_000...330_000_000_000, using: &random))
        case .time, .nobody, .operator:
            let remaining = token.map { max(.zero, $0.expiry - now) } ?? .zero
            let delay = Backoff.delay(
                failures: failures, remaining: remaining, retryAfter: failure.retryAfter, using: &random)
            return max(now + max(delay, Self.spacing(failures)), lastAttempt + minimumInterval)
        }
    }

    /// Between tries of a refresh token that is taken for dead.
    private static let presumedInterval = Duration.seconds(3600)

    /// The least time to the next attempt after so many failures in a row: 1, 2, 4, then 8 s. However the dice of the
    /// backoff fall, no minute has more than 10 attempts (C8): 0, 1, 3, 7, 15, 23, ... 55.
    private static func spacing(_ failures: Int) -> Duration { .seconds(1 << min(failures - 1, 3)) }

    /// The store answered for `operation`, which is this machine's.
    mutating func stored(
        _ operation: Operation, _ result: StoreResult, _ facts: TokenFacts, _ now: Moment,
        using random: inout SplitMix64, _ actions: inout [Action]
    ) {
        switch result {
        case .stored(_, let generation):
            self.generation = generation
            succeed(operation, facts, now, using: &random, &actions)
        case .gone(generation.next):
            // An earlier write of this very grant was reported failed and is durable all the same: nobody else writes
            // while one is under way.
            generation = generation.next
            succeed(operation, facts, now, using: &random, &actions)
        case .gone, .removed, .exists:
            // The account is being removed: this answer is overtaken (R16).
            exchange = .none
            actions.append(.drop(operation))
            plan(now.boot, using: &random)
            if !waiters.isEmpty { planSoon(now.boot) }
        case .failed: keepUnsaved(operation, facts, now, &actions)
        }
    }

    private mutating func succeed(
        _ operation: Operation, _ facts: TokenFacts, _ now: Moment, using random: inout SplitMix64,
        _ actions: inout [Action]
    ) {
        if let trouble { actions.append(.log(.recovered(name, failures: trouble.failures))) }
        exchange = .none
        isForced = false
        trouble = nil
        doubt = nil
        refusedAt = nil
        lastSuccessAt = now.wall
        show(facts, refreshedAt: now)
        actions.append(.publish(operation, name))
        actions.append(.drop(operation))
        plan(now.boot, using: &random)
        answerSuccess(now.boot, &actions)
    }

    /// The one exception to durable-then-published: the provider has rotated and the disk refuses. The grant in memory is
    /// the only one that lives, so it is served, written again every second, and not refreshed until it is durable.
    private mutating func keepUnsaved(
        _ operation: Operation, _ facts: TokenFacts, _ now: Moment, _ actions: inout [Action]
    ) {
        if token != facts {
            actions.append(.log(.unsaved(name)))
            show(facts, refreshedAt: now)
            actions.append(.publish(operation, name))
        }
        doubt = nil
        refusedAt = nil
        trouble = Trouble(reason: .storage, failures: trouble?.reason == .storage ? trouble!.failures + 1 : 1)
        lastFailureAt = now.wall
        exchange = .unsaved(operation, facts, retryAt: now.boot + .seconds(1))
        answerUnsaved(now.boot, &actions)
    }

    private mutating func show(_ facts: TokenFacts, refreshedAt now: Moment) {
        planWarning(facts, now)
        token = facts
        refreshed = (now.boot, facts.expiry - now.boot)
        renewedAt = now.boot
    }

    /// Another grant was added in place of this one: nothing of the old one's troubles or cooldowns counts (C10). An
    /// exchange in flight is overtaken; its late answer finds another operation here.
    mutating func replaced(
        _ record: RecordID, _ generation: Generation, _ facts: TokenFacts?, _ now: Moment,
        using random: inout SplitMix64, _ actions: inout [Action]
    ) {
        self.record = record
        self.generation = generation
        token = facts
        endsSoon = false
        planWarning(facts, now)
        refreshed = nil
        renewedAt = nil
        trouble = nil
        doubt = nil
        refusedAt = nil
        isForced = false
        refreshedFor = nil
        exchange = .none
        lastAttempt = .distantPast
        attemptAt = .distantFuture
        plan(now.boot, using: &random)
        answerServable(now.boot, &actions)
    }
}
