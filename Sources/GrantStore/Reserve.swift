// Decides that a refresh starts only when there is room for its answer: blocks set aside on the file system before the
// token is sent, and given back to it when the disk is full and the answer must be written. Rejected: looking at the
// free space first, which others may use up while the provider answers.

import Vocabulary

/// The file `grants.reserve`: allocated, never written. Used on the writer's queue only.
struct Reserve {
    static let name = "grants.reserve"

    /// What the commit of one answer may take: the pages of a record with tokens of 20 KB, old and new, and the
    /// log's index.
    static let sizePerAnswer = 64 << 10
    /// Sixteen answers: below that, growing step by step is not worth the calls.
    private static let smallest = 1 << 20

    private let directory: StateDirectory
    private var size = 0

    init(_ directory: StateDirectory) { self.directory = directory }

    /// Sets room aside for so many answers.
    /// - Throws: where the file system has not that much.
    mutating func hold(answers: Int) throws(StoreError) {
        var needed = Self.smallest
        while needed < answers * Self.sizePerAnswer { needed *= 2 }
        guard needed > size else { return }
        try directory.allocate(Self.name, size: needed)
        size = needed
    }

    /// Gives the room back to the file system.
    /// - Returns: whether there was any.
    mutating func release() -> Bool {
        guard size > 0, (try? directory.cut(Self.name)) != nil else { return false }
        size = 0
        return true
    }
}
