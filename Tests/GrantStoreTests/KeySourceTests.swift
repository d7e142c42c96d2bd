import Foundation
import Glibc
import Testing
import Vocabulary

@testable import GrantStore

@Suite("KeySource (O6)")
struct KeySourceTests {
    let state: TemporaryStore

    init() throws { state = try TemporaryStore() }

    private static let hexKey = String(repeating: "0aF9", count: 16)

    @Test("A key given as a secret may be base64 or hex, with or without a newline, and leaves no key file")
    func secretKey() throws {
        let bytes = Data((0..<16).flatMap { _ in [0x0A, 0xF9] as [UInt8] })
        let keys = [
            Self.hexKey, Self.hexKey + "\n", bytes.base64EncodedString(), bytes.base64EncodedString() + "\n",
        ]
        for key in keys { try state.open(key: .secret(Secret(key))).close() }
        #expect(try state.hashes().keys.sorted() == ["grants.db"])
    }

    @Test(
        "A key that is not 32 bytes is refused without being shown",
        arguments: [
            "", "\n", "abc", String(hexKey.dropLast()), hexKey + "00", String(hexKey.dropLast()) + "g",
            Data(repeating: 1, count: 31).base64EncodedString(),
            Data(repeating: 1, count: 33).base64EncodedString(),
            Data(repeating: 1, count: 32).base64EncodedString() + " ", hexKey + "\n\n",
        ])
    func malformedKey(_ text: String) throws {
        #expect(
            state.refusal(.secret(Secret(text)))
                == "encryption_key must hold 32 bytes as base64 or as 64 hex digits")
        #expect(try state.hashes().isEmpty)
    }

    @Test(
        "A wrong key refuses the start and leaves every file as it was, after a clean stop and after a crash (O6)"
    )
    func wrongKey() throws {
        let store = try state.open()
        let record = try store.added(name("p/alice"), grant("1"))
        _ = try store.carryOut(.replace(record, after: .first, grant("2"), obtainedAt: nil, succeededAt: nil))
        let crashed = try state.crashImage()
        let crashedWithoutIndex = try state.crashImage()
        unlink(crashedWithoutIndex.path("grants.db-shm"))
        store.close()
        for state in [state, crashed, crashedWithoutIndex] {
            let before = try state.hashes()
            let error = StoreError.otherKey(database: state.database)
            #expect(throws: error) { try state.open(key: .secret(Secret(Self.hexKey))).close() }
            #expect(
                error.description
                    == "\(state.database): the encryption key is not the one this store was sealed with")
            #expect(try state.hashes() == before)
            // The right key still finds everything.
            try state.use { store throws in #expect(try store.grant(of: record)?.grant == grant("2")) }
        }
        #expect(try crashed.hashes().count == 2)
    }

    @Test("A missing key file beside a database refuses the start, and no new key is made (O6)")
    func missingKey() throws {
        try state.fill()
        unlink(state.path("key"))
        let before = try state.hashes()
        #expect(
            state.refusal()
                == "the key file \(state.path("key")) is missing, but \(state.database) exists: put the key back"
        )
        #expect(try state.hashes() == before)
    }

    @Test("A truncated or lengthened key file refuses the start (O6)", arguments: [0, 1, 44, 46, 200])
    func truncatedKey(_ length: Int) throws {
        try state.fill()
        let text = try Data(contentsOf: state.url("key"))
        #expect(text.count == 45)
        let file = try FileHandle(forUpdating: state.url("key"))
        try file.truncate(atOffset: UInt64(length))
        // 44 characters without the newline are a whole key.
        let expected =
            length == 44 ? nil : "\(state.path("key")) must hold 32 bytes as base64 or as 64 hex digits"
        #expect(state.refusal() == expected)
    }

    @Test("A key file made beforehand is used")
    func keyBeforehand() throws {
        try state.fill()
        unlink(state.database)
        let key = try Data(contentsOf: state.url("key"))
        #expect(state.refusal() == nil)
        #expect(try Data(contentsOf: state.url("key")) == key)
    }
}
