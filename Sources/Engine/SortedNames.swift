// Decides in what order accounts are listed, without sorting at every LIST and without paying for the order at every
// ADD: new entries wait unsorted and are filed when somebody looks.

import Vocabulary

/// The fleet's accounts in name order, as (name, index) pairs.
struct SortedNames: Sendable {
    struct Entry: Sendable {
        let name: AccountName
        let index: Int
    }

    private var sorted: [Entry] = []
    private var fresh: [Entry] = []

    mutating func insert(_ name: AccountName, index: Int) { fresh.append(Entry(name: name, index: index)) }

    mutating func remove(_ name: AccountName) {
        file()
        let position = position(behind: name, inclusive: true)
        guard position < sorted.count, sorted[position].name == name else { return }
        sorted.remove(at: position)
    }

    /// The entries behind `after` in name order (all of them without it).
    mutating func entries(after: AccountName?) -> ArraySlice<Entry> {
        file()
        return sorted[(after.map { position(behind: $0, inclusive: false) } ?? 0)...]
    }

    /// Files the fresh entries: one by one while they are few, by one merge when they are many.
    private mutating func file() {
        guard !fresh.isEmpty else { return }
        if fresh.count <= 8 {
            for entry in fresh { sorted.insert(entry, at: position(behind: entry.name, inclusive: true)) }
        } else {
            merge(fresh.sorted { $0.name < $1.name })
        }
        fresh.removeAll()
    }

    private mutating func merge(_ others: [Entry]) {
        var merged: [Entry] = []
        merged.reserveCapacity(sorted.count + others.count)
        var others = others[...]
        for entry in sorted {
            while let other = others.first, other.name < entry.name { merged.append(others.removeFirst()) }
            merged.append(entry)
        }
        sorted = merged + others
    }

    /// The first position whose name is not before `name` (inclusive) or behind it.
    private func position(behind name: AccountName, inclusive: Bool) -> Int {
        var low = 0
        var high = sorted.count
        while low < high {
            let middle = (low + high) / 2
            let isBefore = sorted[middle].name < name || (!inclusive && sorted[middle].name == name)
            if isBefore { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
