import Testing
import TokenClient

@testable import tokenctl

private let now = WallTime(epochSeconds: 1_000_000)
private let plain = Paint(isOn: false)

@Suite("The providers' lines of status")
struct ClientLinesTests {
    private static func client(
        _ state: ClientStatus.State, of name: String = "acme", needs: Need = .nobody,
        _ change: (inout ClientStatus) -> Void = { _ in }
    ) -> ClientStatus {
        var client = ClientStatus(provider: ProviderName(name)!, state: state, needs: needs)
        change(&client)
        return client
    }

    private static let cases: [(client: ClientStatus, line: String)] = [
        (
            client(.parked, needs: .operator) {
                $0.reason = "client-configuration"
                $0.since = 1_000_000 - 720
                $0.nextAttemptAt = 1_000_180
                $0.backlog = 1420
            },
            "parked for 12m, needs operator: the provider refuses our client or our request; next probe in 3m; 1,420 wait"
        ),
        (
            client(.failing, needs: .time) {
                $0.reason = "transient"
                $0.since = 1_000_000 - 65
                $0.nextAttemptAt = 1_000_012
                $0.meetsDeadlines = false
                $0.firstMissedAt = 999_970
            },
            "failing for 1m 5s: the provider could not be reached or is troubled; next probe in 12s; "
                + "not every deadline can be met, the first lapsed 30s ago"
        ),
        (
            client(.paused, needs: .time) {
                $0.reason = "of-tomorrow\u{1B}"
                $0.since = 1_000_000
                $0.nextAttemptAt = 1_000_040
                $0.budget = "60/min"
            }, "paused for 0s: of-tomorrow?; next request in 40s"
        ),
        (client(.recovering) { $0.backlog = 420 }, "recovering; 420 wait"),
        (
            client(.overloaded) {
                $0.accounts = 10_000
                $0.demandPerHour = 10_169
                $0.requestsPerHour = 3600
                $0.budget = "60/min"
                $0.backlog = 7
                $0.meetsDeadlines = false
                $0.firstMissedAt = 1_000_100
            },
            "overloaded: 10,000 accounts want 10,169 an hour, the budget 60/min gives 3,600; "
                + "those asked for lately come first; 7 wait"
        ),
        (
            client(.overloaded) {
                $0.accounts = 100
                $0.demandPerHour = 101
                $0.requestsPerHour = 60
            },
            "overloaded: 100 accounts want 101 an hour, the provider allows 60; those asked for lately come first"
        ),
        (
            client(.ok) {
                $0.budget = "60/min"
                $0.requestsPerHour = 3600
                $0.backlog = 1200
            }, "ok, 60/min; 1,200 wait; every deadline is met"
        ),
        (
            client(.ok) {
                $0.budget = "60/min"
                $0.requestsPerHour = 1800
            }, "ok, 60/min of which the provider now allows 1,800 an hour; every deadline is met"
        ),
        (
            client(.ok) {
                $0.backlog = 5
                $0.meetsDeadlines = false
                $0.firstMissedAt = 1_000_720
            }, "ok; 5 wait; not every deadline can be met, the first lapses in 12m"
        ),
    ]

    @Test("say what keeps it from refreshing, until when, and what it costs", arguments: 0..<Self.cases.count)
    func sentences(_ index: Int) {
        let row = Self.cases[index]
        #expect(ClientLines.render([row.client], now: now, plain) == ["acme  " + row.line])
    }

    @Test("are none for a provider that is simply well")
    func well() { #expect(ClientLines.render([Self.client(.ok)], now: now, plain).isEmpty) }

    @Test("stand below the summary, most serious first, names side by side")
    func order() {
        var daemon = DaemonStatus(version: "1", pid: 2, startedAt: 0, accounts: [.ok: 1])
        daemon.providers = [
            Self.client(.ok, of: "abc") { $0.backlog = 1 }, Self.client(.failing, of: "b"),
            Self.client(.parked, of: "c"),
            Self.client(.failing, of: "a"), Self.client(.ok, of: "d"),
        ]
        let lines = Overview(daemon: daemon, accounts: []).render(now: now, plain).split(
            separator: "\n", omittingEmptySubsequences: false)
        #expect(
            lines[4...] == [
                "", "c    parked", "a    failing", "b    failing", "abc  ok; 1 wait; every deadline is met",
                "",
            ])
    }

    @Test("are no more than leave room for the accounts, and say how to see the rest")
    func many() {
        let clients = (0..<12).map { Self.client(.failing, of: "p\(10 + $0)") }
        let lines = ClientLines.render(clients, now: now, plain)
        #expect(lines.count == 11 && lines[9] == "p19  failing")
        #expect(lines.last == "and 2 more: tokenctl status --json")
    }

    @Test("are coloured on the state alone")
    func colour() {
        let line = ClientLines.render([Self.client(.parked)], now: now, Paint(isOn: true))
        #expect(line == ["acme  \u{1B}[31mparked\u{1B}[0m"])
    }
}
