// Decides that a disk which really has no room costs nothing: the answer to a refresh under way becomes durable in the room
// that was set aside for it, no other refresh begins, and what is served goes on being served until there is room again.
// A file system of its own is needed for that: a small tmpfs, where the test may mount one.

import Evidence
import Foundation
import Glibc
import Testing
import Vocabulary

@testable import GrantStore

@Suite("DurabilityTests: a disk without room (R2)")
struct FullDiskTests {
    private static let alice = AccountName("strict/alice")!

    @Test(
        "A disk that fills while the provider answers: the answer is durable, the next refresh waits for room (R2)"
    )
    func filled() throws {
        let stage = try Stage()
        guard mount("tmpfs", stage.parent, "tmpfs", 0, "size=3m,mode=700") == 0 else {
            return print(
                "durability: no file system may be mounted here (\(String(cString: strerror(errno)))): skipped"
            )
        }
        defer { umount2(stage.parent, Int32(MNT_DETACH)) }
        let store = try stage.open()
        defer { store.close() }
        try stage.seed(store, Self.alice, lifeLeft: .seconds(1_000))
        let shell = Shell(stage, store)

        shell.run { $0.begun[Self.alice] == 1 }
        try fill(stage)
        shell.runUntilEnded(1, of: Self.alice)
        #expect(
            stage.outside.reported[Self.alice]?.refresh == "strict/alice#1", "durable, thanks to the reserve")
        #expect(shell.state(Self.alice)?.state == .ok)

        try fill(stage)
        shell.run(for: .seconds(3_000))
        #expect(shell.begun[Self.alice] == 1, "no refresh begins without room for its answer")
        #expect(shell.state(Self.alice)?.reason == "storage")
        let shown = try #require(shell.table[Self.alice])
        #expect(shown.expiry > stage.outside.now.boot, "the old token is served")

        try FileManager.default.removeItem(atPath: Self.filler(stage))
        shell.run(for: .seconds(120))
        #expect(shell.state(Self.alice)?.state == .ok, "it recovers by itself")
        #expect(stage.outside.reported[Self.alice]?.refresh == "strict/alice#2")
        #expect(stage.outside.authority.reusesTotal == 0)
        #expect(stage.violations.map(\.description) == [])
        Evidence.record(
            "R2", injected: "a file system filled to the last byte while the provider answers", times: 1,
            held: "the answer is durable, the next refresh waits, the token is served; it recovers by itself")
    }

    private static func filler(_ stage: Stage) -> String { stage.parent + "/filler" }

    /// Takes every byte that is left.
    private func fill(_ stage: Stage) throws {
        let file = open(Self.filler(stage), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        try #require(file >= 0)
        defer { close(file) }
        let block = [UInt8](repeating: 1, count: 4_096)
        while write(file, block, block.count) > 0 {}
        #expect(errno == ENOSPC)
    }
}
