// Decides what becomes of the fleet when the wall clock is stepped or the machine wakes from suspend: every account's times
// are derived anew, a bounded number a turn. All deadlines run on the boot clock, so nothing waits for that: a refresh that
// came due in a sleep is due at once by itself, and readers compare with the boot clock. Rejected: to load every account
// anew, which would draw all their jitters and plans again for a clock that tells nothing of them.

import Schedule
import Vocabulary

extension Fleet {
    /// So many accounts a turn: a few milliseconds, with what the shell does for those that readers see.
    static let rederivedPerTurn = 2_000

    /// The wall clock was set, or the machine has slept; also called once at the start, for what happened since the accounts
    /// were loaded. `rederive` must follow.
    /// - Parameter earlier: when the clocks were last compared.
    public mutating func clockStepped(since earlier: Moment, _ now: Moment, _ actions: inout [Action]) {
        actions.append(.log(.clockStepped(by: now.step(since: earlier))))
        nextToRederive = 0
        // A certificate that was not valid by the old clock may be by this one.
        for client in clients.indices { clients[client].retryParked(now.boot) }
    }

    /// Derives the times of the next accounts anew.
    /// - Returns: whether more are left; call again soon.
    public mutating func rederive(_ now: Moment, _ actions: inout [Action]) -> Bool {
        guard let first = nextToRederive else { return false }
        let end = min(first + Self.rederivedPerTurn, machines.count)
        for index in first..<max(first, end) {
            guard let machine = machines[index] else { continue }
            if machine.mayBeServedAgain(now) {
                actions.append(.reread(newOperation(), machine.record, machine.name))
            }
            let policy = replayPolicy(of: machine.client)
            machines[index]!.rederive(policy, now, using: &random, &actions)
            reschedule(index)
        }
        nextToRederive = end < machines.count ? end : nil
        return nextToRederive != nil
    }

    /// The store's grant of an account whose token could not be judged before.
    /// - Parameter generation: of the grant; another than the account's was overtaken.
    /// - Returns: what is to be published under `operation`; nil where it is not to be served.
    public mutating func reread(
        _ operation: Operation, _ name: AccountName, _ generation: Generation, _ now: Moment,
        _ actions: inout [Action]
    ) -> TokenFacts? {
        guard let index = indices[name], let machine = machines[index], machine.generation == generation,
            machine.mayBeServedAgain(now)
        else { return nil }
        actions.append(.publish(operation, name))
        actions.append(.drop(operation))
        machines[index]!.judge(now, &actions)
        if machines[index]!.isIdle {
            clients[machine.client].lane.withdraw(index)
            machines[index]!.replan(now.boot, using: &random)
        }
        reschedule(index)
        return machines[index]!.token
    }
}

extension AccountMachine {
    /// Whether a clock that can be believed now says that the token lives which could not be judged before.
    fileprivate func mayBeServedAgain(_ now: Moment) -> Bool {
        guard let token, case .unjudged = token.basis else { return false }
        return token.judged(at: now).expiry > now.boot
    }

    /// The token is as good as one that was loaded with a right clock.
    fileprivate mutating func judge(_ now: Moment, _ actions: inout [Action]) {
        token = token?.judged(at: now)
        answerServable(now.boot, &actions)
    }

    /// Whether nothing but the plan asks for the next refresh.
    fileprivate var isIdle: Bool {
        (exchange == .none || exchange == .queued) && waiters.isEmpty && !isForced && trouble == nil
            && doubt == nil
    }

    /// Plans as after a load.
    fileprivate mutating func replan(_ now: BootTime, using random: inout SplitMix64) {
        exchange = .none
        attemptAt = .distantFuture
        plan(now, using: &random)
    }

    /// What is shown, and what readers see, follows the wall clock; an attempt that would now come too late is planned anew.
    fileprivate mutating func rederive(
        _ policy: ReplayPolicy, _ now: Moment, using random: inout SplitMix64, _ actions: inout [Action]
    ) {
        exchange = exchange.rederived(at: now)
        guard let old = token else { return }
        let facts = old.rederived(at: now)
        guard facts != old else { return }
        token = facts
        actions.append(.reexpire(name, facts.expiry, facts.expiresAt))
        guard facts.expiry != old.expiry, exchange == .none, attemptAt != .distantFuture else { return }
        let planned = attemptAt
        if doubt != nil {
            attemptAt = max(
                replayDue(policy, now.boot), lastAttempt + minimumInterval, trouble?.floor ?? .distantPast)
        } else if trouble == nil {
            plan(now.boot, using: &random)
        }
        attemptAt = min(attemptAt, planned)
    }
}

extension AccountMachine.Exchange {
    /// The grant on its way to the store is shown as the others are.
    fileprivate func rederived(at now: Moment) -> Self {
        switch self {
        case .saving(let operation, let facts): .saving(operation, facts.rederived(at: now))
        case .unsaved(let operation, let facts, let retryAt):
            .unsaved(operation, facts.rederived(at: now), retryAt: retryAt)
        case .none, .queued, .marking, .inFlight, .revoking: self
        }
    }
}
