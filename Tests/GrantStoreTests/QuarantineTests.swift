import Foundation
import GRDB
import Testing
import Vocabulary

@testable import GrantStore

@Suite("Quarantine (O6)")
struct QuarantineTests {
    let state: TemporaryStore

    init() throws {
        state = try TemporaryStore()
        try state.use { store throws in
            for account in ["p/alice", "p/bob", "p/carol"] {
                let record = try store.added(name(account), grant(account))
                _ = try store.carryOut(
                    .replace(record, after: .first, grant(account), obtainedAt: nil, succeededAt: nil))
            }
        }
    }

    /// The access tokens that a start-up finds, in place of each a dash where the record is damaged.
    private func tokens(endpoint: String = TemporaryStore.endpoint) throws -> [String] {
        try state.use(endpoints: ["p": endpoint]) { store throws in
            try store.records().map { $0.accessToken ?? "-" }
        }
    }

    @Test(
        "A record that was tampered with is quarantined alone",
        arguments: [
            // Moved from another account: the access half, the refresh half, all of it.
            "UPDATE grants SET sealed_access = (SELECT sealed_access FROM grants WHERE record = 3) WHERE record = 2",
            "UPDATE grants SET sealed_refresh = (SELECT sealed_refresh FROM grants WHERE record = 3) WHERE record = 2",
            """
            UPDATE grants SET (sealed_access, sealed_refresh) =
                (SELECT sealed_access, sealed_refresh FROM grants WHERE record = 3) WHERE record = 2
            """,
            // The older generation's refresh token put back.
            "UPDATE grants SET sealed_refresh = previous_sealed_refresh WHERE record = 2",
            """
            UPDATE grants SET sealed_refresh = previous_sealed_refresh, generation = previous_generation
            WHERE record = 2
            """,
            "UPDATE grants SET generation = 1 WHERE record = 2",
            "UPDATE grants SET generation = 3 WHERE record = 2",
            "UPDATE grants SET generation = -1 WHERE record = 2",
            "UPDATE grants SET generation = 9223372036854775807 WHERE record = 2",
            // A longer life, and no end of it.
            "UPDATE grants SET expires_at_ns = expires_at_ns + 1 WHERE record = 2",
            "UPDATE grants SET expires_at_ns = NULL WHERE record = 2",
            "UPDATE grants SET obtained_at_ns = 1 WHERE record = 2",
            // One byte.
            "UPDATE grants SET sealed_access = CAST(x'00' || substr(sealed_access, 2) AS BLOB) WHERE record = 2",
            "UPDATE grants SET sealed_access = substr(sealed_access, 1, 40) WHERE record = 2",
            "UPDATE grants SET sealed_refresh = CAST(sealed_refresh || x'00' AS BLOB) WHERE record = 2",
            "UPDATE grants SET sealed_access = x'' WHERE record = 2",
            "UPDATE grants SET account = 'p/mallory' WHERE record = 2",
            "UPDATE grants SET account = 'no account' WHERE record = 2",
        ])
    func tampered(_ sql: String) throws {
        try state.tamper(sql)
        #expect(try tokens() == ["access-p/alice", "-", "access-p/carol"])
    }

    @Test("Two records swapped are both refused, and say why")
    func swapped() throws {
        try state.tamper(
            """
            UPDATE grants SET account = 'p/temporary' WHERE record = 1;
            UPDATE grants SET account = 'p/alice' WHERE record = 2;
            UPDATE grants SET account = 'p/bob' WHERE record = 1;
            """)
        try state.use { store throws in
            let records = try store.records()
            let cause = RecordDamage.notAuthentic
            #expect(
                records.prefix(2) == [
                    .damaged(RecordID(rowID: 1), name("p/bob"), Generation(2), cause: cause),
                    .damaged(RecordID(rowID: 2), name("p/alice"), Generation(2), cause: cause),
                ])
            #expect(records[2].accessToken == "access-p/carol")
            let error = StoreError.recordDamaged(name("p/bob"), cause)
            #expect(throws: error) { _ = try store.grant(of: RecordID(rowID: 1)) }
            #expect(
                error.description == "p/bob: the stored record cannot be used: "
                    + "it was changed, or sealed for another account or generation")
        }
    }

    @Test("A changed token endpoint fails closed and is told apart; the old one mends it")
    func otherEndpoint() throws {
        let moved = "https://evil.example/token"
        try state.use(endpoints: ["p": moved]) { store throws in
            let damage = RecordDamage.otherEndpoint(sealedFor: TemporaryStore.endpoint, configured: moved)
            #expect(try store.records().map(\.damage) == [damage, damage, damage])
            #expect(throws: StoreError.recordDamaged(name("p/alice"), damage)) {
                _ = try store.grant(of: RecordID(rowID: 1))
            }
            #expect(
                damage.description
                    == "it was sealed for another token endpoint: https://provider.example/token, "
                    + "and the configuration says https://evil.example/token")
        }
        #expect(try tokens() == ["access-p/alice", "access-p/bob", "access-p/carol"])
        // The clear column is only a hint: with it changed as well, the seal still refuses.
        try state.tamper("UPDATE grants SET token_endpoint = ?", [moved])
        try state.use(endpoints: ["p": moved]) { store throws in
            #expect(try store.records().map(\.damage) == [.notAuthentic, .notAuthentic, .notAuthentic])
        }
    }

    @Test("A damaged record is mended by a replacement and by its removal")
    func mended() throws {
        try state.tamper("UPDATE grants SET sealed_access = x'01' WHERE record < 3")
        try state.use { store throws in
            let change = Change.replace(
                RecordID(rowID: 1), after: Generation(2), grant("new"), obtainedAt: nil, succeededAt: nil)
            #expect(try store.carryOut(change) == .stored(RecordID(rowID: 1), Generation(3)))
            #expect(try store.carryOut(.remove(RecordID(rowID: 2))) == .removed)
        }
        #expect(try tokens() == ["access-new", "access-p/carol"])
    }

    @Test("A record without a readable name is reported, kept and not served")
    func nameless() throws {
        try state.tamper("UPDATE grants SET account = '' WHERE record = 2")
        try state.use { store throws in
            #expect(try store.records()[1] == .nameless(RecordID(rowID: 2)))
            #expect(try store.grant(of: RecordID(rowID: 2)) == nil)
            let change = Change.replace(
                RecordID(rowID: 2), after: Generation(2), grant("new"), obtainedAt: nil, succeededAt: nil)
            #expect(try store.carryOut(change) == .gone)
        }
    }

    @Test(
        "A byte flipped anywhere in the file is an error or a quarantine, never a crash and never another token"
    )
    func flippedByte() throws {
        let url = URL(fileURLWithPath: state.database)
        let original = try Data(contentsOf: url)
        let names = ["p/alice", "p/bob", "p/carol"]
        let seed = UInt64.random(in: .min ... .max)
        var generator = SeededGenerator(state: seed)
        var refused = 0
        var quarantined = 0
        for _ in 0..<400 {
            let offset = Int.random(in: 0..<original.count, using: &generator)
            var bytes = original
            bytes[offset] ^= UInt8.random(in: 1...255, using: &generator)
            try bytes.write(to: url)
            do {
                let store = try state.open()
                defer { store.close() }
                let records = try store.records()
                if records.contains(where: { $0.accessToken == nil }) { quarantined += 1 }
                for case .account(let account) in records {
                    #expect(names.contains(account.account.text), "offset \(offset)")
                    #expect(
                        account.accessToken == grant(account.account.text).accessToken, "offset \(offset)")
                    // Where the order of the records is damaged, one that a scan reads may not be found by its number.
                    guard let found = try? store.grant(of: account.record) else { continue }
                    #expect(found.grant == grant(account.account.text), "offset \(offset)")
                }
            } catch {
                refused += 1
            }
        }
        print(
            "grant store: seed \(seed): of 400 flipped bytes \(refused) were refused, \(quarantined) quarantined a record"
        )
        #expect(refused > 0)
    }
}

/// SplitMix64, so that a run can be repeated from its printed seed.
private struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
