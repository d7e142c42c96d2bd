// The store of the random worlds: first in, first out, sometimes failing, and after a crash holding what was carried out
// and any number of the writes that were under way.

import Vocabulary

@testable import Engine

/// Durable records and marks, in memory.
struct WorldStore {
    struct Record {
        let name: AccountName
        var generation: Generation
        var family: Int
        var token: Int
        var facts: TokenFacts?
    }

    struct Mark: Equatable {
        var generation: Generation
        var standing: Standing
    }

    /// What an operation carries.
    struct Cargo {
        let family: Int
        let token: Int
        let facts: TokenFacts?
    }

    private(set) var records: [RecordID: Record] = [:]
    private(set) var marks: [RecordID: Mark] = [:]
    private var lastRecord: Int64 = 0

    /// Whether a presentation of that generation is durably known to be under way.
    func isMarked(_ record: RecordID, _ generation: Generation) -> Bool {
        guard let mark = marks[record], mark.generation == generation else { return false }
        if case .inDoubt(_, wasCutOff: false) = mark.standing { return false }
        return true
    }

    mutating func mark(_ record: RecordID, _ generation: Generation, _ presentation: Presentation)
        -> MarkResult
    {
        guard records[record]?.generation == generation else { return .gone(records[record]?.generation) }
        if case .rejected? = marks[record]?.standing, marks[record]!.generation == generation {
            return .marked
        }
        // In flight: what a crash now leaves behind.
        marks[record] = Mark(generation: generation, standing: .inDoubt(presentation, wasCutOff: true))
        return .marked
    }

    mutating func settle(_ record: RecordID, _ generation: Generation, _ settlement: Settlement) {
        guard marks[record]?.generation == generation else { return }
        switch settlement {
        case .cleared: marks[record] = nil
        case .inDoubt(let presentation): marks[record]!.standing = .inDoubt(presentation, wasCutOff: false)
        case .rejected(let reason): marks[record]!.standing = .rejected(reason)
        }
    }

    mutating func insert(_ name: AccountName, _ cargo: Cargo) -> StoreResult {
        guard !records.values.contains(where: { $0.name == name }) else { return .exists }
        lastRecord += 1
        let record = RecordID(rowID: lastRecord)
        records[record] = Record(
            name: name, generation: .first, family: cargo.family, token: cargo.token, facts: cargo.facts)
        return .stored(record, .first)
    }

    mutating func replace(_ record: RecordID, _ generation: Generation, _ cargo: Cargo) -> StoreResult {
        guard records[record]?.generation == generation else { return .gone(records[record]?.generation) }
        records[record]!.generation = generation.next
        records[record]!.family = cargo.family
        records[record]!.token = cargo.token
        records[record]!.facts = cargo.facts
        marks[record] = nil
        return .stored(record, generation.next)
    }

    mutating func delete(_ record: RecordID) -> StoreResult {
        marks[record] = nil
        return records.removeValue(forKey: record) == nil ? .gone(nil) : .removed
    }
}
