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
            let ending = state == .loginNeeded ? daemon.needs[.user] : nil
            let count = ending ?? daemon.accounts[state] ?? 0
            guard count > 0 else { continue }
            filters.append(
                ending == nil
                    ? ListFilter(state: state, limit: left) : ListFilter(needs: .user, limit: left))
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
        // An account may have come by two lists: by whom it needs, and by its state.
        let distinct = Dictionary(accounts.map { ($0.account, $0) }) { $1 }
        // One that is well while its user must log in stands behind those that are not.
        let ranked = distinct.values.map {
            (rank[$0.needs == .user ? .loginNeeded : $0.state]!, rank[$0.state]!, $0)
        }
        let shown =
            ranked.sorted { ($0.0, $0.1, $0.2.account) < ($1.0, $1.1, $1.2.account) }
            .prefix(Self.longestTable).map(\.2)
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
    private var endings: String {
        let ending = max(0, (daemon.needs[.user] ?? 0) - (daemon.accounts[.loginNeeded] ?? 0))
        return ending == 0 ? "" : "; \(ending.grouped) must log in again soon"
    }

    /// A line for each state whose accounts did not all fit.
    private func remainders(_ shown: [AccountStatus]) -> [String] {
        let total = daemon.accounts.values.reduce(0, +)
        guard total > Self.longestTable else { return [] }
        return Self.worstFirst.compactMap { state in
            guard state != .ok else { return nil }
            if state == .loginNeeded, let users = daemon.needs[.user] {
                return Self.remainder(users - Int64(shown.count { $0.needs == .user }), "--needs user")
            }
            let more = (daemon.accounts[state] ?? 0) - Int64(shown.count { $0.state == state })
            return Self.remainder(more, "--state \(state.rawValue)")
        }
    }

    private static func remainder(_ count: Int64, _ filter: String) -> String? {
        count > 0 ? "and \(count.grouped) more: tokenctl list \(filter)" : nil
    }
}
