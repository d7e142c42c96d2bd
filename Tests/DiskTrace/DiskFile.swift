// Decides what becomes of a file's bytes on the way to the disk: what a sync makes durable, what a failed one gives
// up, and what a power cut leaves.

import Foundation

/// One file's content, as processes see it and as a power cut may find it.
struct DiskFile: Sendable {
    enum Change: Sendable {
        case write(Data, at: Int)
        case resize(Int)
    }

    private struct Pending: Sendable {
        enum Fate: Sendable {
            /// A sync will make it durable.
            case dirty
            /// A sync failed on it: no later one looks at it again, so that whether it survives stays open (R2).
            case abandoned
            /// Durable, but behind one that is not.
            case durable
        }

        let change: Change
        var fate = Fate.dirty
    }

    /// What processes see.
    private(set) var content: Data
    private var durable: Data
    private var pending: [Pending] = []

    init(_ content: Data = Data()) {
        self.content = content
        durable = content
    }

    /// Whether a power cut cannot change anything.
    var isDurable: Bool { pending.isEmpty }

    mutating func apply(_ change: Change) {
        Self.apply(change, to: &content)
        pending.append(Pending(change: change))
    }

    mutating func sync(isGood: Bool) {
        for index in pending.indices where pending[index].fate == .dirty {
            pending[index].fate = isGood ? .durable : .abandoned
        }
        let settled = pending.prefix { $0.fate == .durable }
        for settled in settled { Self.apply(settled.change, to: &durable) }
        pending.removeFirst(settled.count)
    }

    /// The first half of a write, as it stands when the process dies in it.
    func torn(_ bytes: Data, at offset: Int) -> Data {
        var torn = content
        Self.apply(.write(bytes.prefix(bytes.count / 2), at: offset), to: &torn)
        return torn
    }

    /// What is there after a power cut that takes everything not synced.
    func withoutUnsynced() -> Data {
        var result = durable
        for pending in pending where pending.fate == .durable { Self.apply(pending.change, to: &result) }
        return result
    }

    /// What is there after a power cut that keeps what the coins say.
    func afterPowerCut(_ coins: inout Coins) -> Data {
        var result = durable
        let chance = coins.chance()
        for pending in pending {
            switch pending.change {
            case let change where pending.fate == .durable: Self.apply(change, to: &result)
            case .resize: if coins.toss(chance) { Self.apply(pending.change, to: &result) }
            case .write(let bytes, let offset):
                Self.keepSectors(of: bytes, at: offset, in: &result, chance, &coins)
            }
        }
        return result
    }

    private static func keepSectors(
        of bytes: Data, at offset: Int, in content: inout Data, _ chance: UInt64, _ coins: inout Coins
    ) {
        var start = 0
        while start < bytes.count {
            let end = min(bytes.count, ((offset + start) / sector + 1) * sector - offset)
            if coins.toss(chance) {
                apply(.write(bytes.subdata(in: start..<end), at: offset + start), to: &content)
            } else if content.count < offset + end, coins.toss(chance) {
                // The size reached the disk before the bytes.
                apply(.resize(offset + end), to: &content)
            }
            start = end
        }
    }

    /// What a disk writes whole or not at all.
    private static let sector = 512

    private static func apply(_ change: Change, to content: inout Data) {
        switch change {
        case .resize(let size):
            if size < content.count { content = content.subdata(in: 0..<size) }
            if size > content.count { content.append(Data(count: size - content.count)) }
        case .write(let bytes, let offset):
            guard !bytes.isEmpty else { return }
            let end = offset + bytes.count
            if content.count < end { content.append(Data(count: end - content.count)) }
            content.replaceSubrange(offset..<end, with: bytes)
        }
    }
}
