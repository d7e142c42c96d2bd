import Simulation
import Testing
import TokenClient

@testable import tokenctl

private let now = WallTime(epochSeconds: 1_000_000)
private let plain = Paint(isOn: false)

@Suite struct ForecastTests {
    private func account(_ name: String, left: Int64?, lifetime: Int64? = 3600, needs: Need = .nobody)
        -> AccountStatus
    {
        var status = AccountStatus(account: AccountName(name)!, state: .ok, needs: needs, generation: 1)
        status.expiresAt = left.map { 1_000_000 + $0 }
        status.lifetime = lifetime
        return status
    }

    private func table(_ accounts: [AccountStatus], hours: Int64, budget: String? = nil) -> ForecastTable {
        var daemon = DaemonStatus(version: "1", pid: 1, startedAt: 0, accounts: [:])
        var client = ClientStatus(provider: ProviderName("a")!)
        client.budget = budget
        daemon.providers = [client]
        return ForecastTable(daemon: daemon, accounts: accounts, outage: .seconds(hours * 3600), now: now)
    }

    private func render(_ table: ForecastTable) -> [String] {
        table.render(table.forecast.run(), only: nil, plain)
            .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    @Test("who lapses in an outage is told by provider, with the first one")
    func outage() {
        let lines = render(
            table(
                [
                    account("a/soon", left: 1200), account("a/later", left: 3000),
                    account("b/day", left: 80_000, lifetime: 86_400),
                    account("b/out", left: 10, needs: .user),
                ], hours: 2))
        #expect(lines[0] == "If every provider is down from now on for 2h:")
        #expect(lines[2] == "PROVIDER  ACCOUNTS  BUDGET  LAPSE  FIRST LAPSE  CAUGHT UP")
        #expect(lines[3].hasPrefix("a         2         -       2      in 20m       in 2h"))
        #expect(lines[4] == "b         1         -       0      -            -")
        #expect(lines[6].hasPrefix("2 accounts lapse, the first in 20m; all are caught up in 2h"))
        #expect(lines[6].contains(" after the outage; left out: 1 account (needs a login or an operator)"))
        #expect(lines.last == "")
    }

    @Test("without an outage and with time enough nothing lapses")
    func calm() {
        let lines = render(table([account("a/x", left: 3000)], hours: 0, budget: "60/min"))
        #expect(lines[0] == "With every provider up:")
        #expect(lines[3] == "a         1         60/min  0      -            -")
        #expect(lines[5] == "no account lapses")
    }

    @Test("an account without a token has lapsed already, and one without a lifetime is taken for an hour's")
    func unknown() {
        let lines = render(table([account("a/new", left: nil, lifetime: nil)], hours: 1))
        #expect(lines[3].hasPrefix("a         1         -       0      -            in 1h"))
        #expect(lines[5].hasPrefix("1 account lapsed already; all are caught up in 1h"))
    }

    @Test("no account, no forecast")
    func empty() {
        #expect(render(table([], hours: 1)) == ["there is no account to forecast for", ""])
        #expect(
            render(table([account("a/x", left: 1, needs: .operator)], hours: 1))[0]
                == "there is no account to forecast for; left out: 1 account (needs a login or an operator)"
        )
    }

    @Test("absurd times are taken for the longest or none at all")
    func absurd() {
        let lines = render(
            table(
                [
                    account("a/x", left: .max - 2_000_000, lifetime: .max),
                    account("a/y", left: .min / 2, lifetime: -5),
                ],
                hours: 0))
        #expect(lines[3].hasPrefix("a         2         -       "))
    }

    @Test("an outage is given in hours")
    func hours() throws {
        for (text, duration) in [("2", Duration.seconds(7200)), ("0.5", .seconds(1800)), ("0", .zero)] {
            let command = try Tokenctl.parseAsRoot(["forecast", "--outage", text]) as? ForecastCommand
            #expect(command?.duration == duration)
        }
    }

    @Test(
        "the budget is the configured one, else what the provider tells",
        arguments: [
            ("60/min", 40, "60/min"), (nil, 3600, "3600/h"), (nil, 18_000_000, "5000/s"), (nil, nil, "-"),
            (nil, 0, "-"),
        ] as [(String?, Int64?, String)])
    func budgets(_ row: (configured: String?, told: Int64?, shown: String)) {
        var daemon = DaemonStatus(version: "1", pid: 1, startedAt: 0, accounts: [:])
        var client = ClientStatus(provider: ProviderName("a")!)
        client.budget = row.configured
        client.requestsPerHour = row.told
        daemon.providers = [client]
        let table = ForecastTable(
            daemon: daemon, accounts: [account("a/x", left: 3000)], outage: .zero, now: now)
        #expect(render(table)[3].split(separator: " ")[2] == row.shown)
    }

    @Test("a provider that is named alone is named in the question")
    func question() {
        #expect(
            table([], hours: 3).question(ProviderName("acme")!) == "If acme is down from now on for 3h")
    }
}
