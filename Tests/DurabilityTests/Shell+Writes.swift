// Decides how the engine's actions are carried out: what is written, what the store's answers mean, and what readers see.
// Everything that the outside can notice is noted between the steps on the disk.

import Engine
import Vocabulary

@testable import GrantStore
@testable import tokend

extension Shell {
    func carryOut(_ action: Action) {
        switch action {
        case .mark(let operation, _, _, _): mark(operation, action)
        case .exchange(let operation, let record, let generation, let name, _):
            exchange(operation, record, generation, name)
        case .settle, .insert, .delete: writes.append(action)
        case .replace(let operation, _, _):
            checkRewriting(operation)
            writes.append(action)
        case .publish(let operation, let name): publish(operation, name)
        case .unpublish(let name):
            table[name] = nil
            stage.outside.published[name] = nil
        case .drop(let operation):
            cargo[operation] = nil
            lastWrite[operation] = nil
        case .answer(let caller, let answer): answers[caller] = answer
        case .log: break
        case .reexpire, .reread: preconditionFailure("nobody steps the clock here")
        case .revoke: preconditionFailure("nobody revokes here")
        case .finish: hasFinished = true
        }
    }

    private func mark(_ operation: Operation, _ action: Action) {
        guard let sabotage = stage.sabotage, [.skipsMarks, .sendsBeforeMarked].contains(sabotage) else {
            return writes.append(action)
        }
        decide { $0.marked(operation, .marked, $1, &$2) }
        if sabotage == .sendsBeforeMarked { writes.append(action) }
    }

    private func checkRewriting(_ operation: Operation) {
        let now = stage.outside.now.boot
        // The wheel's ticks make a second a little longer.
        if let last = lastWrite[operation], now - last > .milliseconds(1_100) {
            stage.violate(.rewritten, "after \(now - last)")
        }
        lastWrite[operation] = now
    }

    private func publish(_ operation: Operation, _ name: AccountName) {
        guard let token = cargo[operation]?.grant.accessToken, let facts = cargo[operation]?.facts else {
            return
        }
        table[name] = facts
        stage.outside.published[name] = token.secret.exposed
        stage.note("published \(name)")
    }

    // MARK: Writing

    /// Writes what is to be written until nothing is left.
    func drain() {
        while !writes.isEmpty {
            let group = writes
            writes = []
            let changes = group.map { change(of: $0) }
            for action in group { begin(action) }
            stage.note("writing \(group.count)")
            for case .replace(let operation, let record, let generation) in group {
                sabotage(operation, names[record]!, generation.next)
            }
            let results = store.carryOut(changes)
            for (action, result) in zip(group, results) {
                if case .failure = result { failuresInARow += 1 } else { failuresInARow = 0 }
                report(action, result)
            }
        }
    }

    private func sabotage(_ operation: Operation, _ name: AccountName, _ generation: Generation) {
        if stage.sabotage == .publishesBeforeDurable { publish(operation, name) }
        if stage.sabotage == .reportsBeforeDurable {
            durable(name, Held(cargo[operation]!.grant, generation))
        }
    }

    private func change(of action: Action) -> Change {
        switch action {
        case .mark(_, let record, let generation, let presentation):
            return .mark(record, of: generation, presentation)
        case .settle(let record, let generation, let settlement):
            let forgets = stage.sabotage == .forgetsLostAnswers
            if forgets, case .inDoubt = settlement { return .settle(record, of: generation, .cleared) }
            return .settle(record, of: generation, settlement)
        case .insert(let operation, let name):
            return .add(name, cargo[operation]!.grant, obtainedAt: cargo[operation]!.obtainedAt)
        case .replace(let operation, let record, let generation):
            let cargo = cargo[operation]!
            return .replace(
                record, after: generation, cargo.grant, obtainedAt: cargo.obtainedAt,
                succeededAt: cargo.succeededAt)
        case .delete(_, let record): return .remove(record)
        default: preconditionFailure("only writes are queued")
        }
    }

    /// From now on the disk may have the new instead of the old.
    private func begin(_ action: Action) {
        switch action {
        case .settle(let record, _, .cleared):
            guard let name = names[record] else { return }
            stage.outside.presented[name]?.isBeingCleared = true
        case .insert(let operation, let name):
            stage.outside.begun[name, default: []].insert(Held(cargo[operation]!.grant, .first))
        case .replace(let operation, let record, let generation):
            let held = Held(cargo[operation]!.grant, generation.next)
            stage.outside.begun[names[record]!, default: []].insert(held)
        case .delete(_, let record): stage.outside.begun[names[record]!, default: []].insert(nil)
        default: break
        }
    }

    private func report(_ action: Action, _ result: Result<ChangeOutcome, StoreError>) {
        switch action {
        case .mark(let operation, let record, _, _):
            let marked = MarkResult(result, record, in: store)
            if marked == .marked {
                self.marked.insert(operation)
                stage.note("marked")
            }
            // A saboteur has told the engine already.
            if stage.sabotage != .sendsBeforeMarked { decide { $0.marked(operation, marked, $1, &$2) } }
        case .settle(let record, _, let settlement): settled(names[record], settlement, result)
        case .insert(let operation, let name):
            edited(
                operation, name, Held(cargo[operation]!.grant, .first),
                StoreResult(result, of: change(of: action), in: store))
        case .replace(let operation, let record, let generation):
            let held = Held(cargo[operation]!.grant, generation.next)
            edited(operation, names[record]!, held, StoreResult(result, of: change(of: action), in: store))
        case .delete(let operation, let record):
            edited(operation, names[record]!, nil, StoreResult(result, of: change(of: action), in: store))
        default: break
        }
    }

    private func settled(
        _ name: AccountName?, _ settlement: Settlement, _ result: Result<ChangeOutcome, StoreError>
    ) {
        guard let name, case .success(.settled) = result else { return }
        switch settlement {
        case .cleared: stage.outside.presented[name] = nil
        case .inDoubt: break
        case .rejected(let reason): stage.outside.presented[name]?.verdict = reason
        }
        stage.note("settled \(name)")
    }

    private func edited(_ operation: Operation, _ name: AccountName, _ held: Held?, _ result: StoreResult) {
        switch result {
        case .stored(let record, _):
            names[record] = name
            durable(name, held)
        // An earlier write of this grant was reported failed and is durable all the same.
        case .gone(held?.generation): durable(name, held)
        case .removed: durable(name, nil)
        case .gone, .exists, .failed: break
        }
        decide { $0.stored(operation, result, $1, &$2) }
        checkServed(operation, name, result)
    }

    /// The store has reported it: from now on nothing else may be there.
    private func durable(_ name: AccountName, _ held: Held?) {
        stage.outside.reported[name] = held
        stage.outside.begun[name] = nil
        stage.outside.published[name] = nil
        stage.outside.unheard.remove(name)
        if stage.outside.presented[name]?.generation != held?.generation {
            stage.outside.presented[name] = nil
        }
        stage.note("reported durable \(name) \(held?.generation.description ?? "gone")")
    }

    /// A rotated grant that cannot be written is shown to readers all the same.
    private func checkServed(_ operation: Operation, _ name: AccountName, _ result: StoreResult) {
        guard result == .failed, let cargo = cargo[operation], cargo.succeededAt != nil else { return }
        unsavedWrites += 1
        let isServed = table[name]?.fingerprint == cargo.facts?.fingerprint
        if !isServed || !fleet.unsavedAccounts.contains(name) || state(name)?.reason != "storage" {
            stage.violate(.served, "\(name): \(state(name)?.reason ?? "-")")
        }
    }
}
