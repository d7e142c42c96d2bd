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
        do throws(StoreError) {
            try directory.allocate(Self.name, size: needed)
        } catch {
            // ext4 keeps what it could give: that would only take the room from the answers under way.
            try? directory.cut(Self.name, to: size)
            throw error
        }
        size = needed
    }

    /// Gives the room back to the file system, also what an earlier process held.
    mutating func release() {
        try? directory.cut(Self.name, to: 0)
        size = 0
    }
}
