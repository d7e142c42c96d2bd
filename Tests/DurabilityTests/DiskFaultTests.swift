// Decides that a disk that fails in any operation, once or from then on, costs no grant and makes no provider suspicious:
// while it fails, what cannot be written is served and nothing new begins; when it is well again, so is every account.

import DiskTrace
import Dispatch
import Evidence
import Synchronization
import Testing
import Vocabulary

@testable import GrantStore

@Suite("DurabilityTests: a disk that fails at every operation (R2)")
struct DiskFaultTests {
    struct Way: CustomTestStringConvertible, Sendable {
        let testDescription: String
        /// A disk that stays broken outlives every window, in which the replay of a lost answer would be of use.
        var lost = Delivery.answerLost
        let fault: @Sendable (Int) -> DiskFault
    }

    static let ways = [
        Way(testDescription: "EIO once") { .ioError($0) },
        Way(testDescription: "EIO from then on", lost: .requestLost) { .ioError($0, isSticky: true) },
        Way(testDescription: "ENOSPC once") { .noSpace($0) },
        Way(testDescription: "ENOSPC from then on", lost: .requestLost) { .noSpace($0, isSticky: true) },
        Way(testDescription: "one short write") { .shortWrite($0) },
        Way(testDescription: "a short write, and none from then on", lost: .requestLost) {
            .shortWrite($0, isSticky: true)
        },
    ]

    @Test("Whatever fails, no rotated grant is lost, and all is well when the disk is (R2)", arguments: ways)
    func everyOperation(_ way: Way) throws {
        let clock = ContinuousClock()
        let start = clock.now
        var complaints: [String] = []
        var reached = 0
        var unsavedWrites = 0
        // Several lives side by side, until one gets by without the fault.
        while true {
            let runs = run(way, from: reached + 1)
            complaints += runs.flatMap(\.complaints)
            reached += runs.count { $0.wasReached }
            unsavedWrites += runs.reduce(0) { $0 + $1.unsavedWrites }
            if !runs.allSatisfy(\.wasReached) { break }
        }
        #expect(complaints.prefix(5) == [])
        #expect(complaints.count == 0)
        // One failure alone is made good by the second attempt on a fresh connection.
        #expect((unsavedWrites > 0) == (way.lost == .requestLost))
        #expect(reached > 10, "the fault is tried at every operation")
        print(
            "durability: \(way.testDescription): \(reached) faults, \(unsavedWrites) unsaved writes, \(clock.now - start)"
        )
        Evidence.record(
            "R2", injected: "\(way.testDescription), at each operation of a life in turn", times: reached,
            held: "no rotated grant lost, 0 reuse; served meanwhile; durable once the disk is well")
    }
}

extension DiskFaultTests {
    private struct Run: Sendable {
        var wasReached = false
        var unsavedWrites = 0
        var complaints: [String] = []
    }

    private func run(_ way: Way, from first: Int) -> [Run] {
        let runs = Mutex([Run](repeating: Run(), count: 8))
        DispatchQueue.concurrentPerform(iterations: 8) { index in
            let fault = way.fault(first + index)
            var run = Run()
            do {
                let life = try FaultyLife(way.lost)
                try life.run(under: fault)
                run.wasReached = life.wasReached
                run.unsavedWrites = life.unsavedWrites
                run.complaints = life.stage.violations.map { "\(fault): \($0)" }
            } catch {
                run.complaints = ["\(fault): \(error)"]
            }
            runs.withLock { [run] in $0[index] = run }
        }
        return runs.withLock { $0 }
    }
}

/// A whole life under a fault: a start, an account, two refreshes, a lost answer and its replay, a removal, a stop.
final class FaultyLife {
    private static let alice = AccountName("grace/alice")!
    private static let bob = AccountName("strict/bob")!
    private static let carol = AccountName("strict/carol")!

    let stage: Stage
    private(set) var wasReached = false
    /// How often a rotated grant could not be written.
    private(set) var unsavedWrites = 0
    private let lost: Delivery

    init(_ lost: Delivery) throws {
        self.lost = lost
        stage = try Stage()
        let store = try stage.open()
        try stage.seed(store, Self.alice, lifeLeft: .seconds(1_000))
        try stage.seed(store, Self.bob, lifeLeft: .seconds(1_000))
        store.close()
    }

    func run(under fault: DiskFault) throws {
        let recording = try DiskTrace.record(below: stage.parent) { _ in
            let (shell, wasReached) = DiskTrace.failing(fault, below: stage.parent) { live() }
            self.wasReached = wasReached
            let mended = try shell ?? Shell(stage, stage.open())
            mend(mended)
            mended.stop()
            mended.run(for: .seconds(60)) { $0.hasFinished }
            mended.store.close()
        }
        let image = try Stage(
            stage.outside, recording.image(.powerCut(after: recording.steps.count, .everythingUnsynced)))
        for stage in [stage, image] { try check(stage) }
    }

    /// What happens while the disk may fail: none of it may wait for the disk for ever.
    private func live() -> Shell? {
        // The second attempt is the restart after a failed start.
        guard let store = (try? stage.open()) ?? (try? stage.open()) else { return nil }
        let shell = Shell(stage, store)
        if let carol = stage.login(Self.carol.text) { shell.add([(Self.carol, carol)]) }
        shell.run(for: .seconds(400)) { $0.failuresInARow > 12 }
        stage.outside.deliveries[Self.alice] = [.answered, lost]
        shell.run(for: .seconds(7_000)) { $0.ended[Self.alice, default: 0] >= 3 || $0.failuresInARow > 12 }
        _ = shell.remove(Self.carol)
        shell.run(for: .seconds(5))
        checkServing(shell)
        unsavedWrites = shell.unsavedWrites
        // Ending now would lose what is in memory only; the daemon says so, and does not end by itself.
        guard shell.fleet.unsavedAccounts.isEmpty else { return shell }
        shell.stop()
        shell.run(for: .seconds(60)) { $0.hasFinished }
        shell.store.close()
        return nil
    }

    /// A valid token goes on being served, whatever the disk does.
    private func checkServing(_ shell: Shell) {
        for name in shell.fleet.unsavedAccounts where shell.table[name] == nil {
            stage.violate(.served, "\(name)")
        }
    }

    /// The disk is well: every account must become so, and what a client wants is done. A mark that was reported failed may
    /// be found in the log: then nothing was sent, and the account waits for its late replay all the same.
    private func mend(_ shell: Shell) {
        shell.run(for: .seconds(400))
        shell.run { shell in [Self.alice, Self.bob].allSatisfy { shell.state($0)?.state == .ok } }
        for name in [Self.alice, Self.bob] {
            guard let status = shell.state(name), status.state == .ok, shell.fleet.unsavedAccounts.isEmpty
            else {
                stage.violate(.mended, "\(name): \(shell.state(name)?.reason ?? "-")")
                continue
            }
        }
        if shell.state(Self.carol) != nil { _ = shell.remove(Self.carol) }
        if shell.state(Self.carol) != nil { stage.violate(.mended, "carol cannot be removed") }
    }

    private func check(_ stage: Stage) throws {
        let store = try stage.open()
        defer { store.close() }
        let records = try Recovery.records(store, stage.outside.now)
        for record in records {
            let token = RefreshToken(record.held.refresh)
            let authority = stage.outside.authority
            if authority.isRevoked(token.family) || authority.live(token.family) != token {
                self.stage.violate(.durable, "\(record.name): \(token.text)")
            }
            if record.held != stage.outside.reported[record.name] {
                self.stage.violate(.durable, "\(record.name): \(record.held), not as reported")
            }
            if record.standing != nil { self.stage.violate(.stopped, "\(record.name): \(record.standing!)") }
        }
        if Set(records.map(\.name)) != [Self.alice, Self.bob] {
            self.stage.violate(.durable, "\(records.map(\.name))")
        }
        if stage.outside.authority.reusesTotal > 0 { self.stage.violate(.presented, "reused") }
    }
}
