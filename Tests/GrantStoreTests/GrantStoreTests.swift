import Foundation
import Testing
import Vocabulary

@testable import GrantStore

@Suite("GrantStore")
struct GrantStoreTests {
    let state: TemporaryStore

    init() throws { state = try TemporaryStore() }

    @Test("What was added comes back whole after a restart")
    func roundTrip() throws {
        let obtainedAt = WallTime(nanoseconds: 1_799_999_000_000_000_001)
        try state.use { store throws in
            let outcome = try store.carryOut(.add(name("p/alice"), grant("1"), obtainedAt: obtainedAt))
            #expect(outcome == .stored(RecordID(rowID: 1), .first))
            let bare = Grant(refreshToken: Secret("only"))
            #expect(
                try store.carryOut(.add(name("p/bob"), bare, obtainedAt: nil))
                    == .stored(RecordID(rowID: 2), .first))
        }
        try state.use { store throws in
            #expect(
                try store.records() == [
                    .account(
                        StoredAccount(
                            record: RecordID(rowID: 1), account: name("p/alice"), generation: .first,
                            accessToken: grant("1").accessToken, obtainedAt: obtainedAt,
                            scope: "contacts.read",
                            lastSuccessAt: nil, standing: nil)),
                    .account(
                        StoredAccount(
                            record: RecordID(rowID: 2), account: name("p/bob"), generation: .first,
                            accessToken: nil,
                            obtainedAt: nil, scope: nil, lastSuccessAt: nil, standing: nil)),
                ])
            let alice = try #require(try store.grant(of: RecordID(rowID: 1)))
            #expect(alice.grant == grant("1"))
            #expect(alice.generation == .first)
            #expect(try store.grant(of: RecordID(rowID: 2))?.grant == Grant(refreshToken: Secret("only")))
            #expect(try store.grant(of: RecordID(rowID: 3)) == nil)
        }
    }

    @Test("Three rotations with a restart between each: the third restart has the third refresh token (R18)")
    func rotations() throws {
        let record = try state.use { try $0.added(name("p/alice"), grant("1")) }
        for generation in UInt64(1)...3 {
            try state.use { store throws in
                let succeededAt = WallTime(epochSeconds: Int64(generation))
                let outcome = try store.carryOut(
                    .replace(
                        record, after: Generation(generation), grant("\(generation + 1)"), obtainedAt: nil,
                        succeededAt: succeededAt))
                #expect(outcome == .stored(record, Generation(generation + 1)))
            }
        }
        try state.use { store throws in
            #expect(try store.grant(of: record)?.grant == grant("4"))
            guard case .account(let alice) = try store.records()[0] else { return #expect(Bool(false)) }
            #expect(alice.generation == Generation(4))
            #expect(alice.lastSuccessAt == WallTime(epochSeconds: 3))
        }
    }

    @Test("A replacement without a refresh keeps the time of the last success")
    func lastSuccessIsKept() throws {
        try state.use { store throws in
            let record = try store.added(name("p/alice"), grant("1"))
            let success = WallTime(epochSeconds: 5)
            _ = try store.carryOut(
                .replace(record, after: .first, grant("2"), obtainedAt: nil, succeededAt: success))
            _ = try store.carryOut(
                .replace(record, after: Generation(2), grant("3"), obtainedAt: nil, succeededAt: nil))
            guard case .account(let alice) = try store.records()[0] else { return #expect(Bool(false)) }
            #expect(alice.lastSuccessAt == success)
            #expect(alice.accessToken?.secret.exposed == "access-3")
        }
    }

    @Test("A replacement keeps the sealed refresh token before it, and only that one")
    func previousIsKept() throws {
        try state.use { store throws in
            let record = try store.added(name("p/alice"), grant("1"))
            let first = try state.value(Data.self, "SELECT sealed_refresh FROM grants")
            for generation in UInt64(1)...2 {
                let before = try state.value(Data.self, "SELECT sealed_refresh FROM grants")
                _ = try store.carryOut(
                    .replace(
                        record, after: Generation(generation), grant("next"), obtainedAt: nil,
                        succeededAt: nil))
                #expect(try state.value(Data.self, "SELECT previous_sealed_refresh FROM grants") == before)
                #expect(
                    try state.value(UInt64.self, "SELECT previous_generation FROM grants") == generation)
                #expect(
                    try state.value(String.self, "SELECT previous_token_endpoint FROM grants")
                        == TemporaryStore.endpoint)
            }
            #expect(try state.value(Data.self, "SELECT previous_sealed_refresh FROM grants") != first)
        }
    }

    @Test("A write that expects another generation, or a record that is not there, changes nothing")
    func overtaken() throws {
        try state.use { store throws in
            let record = try store.added(name("p/alice"), grant("1"))
            for (target, generation) in [(record, UInt64(2)), (record, 0), (RecordID(rowID: 77), 1)] {
                let change = Change.replace(
                    target, after: Generation(generation), grant("late"), obtainedAt: nil, succeededAt: nil)
                #expect(try store.carryOut(change) == .gone)
            }
            #expect(try store.carryOut(.remove(RecordID(rowID: 77))) == .gone)
            #expect(try store.grant(of: record)?.grant == grant("1"))
        }
    }

    @Test("A name that is taken is not added again")
    func taken() throws {
        try state.use { store throws in
            let record = try store.added(name("p/alice"), grant("1"))
            #expect(try store.carryOut(.add(name("p/alice"), grant("2"), obtainedAt: nil)) == .exists)
            #expect(try store.grant(of: record)?.grant == grant("1"))
        }
    }

    @Test("A late write for a removed account misses the one that was added since under its name (R16)")
    func removedAndAddedAgain() throws {
        let old = try state.use { store throws in
            let old = try store.added(name("p/alice"), grant("old"))
            #expect(try store.carryOut(.remove(old)) == .removed)
            return old
        }
        // After a restart as well: the last record number must not be given again.
        try state.use { store throws in
            let new = try store.added(name("p/alice"), grant("new"))
            #expect(new != old)
            let late = Change.replace(
                old, after: .first, grant("late"), obtainedAt: nil, succeededAt: WallTime(epochSeconds: 1))
            #expect(try store.carryOut(late) == .gone)
            #expect(try store.carryOut(.remove(old)) == .gone)
            #expect(try store.grant(of: new)?.grant == grant("new"))
            #expect(try store.records().count == 1)
        }
    }

    @Test("Accounts of a provider that is not configured are left out, kept, and cannot be written")
    func unconfiguredProvider() throws {
        let both = ["p": TemporaryStore.endpoint, "q": "https://q.example/token"]
        let record = try state.use(endpoints: both) { store throws in
            _ = try store.added(name("p/alice"), grant("1"))
            return try store.added(name("q/bob"), grant("2"))
        }
        let error = StoreError.providerNotConfigured(ProviderName("q")!)
        try state.use { store throws in
            #expect(try store.records().map(\.accessToken) == ["access-1"])
            #expect(throws: error) { _ = try store.grant(of: record) }
            let results = store.carryOut([
                .add(name("q/carol"), grant("3"), obtainedAt: nil),
                .replace(record, after: .first, grant("3"), obtainedAt: nil, succeededAt: nil),
                .add(name("p/dave"), grant("4"), obtainedAt: nil),
            ])
            #expect(results[0] == .failure(error))
            #expect(results[1] == .failure(error))
            #expect(results[2] == .success(.stored(RecordID(rowID: 3), .first)))
        }
        try state.use(endpoints: both) { store throws in
            #expect(try store.grant(of: record)?.grant == grant("2"))
        }
        #expect(error.description == "the provider q is not configured")
    }

    @Test("After close, what was submitted before is durable and a later change is refused")
    func closing() throws {
        let store = try state.open()
        for index in 0..<500 {
            store.submit(.add(name("p/a\(index)"), grant("1"), obtainedAt: nil)) { result in
                #expect(throws: Never.self) { try result.get() }
            }
        }
        store.close()
        #expect(store.carryOut([.remove(RecordID(rowID: 1))]) == [.failure(.closed)])
        #expect(!FileManager.default.fileExists(atPath: state.path("grants.db-wal")))
        #expect(try state.use { try $0.records().count } == 500)
    }

    @Test("What was acknowledged is in the files at that moment, wherever the process dies after (R1)")
    func acknowledgedIsOnDisk() throws {
        let store = try state.open()
        defer { store.close() }
        let record = try store.added(name("p/alice"), grant("1"))
        for generation in UInt64(1)...20 {
            _ = try store.carryOut(
                .replace(
                    record, after: Generation(generation), grant("\(generation + 1)"), obtainedAt: nil,
                    succeededAt: nil))
            let image = try state.crashImage()
            try image.use { recovered throws in
                let found = try #require(try recovered.grant(of: record))
                #expect(found.generation == Generation(generation + 1))
                #expect(found.grant == grant("\(generation + 1)"))
            }
        }
    }

    @Test("No token is in any file of the directory, the log included (S1)")
    func canary() throws {
        let canary = "kanarienvogel"
        func holdsCanary() throws -> [String] {
            try FileManager.default.contentsOfDirectory(atPath: state.directory).filter { name in
                try Data(contentsOf: state.url(name)).range(of: Data(canary.utf8)) != nil
            }
        }
        let store = try state.open()
        let record = try store.added(name("p/alice"), grant(canary, scope: canary))
        for generation in UInt64(1)...50 {
            _ = try store.carryOut(
                .replace(
                    record, after: Generation(generation), grant(canary + "\(generation)"), obtainedAt: nil,
                    succeededAt: nil))
        }
        #expect(try state.hashes()["grants.db-wal"] != nil)
        #expect(try holdsCanary() == [])
        _ = try store.carryOut(.remove(record))
        store.close()
        #expect(try holdsCanary() == [])
        // The search finds what is there.
        try Data("xx\(canary)xx".utf8).write(to: state.url("control"))
        #expect(try holdsCanary() == ["control"])
    }
}
