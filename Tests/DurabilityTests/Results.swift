// Decides how a test waits for the store: for all completions of a group, without a sleep.

import Dispatch
import Synchronization

@testable import GrantStore

/// The results of a group of changes, filled in on the store's queue.
final class Results: Sendable {
    private let values: Mutex<[Result<ChangeOutcome, StoreError>?]>
    private let group = DispatchGroup()

    init(_ count: Int) {
        values = Mutex(Array(repeating: nil, count: count))
        for _ in 0..<count { group.enter() }
    }

    func set(_ result: Result<ChangeOutcome, StoreError>, at index: Int) {
        values.withLock { $0[index] = result }
        group.leave()
    }

    func wait() -> [Result<ChangeOutcome, StoreError>] {
        group.wait()
        return values.withLock { $0.map { $0! } }
    }
}
