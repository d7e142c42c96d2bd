// Decides which accounts a forecast is about, and how it reads: the question, a line for each provider, the answer. Pure.

import Simulation
import TokenClient

/// What `tokenctl forecast` works with and shows.
struct ForecastTable {
    let forecast: Forecast
    let outage: Duration
    /// Accounts that no refresh helps: they need a person.
    let leftOut: Int

    init(daemon: DaemonStatus, accounts: [AccountStatus], outage: Duration, now: WallTime) {
        let live = accounts.filter { $0.needs != .user && $0.needs != .operator }
        leftOut = accounts.count - live.count
        self.outage = outage
        var budgets: [ProviderName: Rate] = [:]
        for provider in daemon.providers {
            budgets[provider.provider] =
                provider.budget.flatMap { Rate($0) } ?? provider.requestsPerHour.flatMap(Self.rate)
        }
        forecast = Forecast(
            accounts: live.map { Self.account($0, now.epochSeconds) }, budgets: budgets, outage: outage)
    }

    /// What the provider's answers tell of a client that has no budget of its own.
    private static func rate(requestsPerHour: Int64) -> Rate? {
        guard requestsPerHour > 0 else { return nil }
        return requestsPerHour <= Int64(Rate.mostRequests)
            ? Rate(Int(requestsPerHour), per: .hour)
            : Rate(Int(clamping: requestsPerHour / 3600), per: .second)
    }

    /// A daemon older than its `lifetime` member leaves us the life that is left, or the hour that most providers give.
    private static func account(_ status: AccountStatus, _ now: Int64) -> Forecast.Account {
        let left = status.expiresAt.map { $0.subtracting(now) } ?? 0
        return Forecast.Account(
            name: status.account, lifetime: .seconds(status.lifetime ?? max(left, 3600)),
            expiresIn: .seconds(left))
    }

    /// What is asked, in a line.
    func question(_ provider: ProviderName?) -> String {
        guard outage > .zero else { return "With every provider up" }
        return "If \(provider?.text ?? "every provider") is down from now on for \(Self.spell(outage))"
    }

    /// The whole text, LF at its end.
    func render(_ outcome: Outcome, only provider: ProviderName?, _ paint: Paint) -> String {
        guard !outcome.clients.isEmpty else { return "there is no account to forecast for\(remark)\n" }
        let header = ["PROVIDER", "ACCOUNTS", "BUDGET", "LAPSE", "FIRST LAPSE", "CAUGHT UP"]
        let rows = outcome.clients.map(row)
        let widths = header.indices.map { column in
            ([header] + rows).reduce(0) { max($0, $1[column].count) }
        }
        var lines = ["\(question(provider)):", "", line(header, widths, nil)]
        for (client, row) in zip(outcome.clients, rows) {
            let lapses = client.tally.lapsesTotal + client.tally.lapsedAtStart > 0
            lines.append(line(row, widths, { paint($0, lapses ? .red : .green) }))
        }
        lines += ["", answer(outcome.total) + remark]
        return lines.joined(separator: "\n") + "\n"
    }

    private func row(_ client: Outcome.Client) -> [String] {
        let tally = client.tally
        return [
            client.name.text, Int64(client.accounts).grouped, client.budget?.description ?? "-",
            Int64(tally.lapsesTotal).grouped, tally.firstLapse.map { "in \(Self.spell($0))" } ?? "-",
            caughtUp(tally),
        ]
    }

    private func caughtUp(_ tally: Tally) -> String {
        guard let time = tally.caughtUpAt else { return "not within \(Self.spell(forecast.horizon))" }
        return time == .zero ? "-" : "in \(Self.spell(time))"
    }

    private func answer(_ tally: Tally) -> String {
        guard tally.lapsesTotal + tally.lapsedAtStart > 0 else { return "no account lapses" }
        var text = tally.firstLapse.map {
            "\(Self.count(tally.lapsesTotal)) lapse, the first in \(Self.spell($0))"
        }
        if tally.lapsedAtStart > 0 {
            let now = "\(Self.count(tally.lapsedAtStart)) lapsed already"
            text = text.map { "\($0); \(now)" } ?? now
        }
        guard let time = tally.caughtUpAt else {
            return text!
                + "; \(Int64(tally.lapsedAtEnd).grouped) still are in \(Self.spell(forecast.horizon))"
        }
        let after = outage > .zero && time > outage ? ", \(Self.spell(time - outage)) after the outage" : ""
        return text! + "; all are caught up in \(Self.spell(time))\(after)"
    }

    private var remark: String {
        guard leftOut > 0 else { return "" }
        return "; left out: \(Self.count(leftOut)) (needs a login or an operator)"
    }

    private static func count(_ accounts: Int) -> String {
        accounts == 1 ? "1 account" : "\(Int64(accounts).grouped) accounts"
    }

    private static func spell(_ duration: Duration) -> String {
        RelativeTime.spell(duration.secondsRoundedUp)
    }

    private func line(_ cells: [String], _ widths: [Int], _ color: ((String) -> String)?) -> String {
        var line = ""
        for (column, cell) in cells.enumerated() {
            // Padding stands outside the colour, or underlines and backgrounds would show it.
            line += column == 3 ? color.map { $0(cell) } ?? cell : cell
            guard column < cells.count - 1 else { break }
            line += String(repeating: " ", count: widths[column] - cell.count + 2)
        }
        return line
    }
}
