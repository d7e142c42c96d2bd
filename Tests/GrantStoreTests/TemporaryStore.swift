// A state directory of a test's own, with ways to look into it and to spoil it that the store itself does not
// offer.

import Crypto
import Foundation
import GRDB
import Glibc
import Synchronization
import Testing
import Vocabulary

@testable import GrantStore

/// A directory that is deleted with its last reference.
final class TemporaryStore: Sendable {
    /// The state directory; absent until the store makes it.
    let directory: String
    /// Where the state directory is made.
    let parent: String

    /// - Parameter inMemory: whether a sync shall cost nothing, where the machine has a place for that.
    init(inMemory: Bool = false) throws {
        let isPossible = inMemory && access("/dev/shm", W_OK) == 0
        parent = (isPossible ? "/dev/shm" : NSTemporaryDirectory()) + "/grant-store-" + UUID().uuidString
        directory = parent + "/state"
        try FileManager.default.createDirectory(
            atPath: parent, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
    }

    deinit { try? FileManager.default.removeItem(atPath: parent) }

    static let endpoint = "https://provider.example/token"

    var database: String { path("grants.db") }

    func path(_ name: String) -> String { directory + "/" + name }

    func url(_ name: String) -> URL { URL(fileURLWithPath: path(name)) }

    func open(
        key: KeySource = .file, schema: Schema = .current, endpoints: [String: String] = ["p": endpoint]
    ) throws(StoreError) -> GrantStore {
        try GrantStore(directory, key, schema) { endpoints[$0.text] }
    }

    /// The error of an opening, which must fail; nil where it does not.
    func refusal(_ key: KeySource = .file, schema: Schema = .current) -> String? {
        do throws(StoreError) {
            try open(key: key, schema: schema).close()
            return nil
        } catch {
            return error.description
        }
    }

    /// Makes the store, with one account.
    func fill() throws { try use { _ = try $0.added(name("p/alice"), grant("1")) } }

    /// Opens a store, lets `body` use it and closes it.
    func use<Value>(
        endpoints: [String: String] = ["p": endpoint], _ body: (GrantStore) throws -> Value
    ) throws -> Value {
        let store = try open(endpoints: endpoints)
        defer { store.close() }
        return try body(store)
    }

    /// Runs SQL on the closed store's file, as somebody would who tampers with it.
    func tamper(_ sql: String, _ arguments: StatementArguments = []) throws {
        let queue = try DatabaseQueue(path: database)
        try queue.writeWithoutTransaction { try $0.execute(sql: sql, arguments: arguments) }
        try queue.close()
    }

    /// The first value of a query on the file.
    func value<Value: DatabaseValueConvertible>(_ type: Value.Type, _ sql: String) throws -> Value? {
        var configuration = Configuration()
        configuration.readonly = true
        let queue = try DatabaseQueue(path: database, configuration: configuration)
        defer { try? queue.close() }
        return try queue.unsafeRead { try Value.fetchOne($0, sql: sql) }
    }

    /// SHA-256 of each file, and the directory's entries with it.
    func hashes() throws -> [String: Data] {
        let names = try FileManager.default.contentsOfDirectory(atPath: directory)
        return try Dictionary(
            uniqueKeysWithValues: names.map { name in
                (name, Data(SHA256.hash(data: try Data(contentsOf: URL(fileURLWithPath: path(name))))))
            })
    }

    /// Copies everything as it stands on disk, as a crash at this moment would leave it to the next start.
    func crashImage() throws -> TemporaryStore {
        let image = try TemporaryStore()
        try FileManager.default.copyItem(atPath: directory, toPath: image.directory)
        return image
    }
}

extension GrantStore {
    /// Carries out one change and waits for it.
    func carryOut(_ change: Change) throws(StoreError) -> ChangeOutcome {
        try carryOut([change])[0].get()
    }

    /// Submits all at once and waits for all.
    func carryOut(_ changes: [Change]) -> [Result<ChangeOutcome, StoreError>] {
        let results = Mutex([Result<ChangeOutcome, StoreError>?](repeating: nil, count: changes.count))
        let group = DispatchGroup()
        for (index, change) in changes.enumerated() {
            group.enter()
            submit(change) { result in
                results.withLock { $0[index] = result }
                group.leave()
            }
        }
        group.wait()
        return results.withLock { $0.map { $0! } }
    }

    /// Submits all during another commit, so that they share the next one, and waits for all.
    /// - Parameter reported: called with each completion.
    func carryOutAsGroup(
        _ changes: [Change], reported: @escaping @Sendable () -> Void = {}
    ) -> [Result<ChangeOutcome, StoreError>] {
        let results = Mutex<[Result<ChangeOutcome, StoreError>]>([])
        let begun = DispatchSemaphore(value: 0)
        let resume = DispatchSemaphore(value: 0)
        let group = DispatchGroup()
        // The completion holds the store's queue, as a slow commit would.
        submit(.remove(RecordID(rowID: -1))) { _ in
            begun.signal()
            resume.wait()
        }
        begun.wait()
        for change in changes {
            group.enter()
            submit(change) { result in
                results.withLock { $0.append(result) }
                reported()
                group.leave()
            }
        }
        resume.signal()
        group.wait()
        return results.withLock { $0 }
    }

    func records() throws(StoreError) -> [LoadedRecord] {
        var records: [LoadedRecord] = []
        try load(.now()) { records.append($0) }
        return records
    }

    /// Adds an account and returns its record.
    func added(_ name: AccountName, _ grant: Grant) throws -> RecordID {
        guard case .stored(let record, .first) = try carryOut(.add(name, grant, obtainedAt: nil)) else {
            throw StoreError.closed
        }
        return record
    }
}

extension LoadedRecord {
    var accessToken: String? {
        guard case .account(let account) = self else { return nil }
        return account.accessToken?.secret.exposed
    }

    var damage: RecordDamage? {
        guard case .damaged(_, _, _, let cause) = self else { return nil }
        return cause
    }
}

func name(_ text: String) -> AccountName { AccountName(text)! }

/// A grant with everything set, its secrets ending in `mark`.
func grant(_ mark: String, scope: String? = "contacts.read", bootExpiry: BootTime? = nil) -> Grant {
    Grant(
        refreshToken: Secret("refresh-" + mark),
        accessToken: AccessToken(
            secret: Secret("access-" + mark), type: "Bearer",
            expiresAt: WallTime(nanoseconds: 1_800_000_000_123_456_789), bootExpiry: bootExpiry),
        scope: scope, redirectURI: "https://app.example/callback")
}
