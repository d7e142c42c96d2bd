import Crypto
import Foundation
import Testing
import Vocabulary

@testable import GrantStore

@Suite("Sealer")
struct SealerTests {
    private let sealer = Sealer(SymmetricKey(data: Data(repeating: 7, count: 32)), bootID: "boot-1")

    private func subject(
        _ account: String = "p/alice", _ endpoint: String = "https://p.example/token",
        _ generation: UInt64 = 3
    ) -> Sealer.Subject {
        .init(account: name(account), tokenEndpoint: endpoint, generation: Generation(generation))
    }

    private func awaiting(_ grant: Grant) -> Grant {
        var grant = grant
        grant.awaitsFirstExchange = true
        return grant
    }

    @Test("What was sealed opens as the same grant, whatever is absent from it")
    func roundTrip() throws {
        let grants = [
            grant("1"), Grant(refreshToken: Secret("r")), Grant(refreshToken: Secret("r"), scope: ""),
            Grant(refreshToken: Secret(String(repeating: "é", count: 9_000)), redirectURI: "x"),
            grant("1", bootExpiry: BootTime(nanoseconds: -5)), grant("1", bootExpiry: .distantFuture),
            awaiting(grant("1")), awaiting(grant("1", bootExpiry: BootTime(nanoseconds: 5))),
        ]
        for grant in grants {
            let sealed = sealer.seal(grant, as: subject(), obtainedAt: WallTime(nanoseconds: -1))
            #expect(try sealer.open(sealed, as: subject()) == grant)
        }
    }

    @Test(
        "A grant does not open as another account's, for another endpoint or as another generation",
        arguments: [
            ("p/alicf", "https://p.example/token", UInt64(3)), ("q/alice", "https://p.example/token", 3),
            ("p/alice", "https://q.example/token", 3), ("p/alice", "https://p.example/token", 2),
            ("p/alice", "https://p.example/token", 4),
        ])
    func bound(_ account: String, _ endpoint: String, _ generation: UInt64) throws {
        let sealed = sealer.seal(grant("1"), as: subject(), obtainedAt: nil)
        let other = subject(account, endpoint, generation)
        #expect(throws: RecordDamage.notAuthentic) { _ = try sealer.openAccess(sealed, as: other) }
        #expect(throws: RecordDamage.notAuthentic) { _ = try sealer.open(sealed, as: other) }
    }

    @Test("Where one field ends and the next begins is part of what is bound")
    func unambiguous() {
        var first = FieldWriter()
        first.append("ab")
        first.append("c")
        var second = FieldWriter()
        second.append("a")
        second.append("bc")
        var third = FieldWriter()
        third.append("abc")
        third.append("")
        var fourth = FieldWriter()
        fourth.append("abc")
        fourth.append(String?.none)
        #expect(Set([first.bytes, second.bytes, third.bytes, fourth.bytes]).count == 4)
    }

    @Test(
        "Every flipped bit of either half, and every other time, is noticed without opening the refresh half")
    func everyBit() throws {
        let sealed = sealer.seal(grant("1"), as: subject(), obtainedAt: WallTime(nanoseconds: 5))
        for index in 0..<sealed.refresh.count * 8 {
            var changed = sealed
            changed.refresh[index / 8] ^= 1 << UInt8(index % 8)
            #expect(throws: RecordDamage.notAuthentic) { _ = try sealer.openAccess(changed, as: subject()) }
        }
        for index in 0..<sealed.access.count * 8 {
            var changed = sealed
            changed.access[index / 8] ^= 1 << UInt8(index % 8)
            let damage: RecordDamage = index < 8 ? .unknownFormat : .notAuthentic
            #expect(throws: damage) { _ = try sealer.openAccess(changed, as: subject()) }
        }
        var changed = sealed
        changed.expiresAt = nil
        #expect(throws: RecordDamage.notAuthentic) { _ = try sealer.openAccess(changed, as: subject()) }
        changed = sealed
        changed.obtainedAt = WallTime(nanoseconds: 6)
        #expect(throws: RecordDamage.notAuthentic) { _ = try sealer.openAccess(changed, as: subject()) }
    }

    @Test("A half cut anywhere is refused")
    func cut() throws {
        let sealed = sealer.seal(grant("1"), as: subject(), obtainedAt: nil)
        for length in 0..<sealed.access.count {
            var changed = sealed
            changed.access = changed.access.prefix(length)
            #expect(throws: RecordDamage.self) { _ = try sealer.openAccess(changed, as: subject()) }
        }
    }

    @Test("The halves of one grant do not pass for those of another of the same account")
    func halvesBelongTogether() throws {
        let first = sealer.seal(grant("1"), as: subject(), obtainedAt: nil)
        var mixed = sealer.seal(grant("2"), as: subject(), obtainedAt: nil)
        mixed.refresh = first.refresh
        #expect(throws: RecordDamage.notAuthentic) { _ = try sealer.openAccess(mixed, as: subject()) }
        mixed = first
        mixed.access = first.refresh
        #expect(throws: RecordDamage.notAuthentic) { _ = try sealer.openAccess(mixed, as: subject()) }
    }

    @Test("The same grant is never sealed to the same bytes")
    func nonces() {
        let sealed = (0..<100).map { _ in sealer.seal(grant("1"), as: subject(), obtainedAt: nil) }
        #expect(Set(sealed.map(\.refresh)).count == 100)
        #expect(Set(sealed.map(\.access)).count == 100)
    }

    @Test("Another master key has another name and opens nothing")
    func otherKey() throws {
        let other = Sealer(SymmetricKey(data: Data(repeating: 8, count: 32)), bootID: "boot-1")
        #expect(other.keyID != sealer.keyID)
        #expect(
            Sealer(SymmetricKey(data: Data(repeating: 7, count: 32)), bootID: "boot-1").keyID == sealer.keyID)
        #expect(sealer.keyID.count == 16)
        let sealed = sealer.seal(grant("1"), as: subject(), obtainedAt: nil)
        #expect(throws: RecordDamage.notAuthentic) { _ = try other.openAccess(sealed, as: subject()) }
    }

    @Test("The format does not change by accident: a record sealed by the first version opens")
    func fixedFormat() throws {
        let refresh =
            "AUcneqV81b9tIywIFnbEqNbkc3REMvaI4PURDmcpTBcuJLmxXZjJP3altXORpRBRIEs+mO/iC9dSK73tD3qzohF1C9qMHAeGZ5g="
        let access =
            "AdWgPiWNNQwHKtofoAXpYWPukyTc69eGYvbdDqGzr4bhPtVnV5A2PbMCGGIN9L85Ikh38nB+xDei+1l6UzFTlX4bock="
        let sealed = Sealer.SealedGrant(
            refresh: try #require(Data(base64Encoded: refresh)),
            access: try #require(Data(base64Encoded: access)),
            expiresAt: grant("1").accessToken?.expiresAt, obtainedAt: WallTime(epochSeconds: 1_799_999_000))
        #expect(try sealer.open(sealed, as: subject()) == grant("1"))
        #expect(sealer.keyID == "64dc8e5ec831ac05")
    }
}
