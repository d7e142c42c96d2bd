// Decides when a backup's grant may take an account's place. Presenting an older refresh token revokes an account at a
// provider that rotates, so a restoration replaces only what is surely older: an older generation of the same record of the
// same store, or what cannot be used anyway. An account that was removed and added again starts at generation 1 although
// its grant is the newer one; there the numbers say nothing, and a person must.

import Vocabulary
import WireProtocol

/// What a backup's record says of itself, beside its grant.
public struct Restoration: Hashable, Sendable {
    public var generation: Generation
    /// The record's number, where it comes from this very store.
    public var record: RecordID?
    public var lastSuccessAt: WallTime?
    /// What was known against the refresh token when the backup was made.
    public var standing: Standing?
    /// Overwrite whatever is there.
    public var force: Bool

    public init(
        generation: Generation, record: RecordID?, lastSuccessAt: WallTime? = nil, standing: Standing? = nil,
        force: Bool = false
    ) {
        self.generation = generation
        self.record = record
        self.lastSuccessAt = lastSuccessAt
        self.standing = standing
        self.force = force
    }

    /// Why it may not take the place of `machine`'s grant, if it may not.
    func refusal(over machine: AccountMachine) -> RequestError? {
        if force { return nil }
        let generations = "(generation \(machine.generation), backup \(generation))"
        let isDamaged = machine.trouble?.reason == .recordDamaged
        if generation < machine.generation || (generation == machine.generation && !isDamaged) {
            return RequestError(
                .exists, "the stored grant is as new or newer \(generations); force overwrites it")
        }
        guard record == machine.record else {
            return RequestError(
                .exists,
                "the stored grant is not of the backup's record, and may be newer \(generations); force overwrites it"
            )
        }
        guard isDamaged || isLater(than: machine) else {
            return RequestError(
                .exists,
                "nothing shows that the backup's grant is the later one \(generations); force overwrites it")
        }
        return nil
    }

    /// Generations alone do not tell after the state directory itself was put back: numbers are given again then.
    private func isLater(than machine: AccountMachine) -> Bool {
        guard let ours = lastSuccessAt, let theirs = machine.lastSuccessAt else { return false }
        return ours > theirs
    }
}

extension Fleet {
    /// A `RESTORE` whose record was opened; the shell keeps the grant under `operation`.
    /// - Parameter facts: of the access token, where there is one that has not lapsed.
    public mutating func restoreRequested(
        _ caller: Caller, _ operation: Operation, _ name: AccountName, _ facts: TokenFacts?,
        _ restoration: Restoration, _ now: Moment, _ actions: inout [Action]
    ) {
        begin(
            .init(caller: caller, name: name, kind: .restore(facts, restoration)), operation, now, &actions)
    }
}

extension AccountMachine {
    /// What came with the grant from a backup, after `replaced`. The token may have been presented since: an older one gets
    /// its one try at the provider, whose rejection is final (R15).
    mutating func restored(
        _ restoration: Restoration, _ policy: ReplayPolicy, _ now: Moment, _ actions: inout [Action]
    ) {
        if let success = restoration.lastSuccessAt { lastSuccessAt = success }
        guard let standing = restoration.standing else { return }
        restore(standing, policy, now.boot)
        if case .rejected = standing { answerFailure(now.boot, &actions) }
    }
}
