// Decides when writes reach the disk: one serial queue, and whatever is submitted while a transaction is
// being committed goes into the next one, so that a lone write waits for nobody and a crowd shares its syncs.
// Rejected: a timer that collects company, which would delay the lone write; and a thread per submitter,
// which SQLite would serialize anyway.

import Dispatch
import GRDB
import Synchronization
import Vocabulary

/// Carries out changes in the order of their submission, in groups.
final class Writer: Sendable {
    typealias Completion = @Sendable (Result<ChangeOutcome, StoreError>) -> Void

    private struct Submission: Sendable {
        let change: Change
        let completion: Completion
    }

    private struct Inbox: Sendable {
        var waiting: [Submission] = []
        var isDraining = false
        var isClosed = false
    }

    /// The connection, and whether a write on it failed since it was opened.
    private struct Line: Sendable {
        var database: DatabaseQueue
        var isSuspect = false
        var changesSinceCheckpoint = 0
    }

    /// Past a thousand, the shared sync costs each member next to nothing, and the first would only wait
    /// longer.
    private static let largestGroup = 1_000
    /// A change dirties some four pages of 4 KiB: the log stays around 16 MiB, replayed in a fraction of a
    /// second.
    private static let changesPerCheckpoint = 1_000

    private let file: DatabaseFile
    private let sealer: Sealer
    private let tokenEndpoint: @Sendable (ProviderName) -> String?
    private let queue = DispatchQueue(label: "tokend.store", qos: .userInitiated)
    private let inbox = Mutex(Inbox())
    /// Used on `queue` only, where nobody waits for the lock.
    private let line: Mutex<Line>

    init(
        _ database: DatabaseQueue, _ file: DatabaseFile, _ sealer: Sealer,
        _ tokenEndpoint: @escaping @Sendable (ProviderName) -> String?
    ) {
        self.file = file
        self.sealer = sealer
        self.tokenEndpoint = tokenEndpoint
        line = Mutex(Line(database: database))
    }

    /// Returns at once; `completion` is called on the writer's queue after the commit.
    func submit(_ change: Change, _ completion: @escaping Completion) {
        let (isClosed, mustStart) = inbox.withLock { inbox in
            guard !inbox.isClosed else { return (true, false) }
            inbox.waiting.append(Submission(change: change, completion: completion))
            defer { inbox.isDraining = true }
            return (false, !inbox.isDraining)
        }
        if isClosed { return queue.async { completion(.failure(.closed)) } }
        if mustStart { queue.async { self.drain() } }
    }

    /// Refuses further submissions, carries out those that were made, and closes the connection. Blocks.
    func close() {
        dispatchPrecondition(condition: .notOnQueue(queue))
        inbox.withLock { $0.isClosed = true }
        // A drain that was started is ahead of this block and empties the inbox.
        queue.sync { line.withLock { try? $0.database.close() } }
    }

    private func drain() {
        while let submissions = takeWaiting() {
            for first in stride(from: 0, to: submissions.count, by: Self.largestGroup) {
                carryOut(submissions[first..<min(first + Self.largestGroup, submissions.count)])
            }
        }
    }

    private func takeWaiting() -> [Submission]? {
        inbox.withLock { inbox in
            guard !inbox.waiting.isEmpty else {
                inbox.isDraining = false
                return nil
            }
            defer { inbox.waiting = [] }
            return inbox.waiting
        }
    }

    private func carryOut(_ group: ArraySlice<Submission>) {
        let results: [Result<ChangeOutcome, StoreError>]
        do throws(StoreError) {
            results = try commit(group.map(\.change))
        } catch {
            results = group.map { _ in .failure(error) }
        }
        for (submission, result) in zip(group, results) { submission.completion(result) }
        checkpointIfDue()
    }
}

// MARK: The group

extension Writer {
    /// A change with everything done that needs no transaction.
    private enum Prepared {
        case insert(Sealer.SealedGrant, Sealer.Subject)
        case update(
            RecordID, after: Generation, Sealer.SealedGrant, Sealer.Subject, succeededAt: WallTime?)
        case delete(RecordID)
        case refused(Result<ChangeOutcome, StoreError>)
    }

    /// All of the group is durable when this returns; when it throws, none of it was written.
    private func commit(_ changes: [Change]) throws(StoreError) -> [Result<ChangeOutcome, StoreError>] {
        try line.withLock { line throws(StoreError) in
            try renew(&line)
            do throws(StoreError) {
                let results = try DatabaseFile.translating(file.path) {
                    try line.database.writeWithoutTransaction { database in
                        let prepared = try changes.map { try prepare($0, database) }
                        var results: [Result<ChangeOutcome, StoreError>] = []
                        try database.inTransaction(.immediate) {
                            results = try prepared.map { try carryOut($0, database) }
                            return .commit
                        }
                        return results
                    }
                }
                line.changesSinceCheckpoint += changes.count
                return results
            } catch {
                line.isSuspect = true
                throw error
            }
        }
    }

    /// After a failed write or sync the kernel may have dropped what it could not write, and a second sync on
    /// the same descriptor succeeds all the same (fsync(2), R2): the next attempt gets a fresh one.
    ///
    /// The new connection is opened before the old one is closed. The last to close would take the shared
    /// index with it, and its successor would find the failed transaction whole in the log and believe it.
    private func renew(_ line: inout Line) throws(StoreError) {
        guard line.isSuspect else { return }
        let fresh = try file.openForWriting()
        try? line.database.close()
        line = Line(database: fresh)
    }

    private func prepare(_ change: Change, _ database: Database) throws -> Prepared {
        switch change {
        case .remove(let record): return .delete(record)
        case .add(let account, let grant, let obtainedAt):
            return prepare(account, .first) {
                .insert(sealer.seal(grant, as: $0, obtainedAt: obtainedAt), $0)
            }
        case .replace(let record, let generation, let grant, let obtainedAt, let succeededAt):
            guard let account = try GrantRow.account(of: record, database) else {
                return .refused(.success(.gone))
            }
            return prepare(account, generation.next) { subject in
                let sealed = sealer.seal(grant, as: subject, obtainedAt: obtainedAt)
                return .update(record, after: generation, sealed, subject, succeededAt: succeededAt)
            }
        }
    }

    private func prepare(
        _ account: AccountName, _ generation: Generation, _ body: (Sealer.Subject) -> Prepared
    ) -> Prepared {
        guard let endpoint = tokenEndpoint(account.provider) else {
            return .refused(.failure(.providerNotConfigured(account.provider)))
        }
        return body(Sealer.Subject(account: account, tokenEndpoint: endpoint, generation: generation))
    }

    private func carryOut(
        _ prepared: Prepared, _ database: Database
    ) throws -> Result<ChangeOutcome, StoreError> {
        switch prepared {
        case .refused(let result): result
        case .insert(let sealed, let subject):
            .success(try GrantRow.insert(sealed, as: subject, database))
        case .update(let record, let generation, let sealed, let subject, let succeededAt):
            .success(
                try GrantRow.update(
                    record, after: generation, to: sealed, as: subject, succeededAt: succeededAt, database))
        case .delete(let record): .success(try GrantRow.delete(record, database))
        }
    }

    /// Moves the log into the database now and then, when nobody waits for a commit.
    private func checkpointIfDue() {
        line.withLock { line in
            guard !line.isSuspect, line.changesSinceCheckpoint >= Self.changesPerCheckpoint else { return }
            line.changesSinceCheckpoint = 0
            do {
                try line.database.writeWithoutTransaction { _ = try $0.checkpoint(.passive) }
            } catch {
                // The log still has everything; what failed to reach the database is copied again from there.
                line.isSuspect = true
            }
        }
    }
}
