// Decides how accounts come and go. Edits of one name happen one after another, and never beside the writing of a rotated
// grant; an edit beside an exchange in flight is safe, because the exchange's late answer finds its record gone or at
// another generation (R16).

import Schedule
import Vocabulary
import WireProtocol

/// The edits under way, and those that wait for one of the same name.
struct Edits: Sendable {
    struct Edit: Sendable {
        enum Kind: Sendable {
            case add(TokenFacts?, replace: Bool)
            /// A login's grant takes the place of whatever is there; `again` is its first write, which failed.
            case login(TokenFacts, again: Operation?)
            case restore(TokenFacts?, Restoration)
            case remove
            /// First the provider revokes; then `Removal` tells how that went and the record is deleted.
            case revoke
        }

        let caller: Caller
        let name: AccountName
        let kind: Kind
    }

    var running: [Operation: Edit] = [:]
    /// Of revocations whose record is being deleted: why the provider did not revoke, nil where it did.
    var unrevoked: [Operation: String?] = [:]
    var names: Set<AccountName> = []
    var waiting: [AccountName: [(Operation, Edit)]] = [:]
    /// Logins whose grant could not be written, by their first try, until they are tried again or an edit of the account
    /// succeeds that is newer: what was done since is not undone by an older grant.
    var unwritten: [Operation: AccountName] = [:]
}

extension Fleet {
    /// An `ADD`; the shell keeps the grant under `operation`.
    /// - Parameter facts: of the access token, where one came along that has not lapsed.
    public mutating func addRequested(
        _ caller: Caller, _ operation: Operation, _ name: AccountName, _ facts: TokenFacts?, replace: Bool,
        _ now: Moment, _ actions: inout [Action]
    ) {
        begin(
            .init(caller: caller, name: name, kind: .add(facts, replace: replace)), operation, now, &actions)
    }

    /// A `REMOVE`.
    public mutating func removeRequested(
        _ caller: Caller, _ name: AccountName, _ now: Moment, _ actions: inout [Action]
    ) {
        begin(.init(caller: caller, name: name, kind: .remove), newOperation(), now, &actions)
    }

    /// A login's grant; the shell keeps it under `operation`.
    /// - Parameters:
    ///   - facts: of its access token.
    ///   - again: the operation of its first write, which failed, where this is another try.
    public mutating func loggedIn(
        _ caller: Caller, _ operation: Operation, _ name: AccountName, _ facts: TokenFacts,
        again: Operation? = nil, _ now: Moment, _ actions: inout [Action]
    ) {
        begin(.init(caller: caller, name: name, kind: .login(facts, again: again)), operation, now, &actions)
    }

    /// A `REVOKE`.
    public mutating func revokeRequested(
        _ caller: Caller, _ name: AccountName, _ now: Moment, _ actions: inout [Action]
    ) {
        begin(.init(caller: caller, name: name, kind: .revoke), newOperation(), now, &actions)
    }

    /// The provider's word on a revocation: the record goes either way.
    /// - Parameter unrevoked: why the provider did not revoke; nil where it did.
    public mutating func revoked(_ operation: Operation, unrevoked: String?, _ actions: inout [Action]) {
        guard let edit = edits.running[operation], let index = indices[edit.name] else { return }
        edits.unrevoked[operation] = .some(unrevoked)
        actions.append(.delete(operation, machines[index]!.record))
    }

    /// - Parameter isNext: it has waited, and its turn has come.
    mutating func begin(
        _ edit: Edits.Edit, _ operation: Operation, isNext: Bool = false, _ now: Moment,
        _ actions: inout [Action]
    ) {
        guard !isStopping else { return decline(edit, operation, Self.shuttingDown, &actions) }
        let mustWait = !isNext && edits.waiting[edit.name] != nil
        if mustWait || edits.names.contains(edit.name) || isBusy(edit) {
            edits.waiting[edit.name, default: []].append((operation, edit))
            return
        }
        let machine = indices[edit.name].flatMap { machines[$0] }
        if let refusal = refusal(of: edit, over: machine) {
            return decline(edit, operation, refusal, &actions)
        }
        if let machine, case .unsaved = machine.exchange {
            return decline(edit, operation, machine.troubleRefusal(now.boot), &actions)
        }
        switch (edit.kind, machine) {
        case (.add, nil), (.restore, nil), (.login, nil): actions.append(.insert(operation, edit.name))
        case (.add(_, replace: false), .some):
            return decline(
                edit, operation, RequestError(.exists, "the account is there; replace=true overwrites it"),
                &actions)
        case (.add(_, replace: true), let machine?), (.login, let machine?):
            actions.append(.replace(operation, machine.record, after: machine.generation))
        case (.restore(_, let restoration), let machine?):
            if let refusal = restoration.refusal(over: machine) {
                return decline(edit, operation, refusal, &actions)
            }
            actions.append(.replace(operation, machine.record, after: machine.generation))
        case (.revoke, let machine?):
            hold(machine, operation)
            actions.append(.revoke(operation, machine.record, edit.name))
        case (.remove, nil), (.revoke, nil):
            // Nor is there to be one.
            forgetUnwritten(edit.name)
            return decline(edit, operation, Self.unknownAccount, &actions)
        case (.remove, let machine?): actions.append(.delete(operation, machine.record))
        }
        edits.running[operation] = edit
        edits.names.insert(edit.name)
    }

    /// Why a login's grant is not kept: what the account has by now is newer, or worth more.
    private mutating func refusal(of edit: Edits.Edit, over machine: AccountMachine?) -> RequestError? {
        guard case .login(let facts, let again) = edit.kind else { return nil }
        if let again, edits.unwritten.removeValue(forKey: again) == nil {
            return RequestError(
                .loginFailed, "the account was changed while the login's grant could not be written")
        }
        guard !facts.isRenewable, let machine, machine.mayLiveOn else { return nil }
        return RequestError(
            .loginFailed,
            "the provider gave no refresh token: the account keeps the grant it has, which is alive (to replace it, REMOVE it first)"
        )
    }

    /// Whether an exchange is under way that the edit must not run beside. One of which the answer is still out may yield a
    /// refresh token that a revocation would have to know.
    private func isBusy(_ edit: Edits.Edit) -> Bool {
        guard let exchange = indices[edit.name].flatMap({ machines[$0]?.exchange }) else { return false }
        switch (exchange, edit.kind) {
        case (.saving, _), (.marking, .revoke), (.inFlight, .revoke): return true
        default: return false
        }
    }

    /// Nothing else presents the grant while it is being revoked.
    private mutating func hold(_ machine: AccountMachine, _ operation: Operation) {
        guard let index = indices[machine.name] else { return }
        clients[machine.client].lane.withdraw(index)
        machines[index]!.exchange = .revoking(operation)
        reschedule(index)
    }

    /// The record could not be deleted: the account goes on as before, and learns at its next refresh, which is soon where
    /// nothing speaks against that, what its grant is worth.
    private mutating func release(_ name: AccountName, _ now: Moment) {
        guard let index = indices[name], case .revoking = machines[index]?.exchange else { return }
        machines[index]!.exchange = .none
        if machines[index]!.trouble == nil, machines[index]!.doubt == nil {
            machines[index]!.planSoon(now.boot)
        }
        reschedule(index)
    }

    private mutating func decline(
        _ edit: Edits.Edit, _ operation: Operation, _ error: RequestError, _ actions: inout [Action]
    ) {
        if case .login(_, let again) = edit.kind, error.code == .storage {
            edits.unwritten[again ?? operation] = edit.name
        }
        actions.append(.drop(operation))
        refuse(edit.caller, error, &actions)
    }

    /// The store answered for an edit.
    mutating func finish(
        _ edit: Edits.Edit, _ operation: Operation, _ result: StoreResult, _ now: Moment,
        _ actions: inout [Action]
    ) {
        edits.running[operation] = nil
        edits.names.remove(edit.name)
        let unrevoked = edits.unrevoked.removeValue(forKey: operation) ?? nil
        release(edit.name, now)
        note(edit, operation, result)
        switch (edit.kind, result) {
        case (.add(let facts, _), .stored(let record, let generation)):
            added(edit, operation, facts, record, generation, nil, now, &actions)
        case (.restore(let facts, let restoration), .stored(let record, let generation)):
            added(edit, operation, facts, record, generation, restoration, now, &actions)
        case (.login(let facts, _), .stored(let record, let generation)):
            added(edit, operation, facts, record, generation, nil, now, &actions)
        case (.remove, .removed), (.remove, .gone(nil)): removed(edit, .removed, &actions)
        case (.revoke, .removed), (.revoke, .gone(nil)):
            removed(edit, .revoked(unrevoked: unrevoked), &actions)
        case (_, .exists):
            refuse(edit.caller, RequestError(.exists, "the account is in the store already"), &actions)
        case (.revoke, .failed) where unrevoked == nil:
            refuse(
                edit.caller,
                RequestError(
                    .storage, retryAfter: 1,
                    "the provider has revoked the grant, but the state directory cannot be written: REMOVE the account"
                ),
                &actions)
        case (_, .failed):
            refuse(
                edit.caller,
                RequestError(
                    .storage, retryAfter: 1, "the state directory cannot be written; nothing changed"),
                &actions)
        case (_, .stored), (_, .removed), (_, .gone):
            // A write that was reported failed may have been durable: what the store has is what counts from now on.
            if case .gone(let found?) = result, let index = indices[edit.name] {
                machines[index]!.adopt(found)
            }
            refuse(
                edit.caller, RequestError(.internal, "the record changed under this edit; try again"),
                &actions)
        }
        actions.append(.drop(operation))
        startWaitingEdit(edit.name, now, &actions)
    }

    /// A login that could not be written may be tried again, until a newer edit of its account succeeds.
    private mutating func note(_ edit: Edits.Edit, _ operation: Operation, _ result: StoreResult) {
        let succeeded =
            switch result {
            case .stored, .removed, .gone(nil): true
            case .exists, .failed, .gone: false
            }
        if case .login(_, let again) = edit.kind {
            let first = again ?? operation
            if succeeded {
                forgetUnwritten(edit.name, before: first)
            } else {
                edits.unwritten[first] = edit.name
            }
        } else if succeeded {
            forgetUnwritten(edit.name)
        }
    }

    private mutating func forgetUnwritten(_ name: AccountName, before first: Operation? = nil) {
        guard !edits.unwritten.isEmpty else { return }
        edits.unwritten = edits.unwritten.filter { operation, account in
            account != name || first.map { operation.number > $0.number } ?? false
        }
    }

    private mutating func added(
        _ edit: Edits.Edit, _ operation: Operation, _ facts: TokenFacts?, _ record: RecordID,
        _ generation: Generation, _ restoration: Restoration?, _ now: Moment, _ actions: inout [Action]
    ) {
        let index: Int
        let facts = facts?.rederived(at: now)
        if let existing = indices[edit.name] {
            index = existing
            if facts == nil { actions.append(.unpublish(edit.name)) }
        } else {
            let client = clientNumber(of: edit.name.provider)
            index = insert(
                AccountMachine(
                    name: edit.name, client: client, pace: Pace(clients[client].rules), record: record,
                    generation: generation))
        }
        if facts != nil { actions.append(.publish(operation, edit.name)) }
        let client = machines[index]!.client
        clients[client].lane.withdraw(index)
        machines[index]!.replaced(record, generation, facts, now, using: &random, &actions)
        if let restoration {
            machines[index]!.restored(restoration, replayPolicy(of: client), now, &actions)
        }
        if case .login(let facts, _) = edit.kind {
            actions.append(.answer(edit.caller, .loggedIn(edit.name, facts.expiresAt)))
        } else {
            actions.append(.answer(edit.caller, .added(machines[index]!.state(now.boot))))
        }
        let wish = machines[index]!.woke(now.boot, &actions)
        // Who has just logged in shows at once whether the client is well again.
        clients[client].hasten(index, now.boot)
        settle(index, wish, &actions, now: now)
    }

    private mutating func removed(_ edit: Edits.Edit, _ answer: Answer, _ actions: inout [Action]) {
        if let index = indices[edit.name] {
            actions.append(.unpublish(edit.name))
            machines[index]!.refuseAll(Self.unknownAccount, &actions)
            forget(index)
        }
        actions.append(.answer(edit.caller, answer))
    }

    /// Begins the edit that waited longest for `name`, if any.
    mutating func startWaitingEdit(_ name: AccountName, _ now: Moment, _ actions: inout [Action]) {
        guard !edits.waiting.isEmpty else { return }
        // A declined edit is over at once: go on until one runs, must wait on, or none is left.
        while !edits.names.contains(name), let next = edits.waiting[name]?.first, !isBusy(next.1) {
            edits.waiting[name]!.removeFirst()
            if edits.waiting[name]!.isEmpty { edits.waiting[name] = nil }
            begin(next.1, next.0, isNext: true, now, &actions)
        }
    }
}
