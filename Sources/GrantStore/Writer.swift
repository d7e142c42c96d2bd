// Decides when writes reach the disk: one serial queue, and whatever is submitted while a transaction is
// being committed goes into the next one, so that a lone write waits for nobody and a crowd shares its syncs.
// Rejected: a timer that collects company, which would delay the lone write; and a thread per submitter,
// which SQLite would serialize anyway.

import Dispatch
import Foundation
import GRDB
import Synchronization
import Vocabulary

/// Carries out changes in the order of their submission, in groups; those that are dispensable after those beside them.
final class Writer: Sendable {
    typealias Completion = @Sendable (Result<ChangeOutcome, StoreError>) -> Void

    struct Submission: Sendable {
        let change: Change
        let completion: Completion
    }

    struct Inbox: Sendable {
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

    /// Past a thousand, the shared sync costs each next to nothing, and the first would only wait longer.
    private static let largestGroup = 1_000
    /// A change dirties some four pages of 4 KiB: the log stays around 16 MiB, replayed in a fraction of a
    /// second.
    private static let changesPerCheckpoint = 1_000

    private let file: DatabaseFile
    private let sealer: Sealer
    private let bootID: String
    private let tokenEndpoint: @Sendable (ProviderName) -> String?
    let queue = DispatchQueue(label: "tokend.store", qos: .userInitiated)
    let inbox = Mutex(Inbox())
    /// Used on `queue` only, where nobody waits for the lock.
    private let line: Mutex<Line>
    let room: Mutex<Room>

    init(
        _ database: DatabaseQueue, _ file: DatabaseFile, _ sealer: Sealer, _ bootID: String,
        _ tokenEndpoint: @escaping @Sendable (ProviderName) -> String?
    ) {
        self.file = file
        self.sealer = sealer
        self.bootID = bootID
        self.tokenEndpoint = tokenEndpoint
        line = Mutex(Line(database: database))
        room = Mutex(Room(reserve: Reserve(file.directory)))
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
        queue.sync {
            settleOwed()
            line.withLock { try? $0.database.close() }
        }
    }

    private func drain() {
        while let waiting = takeWaiting() {
            for isDispensable in [false, true] {
                let part = waiting.filter { $0.change.isDispensable == isDispensable }
                for first in stride(from: 0, to: part.count, by: Self.largestGroup) {
                    carryOut(part[first..<min(first + Self.largestGroup, part.count)])
                }
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
        let results = results(of: group.map(\.change))
        for (submission, result) in zip(group, results) {
            note(submission.change, result)
            submission.completion(result)
        }
        planRetry()
        checkpointIfDue()
    }

    /// Commits the group. Where that fails, the reserve is given back to the disk and the grants that a provider has
    /// rotated to are tried once more, one by one, so that none fails for the sake of another: they exist nowhere else.
    func results(of changes: [Change]) -> [Result<ChangeOutcome, StoreError>] {
        do throws(StoreError) {
            return try commit(changes)
        } catch {
            var results = changes.map { _ in Result<ChangeOutcome, StoreError>.failure(error) }
            let rotations = changes.indices.filter { changes[$0].isRotation }
            guard !rotations.isEmpty else { return results }
            room.withLock { $0.reserve.release() }
            var failures = 0
            // A disk that refuses two in a row refuses them all.
            for index in rotations where failures < 2 {
                guard let saved = try? commit([changes[index]]) else {
                    failures += 1
                    continue
                }
                results[index] = saved[0]
                failures = 0
            }
            return results
        }
    }
}

// MARK: The group

extension Writer {
    /// A change with everything done that needs no transaction.
    private enum Prepared {
        case insert(Sealer.SealedGrant, Sealer.Subject)
        case update(
            RecordID, after: Generation, Sealer.SealedGrant, Sealer.Subject, succeededAt: WallTime?)
        case restore(RestoredRecord, over: Incumbent?, Sealer.SealedGrant, Sealer.Subject)
        case delete(RecordID)
        case mark(RecordID, of: Generation, Presentation, refreshHash: Data)
        case settle(RecordID, of: Generation, Settlement)
        case keepLogin(id: Data, WallTime, sealed: Data, now: WallTime)
        case takeLogin(id: Data)
        case keepMetadata(ProviderName, WallTime, sealed: Data)
        case refused(Result<ChangeOutcome, StoreError>)
    }

    /// All of the group is durable when this returns; when it throws, none of it was written.
    private func commit(_ changes: [Change]) throws(StoreError) -> [Result<ChangeOutcome, StoreError>] {
        try line.withLock { line throws(StoreError) in
            try renew(&line)
            do throws(StoreError) {
                let lack = lackOfRoom(for: changes)
                let results = try DatabaseFile.translating(file.path) {
                    try line.database.writeWithoutTransaction { database in
                        let prepared = try changes.map { try prepare($0, lack, database) }
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

    private func prepare(_ change: Change, _ lack: StoreError?, _ database: Database) throws -> Prepared {
        switch change {
        case .mark where lack != nil: return .refused(.failure(lack!))
        case .remove(let record): return .delete(record)
        case .settle(let record, let generation, let end): return .settle(record, of: generation, end)
        case .keepLogin(let login, let now):
            let id = sealer.loginID(login.name)
            return .keepLogin(id: id, login.expiresAt, sealed: sealer.seal(login, id: id), now: now)
        case .takeLogin(let name): return .takeLogin(id: sealer.loginID(name))
        case .keepMetadata(let metadata):
            return .keepMetadata(metadata.provider, metadata.confirmedAt, sealed: sealer.seal(metadata))
        case .mark(let record, let generation, let presentation):
            return try prepareMark(record, generation, presentation, database)
        case .add(let account, let grant, let obtainedAt):
            return prepare(account, .first) {
                .insert(sealer.seal(grant, as: $0, obtainedAt: obtainedAt), $0)
            }
        case .restore(let restored, let incumbent):
            return prepare(restored.account, restored.generation(over: incumbent)) {
                .restore(restored, over: incumbent, sealer.seal(restored, as: $0), $0)
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

    private func prepareMark(
        _ record: RecordID, _ generation: Generation, _ presentation: Presentation, _ database: Database
    ) throws -> Prepared {
        let statement = try database.cachedStatement(sql: GrantRow.one)
        let reading = try Row.fetchOne(statement, arguments: [record.rowID]).map(GrantRow.read)
        guard case .row(let row) = reading, row.generation == generation else {
            return .refused(.success(.gone))
        }
        return prepare(row.account, generation) { subject in
            do throws(RecordDamage) {
                let grant = try sealer.open(row.sealed, as: row.subject(configured: subject.tokenEndpoint))
                let hash = sealer.refreshHash(grant.refreshToken, of: row.account)
                return .mark(record, of: generation, presentation, refreshHash: hash)
            } catch {
                return .refused(.failure(.recordDamaged(row.account, error)))
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
        case .restore(let restored, let incumbent, let sealed, let subject):
            .success(try GrantRow.restore(restored, over: incumbent, to: sealed, as: subject, database))
        case .delete(let record): .success(try GrantRow.delete(record, database))
        case .mark(let record, let generation, let presentation, let hash):
            .success(
                try MarkRow.mark(
                    record, of: generation, presentation, refreshHash: hash, bootID: bootID, database))
        case .keepLogin(let id, let expiresAt, let sealed, let now):
            .success(try LoginRow.keep(id, expiresAt, sealed, now, database))
        case .takeLogin(let id): .success(try LoginRow.take(id, database))
        case .keepMetadata(let provider, let confirmedAt, let sealed):
            .success(try MetadataRow.keep(provider, confirmedAt, sealed, database))
        case .settle(let record, let generation, let settlement):
            .success(try MarkRow.settle(record, of: generation, settlement, database))
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
