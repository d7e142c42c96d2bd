// Decides what the shell does when the wall clock was set or the machine has slept: the engine derives its times anew in
// turns of its own, each queued behind whatever came in meanwhile, and tokens that no clock could judge at the start are
// read from the store again, for nobody has kept them.

import Engine
import GrantStore
import Vocabulary

extension FleetLoop {
    /// Compares the clocks with what they were when last looked at.
    func lookAtClocks() {
        enter { turn in
            turn.fleet.clockStepped(since: turn.clocks, turn.now, &turn.actions)
            turn.clocks = turn.now
            self.rederive()
        }
    }

    private func rederive() {
        enter { turn in
            // More are left: let requests and answers in between.
            if turn.fleet.rederive(turn.now, &turn.actions) { self.rederive() }
        }
    }

    /// Shows readers a token of the store again, if it is still the account's.
    func reread(_ operation: Operation, _ record: RecordID, _ name: AccountName) {
        rereading.async {
            do throws(StoreError) {
                guard let (grant, generation) = try self.store.grant(of: record) else { return }
                self.enter { turn in
                    let facts = turn.fleet.reread(operation, name, generation, turn.now, &turn.actions)
                    guard let facts else { return }
                    turn.cargo[operation] = Cargo(
                        grant: grant, facts: facts, obtainedAt: nil, succeededAt: nil)
                }
            } catch {
                // It counts as lapsed, and is refreshed.
                self.logUnreadable(error)
            }
        }
    }
}
