// Decides what an operator is told of the providers at a glance: a line for each whose client is not well, is bound by a
// budget or has accounts waiting, most serious first. Those that are simply well get none: they are the rule. Pure.

import TokenClient

/// The providers' lines of `tokenctl status`.
enum ClientLines {
    /// As many as leave the accounts on the screen.
    static let most = 10

    /// The lines without LF; none where nothing is to be told.
    static func render(_ clients: [ClientStatus], now: WallTime, _ paint: Paint) -> [String] {
        let rank = Dictionary(
            uniqueKeysWithValues: ClientStatus.State.allCases.enumerated().map { ($1, $0) })
        let told = clients.filter(isWorthTelling).sorted {
            (rank[$0.state]!, $0.meetsDeadlines ? 1 : 0, $0.provider)
                < (rank[$1.state]!, $1.meetsDeadlines ? 1 : 0, $1.provider)
        }
        let shown = told.prefix(most)
        let width = shown.map(\.provider.text.count).max() ?? 0
        let lines = shown.map { client in
            client.provider.text + String(repeating: " ", count: width - client.provider.text.count + 2)
                + sentence(client, now.epochSeconds, paint)
        }
        let more = told.count - shown.count
        return lines + (more > 0 ? ["and \(Int64(more).grouped) more: tokenctl status --json"] : [])
    }

    private static func isWorthTelling(_ client: ClientStatus) -> Bool {
        client.state != .ok || client.budget != nil || client.backlog > 0 || !client.meetsDeadlines
    }

    private static func sentence(_ client: ClientStatus, _ now: Int64, _ paint: Paint) -> String {
        var clauses = [paint(client.state.rawValue, client.state.color) + state(client, now)]
        if client.state != .ok, let next = client.nextAttemptAt {
            let what = client.state == .paused ? "next request" : "next probe"
            clauses.append("\(what) \(RelativeTime.plan(next, now: now))")
        }
        if client.backlog > 0 { clauses.append("\(client.backlog.grouped) wait") }
        clauses += deadlines(client, now)
        return clauses.joined(separator: "; ")
    }

    /// What follows the state's name.
    private static func state(_ client: ClientStatus, _ now: Int64) -> String {
        switch client.state {
        case .parked, .failing, .paused:
            let since = client.since.map { " for \(RelativeTime.spell(now.subtracting($0)))" } ?? ""
            let needs = client.needs == .operator || client.needs == .user ? ", needs \(client.needs)" : ""
            let reason = client.reason.map { ": " + (Reason(rawValue: $0)?.explanation ?? $0.printable) }
            return since + needs + (reason ?? "")
        case .recovering: return ""
        case .overloaded:
            let wanted = "\(client.accounts.grouped) accounts want \(client.demandPerHour.grouped) an hour"
            let given = client.requestsPerHour.map { ", \(giver(client)) \($0.grouped)" } ?? ""
            return ": \(wanted)\(given); those asked for lately come first"
        case .ok: return client.budget.map { ", \($0.printable)\(reduction(client))" } ?? ""
        }
    }

    private static func giver(_ client: ClientStatus) -> String {
        client.budget.map { "the budget \($0.printable) gives" } ?? "the provider allows"
    }

    /// What the provider leaves of the budget, where that is less.
    private static func reduction(_ client: ClientStatus) -> String {
        guard let given = client.requestsPerHour, let rate = client.budget.flatMap({ Rate($0) }),
            Double(given) < (rate.perSecond * 3600).rounded(.down)
        else { return "" }
        return " of which the provider now allows \(given.grouped) an hour"
    }

    private static func deadlines(_ client: ClientStatus, _ now: Int64) -> [String] {
        guard client.meetsDeadlines else {
            let first = client.firstMissedAt.map {
                ", the first \($0 > now ? "lapses" : "lapsed") \(RelativeTime.until($0, now: now))"
            }
            return client.state == .overloaded ? [] : ["not every deadline can be met" + (first ?? "")]
        }
        return client.state == .ok ? ["every deadline is met"] : []
    }
}
