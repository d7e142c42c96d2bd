// Decides which ends of a recorded run are worth trying: after every step a kill and power cuts, within every write a
// kill, and of equal states one.

/// What was done below a directory.
public struct Recording: Sendable {
    /// What was there before, and was durable.
    public let before: FileTree
    public let steps: [Step]

    /// A crash, what the test had noted until then, and what it leaves.
    public struct Remains: Sendable {
        public let crash: Crash
        public let notes: [String]
        public let tree: FileTree
    }

    /// The test's notes among the first steps.
    public func notes(before step: Int) -> [String] {
        steps.prefix(step).compactMap { if case .note(let text) = $0 { text } else { nil } }
    }

    /// What a crash leaves.
    /// - Complexity: all the steps before it.
    public func image(_ crash: Crash) -> FileTree {
        switch crash {
        case .killed(let count): return disk(after: count).tree
        case .killedWithin(let index):
            let disk = disk(after: index)
            return disk.tree(within: steps[index]) ?? disk.tree
        case .powerCut(let count, let loss): return disk(after: count).tree(after: loss)
        }
    }

    /// Calls `body` with what each crash leaves, in the order of the steps. States that are equal, and noted alike,
    /// come once.
    /// - Parameter seeds: how many random losses to try after each step.
    /// - Returns: how many states there were.
    @discardableResult
    public func forEachCrash(seeds: Int = 4, _ body: (Remains) throws -> Void) rethrows -> Int {
        var disk = Disk(before)
        var notes: [String] = []
        var known = KnownStates()
        for count in 0...steps.count {
            for (crash, tree) in Self.crashes(disk, after: count, next: steps.dropFirst(count).first, seeds)
            where known.insert(tree, notes.count) {
                try body(Remains(crash: crash, notes: notes, tree: tree))
            }
            guard count < steps.count else { break }
            if case .note(let text) = steps[count] { notes.append(text) }
            disk.carryOut(steps[count])
        }
        return known.count
    }

    /// The crashes behind the states that `forEachCrash` tries.
    public func crashes(seeds: Int = 4) -> [Crash] {
        var crashes: [Crash] = []
        forEachCrash(seeds: seeds) { crashes.append($0.crash) }
        return crashes
    }

    private static func crashes(
        _ disk: Disk, after count: Int, next: Step?, _ seeds: Int
    ) -> [(Crash, FileTree)] {
        var crashes = [(Crash.killed(after: count), disk.tree)]
        if !disk.isDurable {
            // A seed is used once in a recording, so that every step's losses differ.
            let random = (0..<seeds).map { Crash.Loss.random(seed: UInt64(count * seeds + $0)) }
            for loss in [Crash.Loss.everythingUnsynced] + random {
                crashes.append((.powerCut(after: count, loss), disk.tree(after: loss)))
            }
        }
        if let torn = next.flatMap({ disk.tree(within: $0) }) { crashes.append((.killedWithin(count), torn)) }
        return crashes
    }

    private func disk(after count: Int) -> Disk {
        var disk = Disk(before)
        for step in steps.prefix(count) { disk.carryOut(step) }
        return disk
    }
}

/// The states seen, by a hash of 128 bits: thousands of whole trees would not fit.
private struct KnownStates {
    private struct Digest: Hashable {
        let left, right: Int
        let notes: Int
    }

    private var digests: Set<Digest> = []

    var count: Int { digests.count }

    /// Whether it is new.
    mutating func insert(_ tree: FileTree, _ notes: Int) -> Bool {
        var left = Hasher()
        tree.hash(into: &left)
        var right = Hasher()
        right.combine(0x746F_6B64)
        tree.hash(into: &right)
        return digests.insert(
            Digest(left: left.finalize(), right: right.finalize(), notes: notes)
        ).inserted
    }
}
