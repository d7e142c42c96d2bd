import Testing
import TokenClient

@testable import tokenctl

private let now = WallTime(epochSeconds: 1_000_000)
private let plain = Paint(isOn: false)

@Suite struct OverviewTests {
    private func daemon(_ accounts: [AccountState: Int64]) -> DaemonStatus {
        var status = DaemonStatus(
            version: "1.2.3", pid: 812, startedAt: 1_000_000 - 273_600, accounts: accounts)
        status.nextRefreshAt = 1_000_004
        status.refreshesTotal = 1_234_567
        status.failuresTotal = 12
        status.clients = 3
        status.requestsTotal = 98765
        return status
    }

    private func account(_ name: String, _ state: AccountState, reason: String? = nil, left: Int64? = nil)
        -> AccountStatus
    {
        var status = AccountStatus(
            account: AccountName("p/" + name)!, state: state, needs: .nobody, generation: 1)
        status.reason = reason
        status.expiresAt = left.map { 1_000_000 + $0 }
        status.nextRefreshAt = left.map { 1_000_000 + $0 / 2 }
        return status
    }

    @Test(
        "few accounts are all asked for; of many, the states that are not well, worst first, until the table is full",
        arguments: [
            ([:], []), ([.ok: 0], []), ([.ok: 20], [ListFilter(limit: 20)]), ([.ok: 100_000], []),
            ([.ok: 15, .retrying: 5], [ListFilter(limit: 20)]),
            (
                [.ok: 100_000, .retrying: 50, .loginNeeded: 3, .operatorNeeded: 2],
                [
                    ListFilter(state: .operatorNeeded, limit: 20), ListFilter(state: .loginNeeded, limit: 18),
                    ListFilter(state: .retrying, limit: 15),
                ]
            ),
            ([.refreshing: 99, .expired: 1_000_000], [ListFilter(state: .expired, limit: 20)]),
            ([.ok: .max, .expired: 0], []),
        ] as [([AccountState: Int64], [ListFilter])])
    func filters(_ row: (accounts: [AccountState: Int64], filters: [ListFilter])) {
        #expect(Overview.filters(for: daemon(row.accounts)) == row.filters)
    }

    @Test("of many, those whose user must log in soon stand among those whose user must now")
    func ending() {
        var status = daemon([.ok: 100_000, .loginNeeded: 2, .expired: 1])
        status.needs = [.nobody: 99_973, .user: 29, .time: 1]
        #expect(
            Overview.filters(for: status) == [
                ListFilter(state: .loginNeeded, limit: 20), ListFilter(state: .expired, limit: 18),
                ListFilter(state: .ok, needs: .user, limit: 17),
            ])
        var soon = account("soon", .ok, left: 60)
        soon.needs = .user
        soon.refreshTokenExpiresAt = 1_000_000 + 86_400 * 6
        var dead = account("late", .loginNeeded, reason: "lost-rotation")
        dead.needs = .user
        let text = Overview(daemon: status, accounts: [soon, dead]).render(now: now, plain)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(
            lines[1]
                == "accounts   100,003: 100,000 ok, 1 expired, 2 login-needed; 27 must log in again soon")
        #expect(lines[6].hasPrefix("p/late   login-needed  "))
        #expect(lines[7].hasSuffix("  refresh token ends in 6d"))
        #expect(lines[8] == "and 1 more: tokenctl list --state login-needed")
        #expect(lines[9] == "and 1 more: tokenctl list --state expired")
        #expect(lines[10] == "and 26 more: tokenctl list --needs user")
    }

    @Test("every state has its place in the order")
    func order() {
        #expect(Set(Overview.worstFirst) == Set(AccountState.allCases))
        #expect(Overview.worstFirst.last == .ok)
    }

    @Test("few accounts are shown whole, worst first and then by name")
    func few() {
        let overview = Overview(
            daemon: daemon([.ok: 2, .loginNeeded: 1]),
            accounts: [
                account("zoe", .ok, left: 7200), account("adam", .ok, left: 60),
                account("bob", .loginNeeded, reason: "reauthorization-required", left: -5),
            ])
        #expect(
            overview.render(now: now, plain) == """
                tokend 1.2.3, pid 812, up 3d 4h (since 1970-01-09 09:46:40Z)
                accounts   3: 2 ok, 1 login-needed
                refreshes  1,234,567 done, 12 failed, next in 4s
                clients    3 connected, 98,765 requests

                ACCOUNT  STATE         TIME LEFT  NEXT REFRESH  REASON
                p/bob    login-needed  expired    due           reauthorization-required
                p/adam   ok            1m         in 30s        -
                p/zoe    ok            2h         in 1h         -

                """)
    }

    @Test("of many accounts a screen is shown, and how to see the rest")
    func many() {
        let shown = (0..<20).map { account("a\(10 + $0)", .expired) }
        let overview = Overview(
            daemon: daemon([.ok: 99_000, .expired: 1_020, .retrying: 7]),
            accounts: shown + [account("b", .retrying)])
        let lines = overview.render(now: now, plain).split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines[1] == "accounts   100,027: 99,000 ok, 7 retrying, 1,020 expired")
        #expect(lines[6].hasPrefix("p/a10    expired  -"))
        #expect(
            lines.suffix(3) == [
                "and 1,000 more: tokenctl list --state expired", "and 7 more: tokenctl list --state retrying",
                "",
            ])
        #expect(lines.count == 4 + 1 + 1 + 20 + 2 + 1)
    }

    @Test("a daemon without accounts says how to bring some, and one that is well says no more")
    func quiet() {
        let none = Overview(daemon: daemon([.ok: 0]), accounts: []).render(now: now, plain)
        #expect(none.contains("accounts   none yet: tokenctl add or tokenctl import brings them\n"))
        let well = Overview(daemon: daemon([.ok: 5000]), accounts: []).render(now: now, plain)
        #expect(well.split(separator: "\n", omittingEmptySubsequences: false).count == 5)
        #expect(well.hasSuffix("98,765 requests\n"))
    }

    @Test("colour stands on the state alone and moves no column")
    func colour() {
        let accounts = [account("a", .ok, left: 60), account("b", .operatorNeeded)]
        let painted = AccountTable.render(accounts, now: now, Paint(isOn: true))
        let lines = painted.split(separator: "\n")
        #expect(lines[1].hasPrefix("p/a      \u{1B}[32mok\u{1B}[0m               1m"))
        #expect(lines[2].hasPrefix("p/b      \u{1B}[31moperator-needed\u{1B}[0m  -"))
        var stripped = painted
        for code in ["\u{1B}[32m", "\u{1B}[31m", "\u{1B}[0m"] { stripped.replace(code, with: "") }
        #expect(stripped == AccountTable.render(accounts, now: now, plain))
        #expect(!AccountTable.render(accounts, now: now, plain).contains("\u{1B}"))
    }

    @Test("one account is told in full, what is unknown as a dash")
    func block() {
        var status = account("alice", .loginNeeded, reason: "reauthorization-required", left: 720)
        status.needs = .user
        status.nextRefreshAt = nil
        status.lastFailureAt = 1_000_000 - 60
        status.failures = 3
        status.generation = 14
        status.fingerprint = Fingerprint(bits: 0xAB)
        status.scope = "read\u{1B}[2Jwrite"
        #expect(
            AccountBlock.render(status, now: now, plain) == """
                account       p/alice
                state         login-needed
                needs         user: log in again: tokenctl login p/alice
                reason        reauthorization-required: the refresh token was revoked, has expired, or is shared with another program
                expires       1970-01-12 13:58:40Z (in 12m)
                next refresh  -
                login ends    -
                last success  -
                last failure  1970-01-12 13:45:40Z (1m ago)
                failures      3 in a row
                generation    14
                fingerprint   00000000000000ab
                token type    -
                scope         read?[2Jwrite

                """)
    }
}
