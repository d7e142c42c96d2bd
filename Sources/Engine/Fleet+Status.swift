// Decides what STATUS and LIST say. They look and change nothing.

import Vocabulary
import WireProtocol

extension Fleet {
    /// The account as `STATUS <account>` shows it; nil when there is none.
    public func status(of name: AccountName, _ now: Moment) -> AccountStatus? {
        indices[name].flatMap { machines[$0] }?.status(now)
    }

    /// How many accounts are in each state, and the earliest planned attempt. O(accounts), some ns each.
    public func summary(_ now: Moment) -> (accounts: [AccountState: Int64], nextRefreshAt: WallTime?) {
        var counts: [AccountState: Int64] = [:]
        var next = BootTime.distantFuture
        for case let machine? in machines {
            counts[machine.state(now.boot), default: 0] += 1
            if machine.exchange == .none { next = min(next, machine.attemptAt) }
        }
        return (counts, next == .distantFuture ? nil : max(now.wall, now.wall(at: next)))
    }

    /// A page of accounts in name order.
    public mutating func list(_ options: ListOptions, _ now: Moment) -> (
        accounts: [AccountStatus], more: Bool
    ) {
        var page: [AccountStatus] = []
        for entry in names.entries(after: options.after) {
            guard let machine = machines[entry.index], options.glob?.matches(entry.name.text) ?? true,
                options.state.map({ $0 == machine.state(now.boot) }) ?? true
            else { continue }
            guard page.count < options.limit else { return (page, true) }
            page.append(machine.status(now))
        }
        return (page, false)
    }
}
