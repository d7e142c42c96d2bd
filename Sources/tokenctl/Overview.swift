// Decides what an operator sees first: the daemon in four lines, the providers that need a word, then the accounts that somebody should look at, worst
// first and no more than a screen holds, whatever the number of accounts. Pure.

import TokenClient

/// What `tokenctl status` shows.
struct Overview {
    /// As many accounts as fit a small terminal beside the summary.
    static let longestTable = 20

    /// From worst to well: a person needed, then unsure, then failing, then on its way.
    static let worstFirst: [AccountState] = [
        .operatorNeeded, .loginNeeded, .expired, .inDoubt, .retrying, .new, .refreshing, .ok,
    ]

    let daemon: DaemonStatus
    let accounts: [AccountStatus]

    /// The lists to ask for: all accounts where they are few, else those that are not well, until the table is full.
    static func filters(for daemon: DaemonStatus) -> [ListFilter] {
        let total = daemon.accounts.values.reduce(0, +)
        guard total > 0 else { return [] }
        guard total > longestTable else { return [ListFilter(limit: longestTable)] }
        var left = longestTable
        var filters: [ListFilter] = []
        for state in worstFirst where state != .ok && left > 0 {
            let count = daemon.accounts[state] ?? 0
            guard count > 0 else { continue }
            filters.append(ListFilter(state: state, limit: left))
            left -= Int(min(count, Int64(left)))
        }
        return filters
    }

    /// The whole text, LF at its end.
    func render(now: WallTime, _ paint: Paint) -> String {
        var lines = summary(now: now, paint)
        let clients = ClientLines.render(daemon.providers, now: now, paint)
        if !clients.isEmpty { lines += [""] + clients }
        let rank = Dictionary(uniqueKeysWithValues: Self.worstFirst.enumerated().map { ($1, $0) })
        let shown = Array(
            accounts.sorted { (rank[$0.state]!, $0.account) < (rank[$1.state]!, $1.account) }
                .prefix(Self.longestTable))
        if !shown.isEmpty { lines += ["", AccountTable.render(shown, now: now, paint)] }
        lines += remainders(shown)
        return lines.joined(separator: "\n") + "\n"
    }

    private func summary(now: WallTime, _ paint: Paint) -> [String] {
        let nowSeconds = now.epochSeconds
        let up = RelativeTime.spell(max(nowSeconds.subtracting(daemon.startedAt), 0))
        let next =
            daemon.nextRefreshAt.map { "next \(RelativeTime.plan($0, now: nowSeconds))" } ?? "none planned"
        return [
            "tokend \(daemon.version.printable), pid \(daemon.pid), up \(up)"
                + " (since \(RelativeTime.utc(daemon.startedAt)))",
            "accounts   " + counts(paint),
            "refreshes  \(daemon.refreshesTotal.grouped) done, \(daemon.failuresTotal.grouped) failed, \(next)",
            "clients    \(daemon.clients.grouped) connected, \(daemon.requestsTotal.grouped) requests",
        ]
    }

    private func counts(_ paint: Paint) -> String {
        let total = daemon.accounts.values.reduce(0, +)
        guard total > 0 else { return "none yet: tokenctl add or tokenctl import brings them" }
        let parts = Self.worstFirst.reversed().compactMap { state -> String? in
            guard let count = daemon.accounts[state], count > 0 else { return nil }
            return paint("\(count.grouped) \(state.rawValue)", state.color)
        }
        return "\(total.grouped): " + parts.joined(separator: ", ")
    }

    /// A line for each state whose accounts did not all fit.
    private func remainders(_ shown: [AccountStatus]) -> [String] {
        let total = daemon.accounts.values.reduce(0, +)
        guard total > Self.longestTable else { return [] }
        return Self.worstFirst.compactMap { state in
            guard state != .ok else { return nil }
            let more = (daemon.accounts[state] ?? 0) - Int64(shown.count { $0.state == state })
            guard more > 0 else { return nil }
            return "and \(more.grouped) more: tokenctl list --state \(state.rawValue)"
        }
    }
}
