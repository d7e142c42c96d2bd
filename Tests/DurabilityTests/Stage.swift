// Decides where a run takes place: a state directory of its own, in memory, the world outside, and, when the run is
// recorded, what that world was at each note between the steps on the disk.

import DiskTrace
import Foundation
import Vocabulary

@testable import GrantStore

/// A directory that is deleted with its last reference, and the world around it.
final class Stage {
    /// Where the state directory is made.
    let parent: String
    var outside: Outside
    /// The world at the start and after each note.
    private(set) var moments: [Outside]
    private(set) var violations: [Violation] = []
    /// What a broken daemon does, to see whether the proof can fail.
    var sabotage: Sabotage?
    var trace: DiskTrace?

    var directory: String { parent + "/state" }

    init(_ outside: Outside = Outside(), _ tree: FileTree = FileTree()) throws {
        let memory = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : NSTemporaryDirectory()
        parent = memory + "/durability-" + UUID().uuidString
        self.outside = outside
        moments = [outside]
        try tree.write(to: parent)
    }

    deinit { try? FileManager.default.removeItem(atPath: parent) }

    /// Something was done or said: a crash from here on finds the world as it is now.
    func note(_ text: @autoclosure () -> String) {
        guard let trace else { return }
        moments.append(outside)
        trace.note(text())
    }

    func violate(_ invariant: Invariant, _ detail: String) {
        violations.append(Violation(invariant: invariant, detail: detail))
    }

    func open(_ schema: Schema = .current) throws(StoreError) -> GrantStore {
        try GrantStore(directory, .file, schema, bootID: outside.bootID) { "https://\($0).example/token" }
    }

    /// Records the run of `body` from what the directory holds now.
    func record(_ body: (Stage) throws -> Void) throws -> Recording {
        moments = [outside]
        defer { trace = nil }
        return try DiskTrace.record(below: parent) { trace in
            self.trace = trace
            try body(self)
        }
    }
}

extension GrantStore {
    /// Carries out changes in one transaction and waits for them.
    func carryOut(_ changes: [Change]) -> [Result<ChangeOutcome, StoreError>] {
        let results = Results(changes.count)
        let begun = DispatchSemaphore(value: 0)
        let resume = DispatchSemaphore(value: 0)
        if changes.count > 1 {
            // A change of nothing, whose completion holds the store's queue as a slow commit would: the others meet there.
            submit(.remove(RecordID(rowID: -1))) { _ in
                begun.signal()
                resume.wait()
            }
            begun.wait()
        }
        for (index, change) in changes.enumerated() { submit(change) { results.set($0, at: index) } }
        resume.signal()
        return results.wait()
    }
}

extension Stage {
    /// The user logs in at the provider, and what that yields is on its way to the daemon.
    func login(_ family: String) -> RefreshToken? { outside.authority.login(family) }
}
