// Decides who waits and what each is told. A want is judged when it arrives, when a refresh ends, and at its deadline;
// losing a client never touches the refresh.

import Schedule
import Vocabulary
import WireProtocol

extension AccountMachine {
    /// How long after a refresh a larger `min-ttl` is refused rather than refreshed for again.
    static let freshFor = Duration.seconds(10)

    /// A client asks for a token that readers could not serve it.
    mutating func asked(
        _ caller: Caller, _ options: GetOptions, mayForce: Bool, _ now: BootTime, _ actions: inout [Action]
    ) -> Wish {
        let minTTL = Duration.seconds(options.minTTL)
        if serves(minTTL: minTTL, refused: options.refused, now: now) {
            actions.append(.answer(caller, .token(name)))
            return .nothing
        }
        if let refusal = refusal(minTTL: minTTL, refused: options.refused, now) {
            actions.append(.answer(caller, .refused(refusal)))
            return .nothing
        }
        if exchange == .none, trouble == nil { planSoon(now) }
        if let refused = options.refused, refused == token?.fingerprint {
            refuse(refused, mayForce: mayForce, now)
        }
        let waiter = Waiter(
            caller: caller, want: .token(minTTL: minTTL, refused: options.refused),
            deadline: now + .seconds(options.wait))
        return wait(waiter, now, &actions)
    }

    /// The API no longer takes the token. Beside a doubt that says that nothing is left to serve: the replay need not wait.
    private mutating func refuse(_ refused: Fingerprint, mayForce: Bool, _ now: BootTime) {
        if mayForce, doubt != nil, verdict == nil, exchange == .none, refreshedFor != refused {
            isForced = true
            planSoon(now)
        }
        refreshedFor = refused
    }

    /// A client asks for a refresh, whatever the token's age and whoever must act (the operator may have).
    /// - Parameter mayForce: whether the client may have a refresh token presented that is in doubt or was refused.
    mutating func refreshRequested(
        _ caller: Caller, mayForce: Bool, deadline: BootTime, _ now: BootTime, _ actions: inout [Action]
    ) -> Wish {
        guard mayForce || (doubt == nil && verdict == nil) else {
            actions.append(.answer(caller, .refused(troubleRefusal(now))))
            return .nothing
        }
        if trouble?.reason == .recordDamaged || isUnsaved {
            actions.append(.answer(caller, .refused(troubleRefusal(now))))
            return .nothing
        }
        if let token, !token.isRenewable, token.expiry > now {
            actions.append(.answer(caller, .refused(Self.notRenewable)))
            return .nothing
        }
        switch exchange {
        case .none, .queued, .marking: isForced = true
        case .inFlight, .saving, .unsaved, .revoking: break
        }
        if exchange == .none { planSoon(now) }
        return wait(Waiter(caller: caller, want: .refresh, deadline: deadline), now, &actions)
    }

    private static let notRenewable = RequestError(
        .loginNeeded,
        "the provider gave no refresh token: the token is good until it lapses, then a login helps")

    private var isUnsaved: Bool { if case .unsaved = exchange { true } else { false } }

    private mutating func wait(_ waiter: Waiter, _ now: BootTime, _ actions: inout [Action]) -> Wish {
        let wasQueued = exchange == .queued
        if waiter.deadline <= now || (exchange == .none && attemptAt > waiter.deadline) {
            actions.append(.answer(waiter.caller, .refused(tryAgain(now))))
            return woke(now, &actions)
        }
        guard waiters.count < Self.mostWaiters else {
            actions.append(.answer(waiter.caller, .refused(Self.crowded)))
            return .nothing
        }
        append(waiter)
        let wish = woke(now, &actions)
        return wasQueued ? .slot : wish
    }

    /// Why this want is refused without waiting, if it is.
    private func refusal(minTTL: Duration, refused: Fingerprint?, _ now: BootTime) -> RequestError? {
        switch exchange {
        case .queued, .marking, .inFlight, .saving, .revoking: return nil
        case .unsaved: return troubleRefusal(now)
        case .none: break
        }
        if let trouble, trouble.reason.need != .time { return troubleRefusal(now) }
        if isUnsatisfiable(minTTL, refused: refused, now) { return Self.unsatisfiable }
        if trouble == nil, let refused, refused == refreshedFor, refused == token?.fingerprint {
            return RequestError(
                .tryAgain, retryAfter: secondsToNextAttempt(now),
                "the refused token was refreshed for once already, and the provider returned the same one")
        }
        return nil
    }

    private func isUnsatisfiable(_ minTTL: Duration, refused: Fingerprint?, _ now: BootTime) -> Bool {
        guard let refreshed, let token, token.fingerprint != refused, now - refreshed.at <= Self.freshFor
        else {
            return false
        }
        // A token that had lapsed before it was stored says nothing of what the provider grants.
        return refreshed.lifeLeft > .zero && refreshed.lifeLeft < minTTL
    }

    private static let unsatisfiable = RequestError(
        .unsatisfiable, "a token fresh from the provider lives shorter than this min-ttl")

    mutating func expireWaiters(_ now: BootTime, _ actions: inout [Action]) {
        for waiter in takeExpiredWaiters(now) {
            actions.append(.answer(waiter.caller, .refused(Self.timedOut)))
        }
    }

    private static let crowded = RequestError(
        .busy, retryAfter: 1, "too many clients wait for this account already")
    private static let timedOut = RequestError(.timeout, "the refresh did not end in time; it goes on")

    /// A refresh ended well: every waiter is answered.
    mutating func answerSuccess(_ now: BootTime, _ actions: inout [Action]) {
        for waiter in takeWaiters() {
            switch waiter.want {
            case .refresh: actions.append(.answer(waiter.caller, .refreshed(token!.expiresAt)))
            case .token(let minTTL, let refused):
                actions.append(.answer(waiter.caller, tokenAnswer(minTTL, refused, now)))
            }
        }
    }

    private func tokenAnswer(_ minTTL: Duration, _ refused: Fingerprint?, _ now: BootTime) -> Answer {
        if serves(minTTL: minTTL, refused: refused, now: now) { return .token(name) }
        if isUnsatisfiable(minTTL, refused: refused, now) { return .refused(Self.unsatisfiable) }
        return .refused(tryAgain(now))
    }

    /// A refresh failed: every waiter learns who must act.
    mutating func answerFailure(_ now: BootTime, _ actions: inout [Action]) {
        let refusal = troubleRefusal(now)
        for waiter in takeWaiters() { actions.append(.answer(waiter.caller, .refused(refusal))) }
    }

    /// The grant is in memory only: tokens are served, a `REFRESH` asked for a durable one.
    mutating func answerUnsaved(_ now: BootTime, _ actions: inout [Action]) {
        let refusal = troubleRefusal(now)
        for waiter in takeWaiters() {
            switch waiter.want {
            case .refresh: actions.append(.answer(waiter.caller, .refused(refusal)))
            case .token(let minTTL, let refused):
                let isServed = serves(minTTL: minTTL, refused: refused, now: now)
                actions.append(.answer(waiter.caller, isServed ? .token(name) : .refused(refusal)))
            }
        }
    }

    /// Answers the waiters that the current token serves; the others wait on.
    mutating func answerServable(_ now: BootTime, _ actions: inout [Action]) {
        for waiter in takeWaiters() {
            if case .token(let minTTL, let refused) = waiter.want,
                serves(minTTL: minTTL, refused: refused, now: now)
            {
                actions.append(.answer(waiter.caller, .token(name)))
            } else {
                append(waiter)
            }
        }
        if !waiters.isEmpty { planSoon(now) }
    }

    /// Refuses those whose wait ends before `time`.
    mutating func refuseWaiters(before time: BootTime, _ refusal: RequestError, _ actions: inout [Action]) {
        for waiter in takeWaiters() {
            if waiter.deadline < time {
                actions.append(.answer(waiter.caller, .refused(refusal)))
            } else {
                append(waiter)
            }
        }
    }

    /// Answers all waiters alike.
    mutating func refuseAll(_ refusal: RequestError, _ actions: inout [Action]) {
        for waiter in takeWaiters() { actions.append(.answer(waiter.caller, .refused(refusal))) }
    }

    private func tryAgain(_ now: BootTime) -> RequestError {
        RequestError(
            .tryAgain, retryAfter: secondsToNextAttempt(now) ?? 1,
            "no token to serve yet; a refresh is on its way")
    }

    /// What the account's trouble means for a client.
    func troubleRefusal(_ now: BootTime) -> RequestError {
        guard let trouble else { return tryAgain(now) }
        switch trouble.reason.need {
        case .user:
            return RequestError(.loginNeeded, "the user must log in again (\(trouble.reason.rawValue))")
        case .operator where trouble.reason == .storage:
            return RequestError(.storage, retryAfter: 1, "the state directory cannot be written")
        case .operator:
            return RequestError(
                .operatorNeeded, "an operator must act (\(trouble.reason.rawValue)); see tokenctl status")
        case .time, .nobody:
            return RequestError(
                .tryAgain, retryAfter: secondsToNextAttempt(now) ?? 1,
                "the last refresh failed (\(trouble.reason.rawValue)); it is tried again")
        }
    }
}
