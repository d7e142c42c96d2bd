// Decides what the answers of store and provider do to the fleet. Each carries its operation, so that one that was
// overtaken (the account removed, replaced, or logged in again meanwhile) changes nothing (R13, R16).

import Schedule
import Vocabulary
import WireProtocol

extension Fleet {
    /// The store's answer to `mark`.
    public mutating func marked(
        _ operation: Operation, _ result: MarkResult, _ now: Moment, _ actions: inout [Action]
    ) {
        guard let flight = flights[operation] else { return }
        guard case .marking(operation, let presentation) = machines[flight.index]?.exchange else {
            // Removed or replaced meanwhile, and its mark with it.
            return end(operation, of: flight.provider, now, &actions)
        }
        let policy = replayPolicy(of: flight.provider)
        switch result {
        case .marked where isStopping:
            machines[flight.index]!.withdrawn(&actions)
            dismissWaiters(flight.index, &actions)
        case .marked where machines[flight.index]!.mustPostpone(policy, now.boot):
            // The disk took so long that the replay would come too late.
            machines[flight.index]!.withdrawn(&actions)
            machines[flight.index]!.postpone(policy, now.boot)
        case .marked:
            return machines[flight.index]!.marked(operation, presentation, policy, now.boot, &actions)
        case .gone(let found):
            if let found { machines[flight.index]!.adopt(found) }
            fail(flight.index, Failure(.transient), now, &actions)
        case .damaged: fail(flight.index, Failure(.recordDamaged), now, &actions)
        case .failed: fail(flight.index, Failure(.storage), now, &actions)
        }
        reschedule(flight.index)
        end(operation, of: flight.provider, now, &actions)
    }

    private mutating func fail(
        _ index: Int, _ failure: Failure, _ now: Moment, _ actions: inout [Action]
    ) {
        failuresTotal += 1
        let policy = replayPolicy(of: machines[index]!.name.provider)
        machines[index]!.failed(failure, policy, now, using: &random, &actions)
    }

    /// The operation is over: its slot is free.
    private mutating func end(
        _ operation: Operation, of provider: ProviderName, _ now: Moment, _ actions: inout [Action]
    ) {
        flights[operation] = nil
        lanes[provider]?.finished()
        actions.append(.drop(operation))
        start(provider, now, &actions)
        finishIfQuiet(&actions)
    }

    /// The store has another generation than the exchange was begun for; nothing was sent. Either an edit's result is on
    /// its way here, or a write was durable though reported failed: both ways the store is right, and the account is tried
    /// again.
    public mutating func overtaken(
        _ operation: Operation, by found: Generation, _ now: Moment, _ actions: inout [Action]
    ) {
        guard let flight = flights[operation] else { return }
        if isInFlight(operation, flight) {
            machines[flight.index]!.adopt(found)
            // The mark went with the generation it was of: what the store knows of this one must not be settled.
            machines[flight.index]!.exchange = .none
            fail(flight.index, Failure(.transient), now, &actions)
            reschedule(flight.index)
        }
        end(operation, of: flight.provider, now, &actions)
    }

    /// The provider's answer to an exchange, or that there was none.
    /// - Parameter allowance: what the answer's headers tell of the client's rate limit.
    public mutating func answered(
        _ operation: Operation, _ result: Result<TokenFacts, Failure>, allowance: Allowance? = nil,
        _ now: Moment, _ actions: inout [Action]
    ) {
        guard let flight = flights[operation] else { return actions.append(.drop(operation)) }
        // An account that was removed or replaced meanwhile neither takes the answer nor judges by it (R16).
        if isInFlight(operation, flight) {
            switch result {
            case .success(let facts):
                lastGrants[flight.provider] = now.boot
                // The flight goes on until the grant is stored; its slot is free.
                machines[flight.index]!.granted(operation, facts, &actions)
                lanes[flight.provider]?.finished()
                reschedule(flight.index)
                return start(flight.provider, now, &actions)
            case .failure(let failure):
                fail(flight.index, judged(failure, flight, now.boot), now, &actions)
                reschedule(flight.index)
            }
        }
        end(operation, of: flight.provider, now, &actions)
    }

    /// A refusal without a code says either that the client is refused or that the refresh token is dead. After a lost
    /// answer it is the latter, if it comes again although the same client was granted another account's token between.
    private mutating func judged(_ failure: Failure, _ flight: Flight, _ now: BootTime) -> Failure {
        guard failure.reason == .unauthorized, let doubt = machines[flight.index]?.doubt else {
            return failure
        }
        guard let refusedAt = doubt.refusedAt else {
            machines[flight.index]!.doubt!.refusedAt = now
            return failure
        }
        guard let granted = lastGrants[flight.provider], granted > refusedAt else { return failure }
        return Failure(.reauthorizationRequired)
    }

    private func isInFlight(_ operation: Operation, _ flight: Flight) -> Bool {
        guard case .inFlight(operation, _) = machines[flight.index]?.exchange else { return false }
        return true
    }

    /// The store's answer to `insert`, `replace` or `delete`.
    public mutating func stored(
        _ operation: Operation, _ result: StoreResult, _ now: Moment, _ actions: inout [Action]
    ) {
        if let edit = edits.running[operation] {
            finish(edit, operation, result, now, &actions)
        } else if let index = flights[operation]?.index,
            case .saving(operation, let facts) = machines[index]?.exchange
        {
            if case .failed = result {} else { flights[operation] = nil }
            if case .stored = result { refreshesTotal += 1 }
            machines[index]!.stored(operation, result, facts, now, using: &random, &actions)
            settle(index, .nothing, &actions, now: now)
            startWaitingEdit(machines[index]!.name, now, &actions)
        } else {
            flights[operation] = nil
            actions.append(.drop(operation))
        }
        finishIfQuiet(&actions)
    }
}
