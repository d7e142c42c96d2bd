import Testing
import Vocabulary

@testable import GrantStore

@Suite("A boot-clock expiry")
struct BootExpiryTests {
    let state: TemporaryStore
    private static let expiry = BootTime(nanoseconds: 7_000_000_000_000)

    init() throws { state = try TemporaryStore() }

    /// Opens the store as in the boot `bootID` and lets `body` use it.
    private func use<Value>(_ bootID: String, _ body: (GrantStore) throws -> Value) throws -> Value {
        let store = try GrantStore(state.directory, .file, .current, bootID: bootID) { _ in
            TemporaryStore.endpoint
        }
        defer { store.close() }
        return try body(store)
    }

    private func loaded(_ store: GrantStore) throws -> BootTime? {
        guard case .account(let account)? = try store.records().first else { throw StoreError.closed }
        #expect(account.accessToken?.expiresAt == grant("1").accessToken?.expiresAt)
        return account.accessToken?.bootExpiry
    }

    @Test("T2: comes back within its boot, and counts for nothing in another")
    func boots() throws {
        let record = try use("boot-1") { store throws in
            try store.added(name("p/alice"), grant("1", bootExpiry: Self.expiry))
        }
        for (boot, expected) in [("boot-1", Self.expiry), ("boot-2", nil), ("boot-1", Self.expiry)] {
            try use(boot) { store throws in
                #expect(try loaded(store) == expected)
                #expect(try store.grant(of: record)?.grant == grant("1", bootExpiry: expected))
            }
        }
    }

    @Test(
        "T2: goes with a backup, and counts where that is restored within its boot",
        arguments: ["boot-1", "boot-2"])
    func backup(_ boot: String) throws {
        let (sealed, origin) = try use("boot-1") { store throws in
            _ = try store.added(name("p/alice"), grant("1", bootExpiry: Self.expiry))
            guard case .record(let sealed)? = try store.backup(after: nil, limit: 1).entries.first else {
                throw StoreError.closed
            }
            return (sealed, store.origin)
        }
        let expected = boot == "boot-1" ? Self.expiry : nil
        try use(boot) { store throws in
            let restored = try store.open(sealed, of: origin, .now())
            #expect(restored.grant.accessToken?.bootExpiry == expected)
            let over = Incumbent(record: sealed.record, generation: .first)
            #expect(
                try store.carryOut(.restore(restored, over: over)) == .stored(sealed.record, Generation(2)))
            #expect(try loaded(store) == expected)
        }
        // Written again in this boot, it does not come to life in the one it was of.
        try use("boot-1") { store throws in #expect(try loaded(store) == expected) }
    }
}
