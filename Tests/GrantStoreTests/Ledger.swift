// Decides what a store must contain after a list of changes: the same rules as the store's, on a dictionary.

import Testing
import Vocabulary

@testable import GrantStore

/// The accounts of a store, and how a change alters them.
struct Ledger: Equatable {
    struct Held: Equatable {
        var record: RecordID
        var generation: Generation
        var grant: Grant
    }

    private(set) var accounts: [AccountName: Held] = [:]
    private var lastRecord: Int64 = 0

    init() {}

    /// What a store contains. Throws where a record cannot be opened.
    init(reading store: GrantStore) throws {
        for loaded in try store.records() {
            guard case .account(let stored) = loaded else { throw Unreadable(record: loaded) }
            guard let (grant, generation) = try store.grant(of: stored.record),
                generation == stored.generation, grant.accessToken == stored.accessToken
            else { throw Unreadable(record: loaded) }
            accounts[stored.account] = Held(record: stored.record, generation: generation, grant: grant)
        }
    }

    /// A record that is damaged, or whose halves are of different grants.
    struct Unreadable: Error {
        let record: LoadedRecord
    }

    /// The accounts and their generations, for a person.
    var summary: String {
        accounts.map { "\($0.key)#\($0.value.generation.number)" }.sorted().joined(separator: " ")
    }

    /// Carries out a change.
    mutating func carryOut(_ change: Change) -> ChangeOutcome {
        switch change {
        case .add(let name, let grant, _):
            guard accounts[name] == nil else { return .exists }
            lastRecord += 1
            let held = Held(record: RecordID(rowID: lastRecord), generation: .first, grant: grant)
            accounts[name] = held
            return .stored(held.record, .first)
        case .replace(let record, let generation, let grant, _, _):
            guard let (name, old) = accounts.first(where: { $0.value.record == record }),
                old.generation == generation
            else { return .gone }
            accounts[name] = Held(record: record, generation: generation.next, grant: grant)
            return .stored(record, generation.next)
        case .remove(let record):
            guard let (name, _) = accounts.first(where: { $0.value.record == record }) else { return .gone }
            accounts[name] = nil
            return .removed
        // Marks are judged where refreshes are: they change no grant.
        case .mark(let record, let generation, _):
            return accounts.values.contains { $0.record == record && $0.generation == generation }
                ? .marked : .gone
        case .settle: return .settled
        case .keepMetadata: return .kept
        case .restore, .keepLogin, .takeLogin: preconditionFailure("no crash test restores or logs in")
        }
    }

    /// The ledgers after none, one, ... all of the changes.
    static func after(_ changes: [Change]) -> [Ledger] {
        changes.reduce(into: [Ledger()]) { ledgers, change in
            var next = ledgers[ledgers.count - 1]
            _ = next.carryOut(change)
            ledgers.append(next)
        }
    }
}
