// Decides how names find their record: open addressing with linear probing over slots of 16 bytes, whose 32-bit tags
// suffice to double the table without touching a record. A removal shifts its followers back; tombstones were rejected
// because a table that lives for months would fill with them.

import Vocabulary

/// A hash table from an account's name to its record. Not locked.
struct TokenPart {
    private struct Slot {
        /// The low bits are the place where the record would like to be.
        var tag: UInt32
        /// The record's bytes, so that all of it can be fetched before any of it is read.
        var size: UInt32
        /// nil where the slot is vacant.
        var record: TokenRecord?

        static let vacant = Slot(tag: 0, size: 0, record: nil)
    }

    /// How many slots are taken.
    private(set) var count = 0
    private var slots: [Slot] = []

    /// Puts `record` in the place of `name`; returns the one it replaced, for the caller to free. Keeps when the account was last asked for.
    mutating func store(_ record: TokenRecord, name: UnsafeRawBufferPointer, tag: UInt32) -> TokenRecord? {
        if let place = place(of: name, tag: tag), let replaced = slots[place].record {
            record.markAsked(at: replaced.lastAsked)
            slots[place] = Slot(tag: tag, size: record.size, record: record)
            return replaced
        }
        // At most three quarters full: linear probing then looks at 2.5 slots on average for a name that is there.
        if (count + 1) * 4 > slots.count * 3 { double() }
        insert(Slot(tag: tag, size: record.size, record: record))
        count += 1
        return nil
    }

    /// Takes `name` out; returns its record, for the caller to free.
    mutating func remove(name: UnsafeRawBufferPointer, tag: UInt32) -> TokenRecord? {
        guard var hole = place(of: name, tag: tag) else { return nil }
        let removed = slots[hole].record
        let mask = slots.count - 1
        var next = (hole + 1) & mask
        while slots[next].record != nil {
            let home = Int(slots[next].tag) & mask
            // A record may move back to the hole unless that is before the place it would like to be.
            if (next - home) & mask >= (next - hole) & mask {
                slots[hole] = slots[next]
                hole = next
            }
            next = (next + 1) & mask
        }
        slots[hole] = .vacant
        count -= 1
        return removed
    }

    /// Appends `name`'s reply to `output` if it may be served at `now`; marks it as asked for either way.
    func ask(
        name: UnsafeRawBufferPointer, tag: UInt32, minTTL: Int64, refused: Fingerprint?, now: BootTime,
        into output: inout [UInt8]
    ) -> Bool {
        guard let record = record(name: name, tag: tag) else { return false }
        record.markAsked(at: now)
        guard record.maySend(minTTL: minTTL, refused: refused, now: now) else { return false }
        record.appendReply(to: &output)
        return true
    }

    func lastAsked(name: UnsafeRawBufferPointer, tag: UInt32) -> BootTime? {
        guard let record = record(name: name, tag: tag), record.lastAsked != .distantPast else { return nil }
        return record.lastAsked
    }

    /// What is kept of `name`; its owner may free it as soon as the table's lock is let go.
    func record(name: UnsafeRawBufferPointer, tag: UInt32) -> TokenRecord? {
        place(of: name, tag: tag).flatMap { slots[$0].record }
    }

    private func place(of name: UnsafeRawBufferPointer, tag: UInt32) -> Int? {
        guard count > 0 else { return nil }
        let mask = slots.count - 1
        return slots.withUnsafeBufferPointer { slots in
            var place = Int(tag) & mask
            while let record = slots[place].record {
                if slots[place].tag == tag {
                    record.prefetch(size: slots[place].size)
                    if record.hasName(name) { return place }
                }
                place = (place + 1) & mask
            }
            return nil
        }
    }

    /// - Precondition: a slot is vacant and the name is not there.
    private mutating func insert(_ slot: Slot) {
        let mask = slots.count - 1
        var place = Int(slot.tag) & mask
        while slots[place].record != nil { place = (place + 1) & mask }
        slots[place] = slot
    }

    /// Frees every record; the part is not used again.
    func free() {
        for slot in slots { slot.record?.free() }
    }

    private mutating func double() {
        let old = slots
        slots = Array(repeating: .vacant, count: max(8, old.count * 2))
        for slot in old where slot.record != nil { insert(slot) }
    }
}
