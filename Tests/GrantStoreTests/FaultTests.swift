// Decides that a disk that fails, once or from then on, in any operation, costs no grant that was reported durable,
// and that the store works again when the disk does.

import DiskTrace
import Foundation
import Testing
import Vocabulary

@testable import GrantStore

@Suite("Faults in every operation (R2)")
struct FaultTests {
    /// A way to fail, for each operation in turn.
    struct Way: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let fault: @Sendable (Int) -> DiskFault
    }

    static let ways = [
        Way(testDescription: "EIO once") { .ioError($0) },
        Way(testDescription: "EIO from then on") { .ioError($0, isSticky: true) },
        Way(testDescription: "EIO once, reads included") { .ioError($0, [.changes, .open, .read]) },
        Way(testDescription: "ENOSPC once") { .noSpace($0) },
        Way(testDescription: "ENOSPC from then on") { .noSpace($0, isSticky: true) },
        Way(testDescription: "one short write") { .shortWrite($0) },
        Way(testDescription: "a short write, and none from then on") { .shortWrite($0, isSticky: true) },
    ]

    @Test(
        "Whatever fails of opening, adding, replacing, removing and closing, no reported change is lost",
        arguments: ways)
    func closedUnderFault(_ way: Way) throws {
        try tryAll(way, mendsBeforeClosing: false)
    }

    @Test(
        "When the fault is gone the same store carries out changes again, and they are durable",
        arguments: ways)
    func mended(_ way: Way) throws {
        try tryAll(way, mendsBeforeClosing: true)
    }

    /// Lets each operation fail in turn until a run gets by without it.
    private func tryAll(_ way: Way, mendsBeforeClosing: Bool) throws {
        let clock = ContinuousClock()
        let start = clock.now
        var complaints: [String] = []
        var nth = 1
        while true {
            var run = FaultRun(state: try TemporaryStore(inMemory: true))
            let fault = way.fault(nth)
            let recording = try DiskTrace.record(below: run.state.parent) { _ in
                try run.carryOut(under: fault, mendsBeforeClosing: mendsBeforeClosing)
            }
            run.check(recording)
            complaints += run.complaints.map { "\(fault): \($0)" }
            guard run.wasReached else { break }
            nth += 1
        }
        #expect(complaints.prefix(5) == [])
        #expect(complaints.count == 0)
        #expect(nth > 10, "the fault is tried at every operation")
        print(
            "grant store: \(way.testDescription), \(mendsBeforeClosing ? "mended, then closed" : "closed under it"):",
            "\(nth - 1) faults, \(clock.now - start)")
    }
}

/// One life of a store on a disk that fails, and what may be in it.
private struct FaultRun {
    let state: TemporaryStore
    /// What was reported durable.
    private var ledger = Ledger()
    /// What is there if a change that was reported as failed is found in the log after all: after a failed sync nobody
    /// knows. Until the next commit writes over it.
    private var alternatives: [Ledger] = []
    private(set) var wasReached = false
    private(set) var complaints: [String] = []

    init(state: TemporaryStore) { self.state = state }

    private static let changes: [Change] = [
        .add(name("p/alice"), grant("1"), obtainedAt: nil),
        .replace(RecordID(rowID: 1), after: .first, grant("2"), obtainedAt: nil, succeededAt: nil),
        .replace(RecordID(rowID: 1), after: Generation(2), grant("3"), obtainedAt: nil, succeededAt: nil),
        .add(name("p/bob"), grant("4"), obtainedAt: nil),
        .remove(RecordID(rowID: 1)),
    ]

    mutating func carryOut(under fault: DiskFault, mendsBeforeClosing: Bool) throws {
        let (store, wasReached) = DiskTrace.failing(fault, below: state.parent) {
            // The second attempt is the restart after a failed start.
            let store = (try? state.open()) ?? (try? state.open())
            if let store { for change in Self.changes { carryOut(change, store) } }
            if !mendsBeforeClosing { store?.close() }
            return store
        }
        self.wasReached = wasReached
        guard mendsBeforeClosing else { return }
        let mended = try store ?? state.open()
        defer { mended.close() }
        for index in 0..<2 {
            let change = Change.add(name("p/later\(index)"), grant("5"), obtainedAt: nil)
            if !carryOut(change, mended) { complaints.append("no change after the fault") }
        }
        let found = try Ledger(reading: mended)
        if found.accounts != ledger.accounts { complaints.append("shows \(found.summary)") }
    }

    /// - Returns: whether it was reported durable.
    @discardableResult
    private mutating func carryOut(_ change: Change, _ store: GrantStore) -> Bool {
        var next = ledger
        let expected = next.carryOut(change)
        switch store.carryOut([change])[0] {
        case .failure:
            alternatives.append(next)
            return false
        case .success(let outcome):
            if outcome != expected { complaints.append("\(outcome) instead of \(expected)") }
            if next != ledger { alternatives = [] }
            ledger = next
            return true
        }
    }

    /// What a restart finds, and what one after a power cut finds.
    mutating func check(_ recording: Recording) {
        check(state, "after a restart")
        do {
            let image = try TemporaryStore(inMemory: true)
            try recording.image(.powerCut(after: recording.steps.count, .everythingUnsynced))
                .write(to: image.parent)
            check(image, "after a power cut")
        } catch {
            complaints.append("\(error)")
        }
    }

    private mutating func check(_ state: TemporaryStore, _ when: String) {
        do {
            let found = try state.use { try Ledger(reading: $0) }
            guard ([ledger] + alternatives).contains(where: { $0.accounts == found.accounts }) else {
                return complaints.append("\(when) \(found.summary) instead of \(ledger.summary)")
            }
        } catch {
            complaints.append("\(when): \(error)")
        }
    }
}
