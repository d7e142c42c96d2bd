// Decides what the writer keeps beside the database: whose answers room is held for, and which settlements the disk still
// owes. Both follow from what was written, and live on the writer's queue.

import Dispatch
import Synchronization
import Vocabulary

extension Writer {
    /// The room for answers, and whose answers it is held for.
    struct Room: Sendable {
        var reserve: Reserve
        var marked: Set<RecordID> = []
        /// Settlements that could not be written yet; nobody else repeats them.
        var owed: [RecordID: Change] = [:]
        var isRetryPlanned = false
    }

    /// Tries to write what is owed once more, in a second.
    func planRetry() {
        let mustPlan = room.withLock { room in
            guard !room.owed.isEmpty, !room.isRetryPlanned else { return false }
            room.isRetryPlanned = true
            return true
        }
        guard mustPlan else { return }
        queue.asyncAfter(deadline: .now() + .seconds(1)) { [weak self] in
            guard let self, !inbox.withLock({ $0.isClosed }) else { return }
            room.withLock { $0.isRetryPlanned = false }
            settleOwed()
            planRetry()
        }
    }

    func settleOwed() {
        let owed = room.withLock { Array($0.owed.values) }
        guard !owed.isEmpty else { return }
        for (change, result) in zip(owed, results(of: owed)) { note(change, result) }
    }

    /// Keeps count of the answers that room is held for.
    func note(_ change: Change, _ result: Result<ChangeOutcome, StoreError>) {
        room.withLock { room in
            switch (change, result) {
            case (.settle(let record, _, _), .failure): room.owed[record] = change
            case (.mark(let record, _, _), .success(.marked)):
                room.marked.insert(record)
                room.owed[record] = nil
            case (_, .success):
                guard let record = change.marksEnd else { return }
                room.marked.remove(record)
                room.owed[record] = nil
            case (_, .failure): break
            }
        }
    }

    /// Sets room aside for the answers that the group's marks announce; what is wrong where there is none.
    func lackOfRoom(for changes: [Change]) -> StoreError? {
        let marks = changes.count { if case .mark = $0 { true } else { false } }
        guard marks > 0 else { return nil }
        return room.withLock { room in
            do throws(StoreError) {
                try room.reserve.hold(answers: room.marked.count + marks)
                return nil
            } catch {
                return error
            }
        }
    }
}
