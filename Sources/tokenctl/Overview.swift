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

    /// The lists to ask for: all accounts where they are few, else those that are not well or soon will not be, until the
    /// table is full.
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
        if left > 0, ending(daemon) > 0 {
            filters.append(ListFilter(state: .ok, needs: .user, limit: left))
        }
        return filters
    }

    /// The whole text, LF at its end.
    func render(now: WallTime, _ paint: Paint) -> String {
        var lines = summary(now: now, paint)
        let clients = ClientLines.render(daemon.providers, now: now, paint)
        if !clients.isEmpty { lines += [""] + clients }
        let rank = Dictionary(uniqueKeysWithValues: Self.worstFirst.enumerated().map { ($1, $0) })
        let shown =
            accounts.map { (rank[$0.state]!, $0.needs == .user ? 0 : 1, $0.account, $0) }
            .sorted { ($0.0, $0.1, $0.2) < ($1.0, $1.1, $1.2) }
            .prefix(Self.longestTable).map(\.3)
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
            "accounts   " + counts(paint) + endings,
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

    /// Accounts that are served as long as their refresh token lives, which ends soon.
    private static func ending(_ daemon: DaemonStatus) -> Int64 {
        max(0, (daemon.needs[.user] ?? 0) - (daemon.accounts[.loginNeeded] ?? 0))
    }

    private var endings: String {
        let ending = Self.ending(daemon)
        return ending == 0 ? "" : "; \(ending.grouped) must log in again soon"
    }

    /// A line for each state whose accounts did not all fit.
    private func remainders(_ shown: [AccountStatus]) -> [String] {
        let total = daemon.accounts.values.reduce(0, +)
        guard total > Self.longestTable else { return [] }
        return Self.worstFirst.compactMap { state in
            guard state != .ok else {
                let seen = shown.count { $0.needs == .user && $0.state != .loginNeeded }
                return Self.remainder(Self.ending(daemon) - Int64(seen), "--needs user")
            }
            let more = (daemon.accounts[state] ?? 0) - Int64(shown.count { $0.state == state })
            return Self.remainder(more, "--state \(state.rawValue)")
        }
    }

    private static func remainder(_ count: Int64, _ filter: String) -> String? {
        count > 0 ? "and \(count.grouped) more: tokenctl list \(filter)" : nil
    }
}
