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
            return end(operation, flight, now, &actions)
        }
        let policy = replayPolicy(of: flight.client)
        switch result {
        case .marked where isStopping:
            machines[flight.index]!.withdrawn(&actions)
            dismissWaiters(flight.index, &actions)
        case .marked where machines[flight.index]!.mustPostpone(policy, now.boot):
            // The disk took so long that the replay would come too late.
            machines[flight.index]!.withdrawn(&actions)
            machines[flight.index]!.postpone(policy, now.boot)
        case .marked:
            flights[operation]!.sentAt = now.boot
            return machines[flight.index]!.marked(operation, presentation, policy, now.boot, &actions)
        case .gone(nil) where !edits.names.contains(machines[flight.index]!.name):
            // Nobody else takes records away: this one is hidden by damage to the file.
            fail(flight.index, Failure(.recordDamaged), now, &actions)
        case .gone(let found):
            if let found { machines[flight.index]!.adopt(found) }
            fail(flight.index, Failure(.transient), now, &actions)
        case .damaged: fail(flight.index, Failure(.recordDamaged), now, &actions)
        case .failed: fail(flight.index, Failure(.storage), now, &actions)
        }
        reschedule(flight.index)
        end(operation, flight, now, &actions)
    }

    private mutating func fail(
        _ index: Int, _ failure: Failure, presumesDeath: Bool = false, _ now: Moment,
        _ actions: inout [Action]
    ) {
        failuresTotal += 1
        let policy = replayPolicy(of: machines[index]!.client)
        machines[index]!.failed(
            failure, policy, presumesDeath: presumesDeath, now, using: &random, &actions)
    }

    /// The operation is over without an answer or after a bad one: its slot is free.
    private mutating func end(
        _ operation: Operation, _ flight: Flight, _ now: Moment, _ actions: inout [Action]
    ) {
        flights[operation] = nil
        clients[flight.client].finished()
        clients[flight.client].notSent(isProbe: flight.isProbe, now.boot)
        actions.append(.drop(operation))
        goOnEditing(flight.index, now, &actions)
        start(flight.client, now, &actions)
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
        end(operation, flight, now, &actions)
    }

    /// The provider's answer to an exchange, or that there was none.
    /// - Parameter allowance: what the answer's headers tell of the client's rate limit.
    public mutating func answered(
        _ operation: Operation, _ result: Result<TokenFacts, Failure>, allowance: Allowance? = nil,
        _ now: Moment, _ actions: inout [Action]
    ) {
        guard let flight = flights[operation] else { return actions.append(.drop(operation)) }
        clients[flight.client].finished()
        if let allowance { clients[flight.client].learn(allowance, now.boot) }
        // An account that was removed or replaced meanwhile neither takes the answer nor judges by it (R16); of the
        // client it tells all the same.
        let isWanted = isInFlight(operation, flight)
        switch result {
        case .success(let facts):
            apply(
                clients[flight.client].granted(sentAt: flight.sentAt, now.boot), flight.client, now, &actions)
            if isWanted {
                // The flight goes on until the grant is stored; its slot is free.
                machines[flight.index]!.granted(operation, facts, &actions)
                reschedule(flight.index)
            }
        case .failure(let failure):
            let isRepeated = isWanted && machines[flight.index]!.refusedAt != nil
            let judged = isWanted ? judged(failure, flight, now.boot) : failure
            let consequences = clients[flight.client].failed(
                judged, isWanted ? flight.index : nil, isProbe: flight.isProbe, isRepeated: isRepeated,
                sentAt: flight.sentAt, now)
            if isWanted {
                fail(
                    flight.index, judged, presumesDeath: isHopeless(judged, flight, now.boot), now, &actions)
                // While the provider is down the probes are spaced, not the accounts: it waits for its turn.
                if clients[flight.client].circuit.isDown { machines[flight.index]!.hasten(now.boot) }
                reschedule(flight.index)
            }
            apply(consequences, flight.client, now, &actions)
        }
        if !isWanted || !isSuccess(result) {
            flights[operation] = nil
            actions.append(.drop(operation))
            goOnEditing(flight.index, now, &actions)
        }
        start(flight.client, now, &actions)
        finishIfQuiet(&actions)
    }

    /// An exchange of the account has ended: an edit may have waited for that.
    private mutating func goOnEditing(_ index: Int, _ now: Moment, _ actions: inout [Action]) {
        guard !edits.waiting.isEmpty, let name = machines[index]?.name else { return }
        startWaitingEdit(name, now, &actions)
    }

    private func isSuccess(_ result: Result<TokenFacts, Failure>) -> Bool {
        if case .success = result { true } else { false }
    }

    /// What a failure means that does not say whom it concerns.
    ///
    /// A refusal without a code: the refresh token is dead if it is refused again although the same client was granted
    /// another account's token between; else time, or the client's parking, decides (C4).
    private mutating func judged(_ failure: Failure, _ flight: Flight, _ now: BootTime) -> Failure {
        let granted = clients[flight.client].lastGrant ?? .distantPast
        switch failure.reason {
        case .unauthorized:
            guard let refusedAt = machines[flight.index]!.refusedAt else {
                machines[flight.index]!.refusedAt = now
                return failure
            }
            return granted > refusedAt ? Failure(.reauthorizationRequired) : failure
        default: return failure
        }
    }

    /// Some providers answer 500 to a refresh token that is dead (C7), or 200 with an error that is in no list. What fails ten times and for a quarter of an hour
    /// after its token has lapsed, while other accounts of the client are granted theirs, is taken for dead: a person is
    /// asked to look, and it is tried on, once an hour.
    private func isHopeless(_ failure: Failure, _ flight: Flight, _ now: BootTime) -> Bool {
        let isSilent = { (reason: Reason) in reason == .transient || reason == .malformedAnswer }
        guard isSilent(failure.reason), let machine = machines[flight.index],
            let trouble = machine.trouble, isSilent(trouble.reason), trouble.failures >= 9
        else { return false }
        let lapsed = max(trouble.since, machine.token?.expiry ?? .distantPast)
        return now - lapsed >= .seconds(900) && (clients[flight.client].lastGrant ?? .distantPast) > lapsed
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
