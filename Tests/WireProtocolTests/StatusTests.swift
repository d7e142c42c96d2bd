import StrictJSON
import Testing
import Vocabulary
import WireProtocol

@Suite struct StatusTests {
    private var account: AccountStatus {
        var status = AccountStatus(
            account: AccountName("sandbox/alice")!, state: .retrying, needs: .time, generation: 7)
        status.reason = "rate-limited"
        status.expiresAt = 1
        status.nextRefreshAt = 2
        status.lastSuccessAt = 3
        status.lastFailureAt = 4
        status.failures = 5
        status.fingerprint = Fingerprint(bits: 6)
        status.tokenType = "Bearer"
        status.scope = "a b"
        status.lifetime = 3600
        return status
    }

    @Test("an account's status has the protocol's members, in its order")
    func members() throws {
        let names =
            "account provider state needs reason expires_at next_refresh_at last_success_at last_failure_at "
            + "failures generation fingerprint token_type scope lifetime refresh_token_expires_at"
        #expect(try #require(account.json.object).names == names.split(separator: " ").map(String.init))
    }

    @Test("an account's status survives the wire, with everything known and with nothing")
    func accountRoundTrip() {
        let bare = AccountStatus(account: account.account, state: .new, needs: .nobody, generation: 1)
        for status in [account, bare] { #expect(AccountStatus(status.json) == status) }
        #expect(bare.json.object?["expires_at"] == .null)
    }

    @Test("the daemon's status has a count for every state and survives the wire")
    func daemonRoundTrip() throws {
        var status = DaemonStatus(
            version: "1.0.0", pid: 9, startedAt: 10,
            accounts: Dictionary(
                uniqueKeysWithValues: AccountState.allCases.enumerated().map { ($1, Int64($0)) }))
        status.nextRefreshAt = 11
        status.refreshesTotal = 12
        status.failuresTotal = 13
        status.clients = 14
        status.requestsTotal = 15
        var client = ClientStatus(provider: ProviderName("seamless")!, state: .parked, needs: .operator)
        client.reason = "unauthorized"
        client.since = 16
        client.nextAttemptAt = 17
        client.accounts = 18
        client.backlog = 19
        client.inFlight = 20
        client.budget = "60/min"
        client.requestsPerHour = 3600
        client.demandPerHour = 21
        client.meetsDeadlines = false
        client.firstMissedAt = 22
        status.needs = [.nobody: 4, .time: 3, .operator: 2, .user: 1]
        status.providers = [client, ClientStatus(provider: ProviderName("acme")!)]
        #expect(DaemonStatus(status.json) == status)
        let names =
            "version pid started_at accounts needs next_refresh_at refreshes_total failures_total clients requests_total "
            + "providers"
        #expect(try #require(status.json.object).names == names.split(separator: " ").map(String.init))
        #expect(status.json.object?["accounts"]?.object?.names == AccountState.allCases.map(\.rawValue))
    }

    @Test("members of a later version are skipped, missing ones make it no status")
    func evolution() throws {
        var object = try #require(account.json.object)
        object["member_of_tomorrow"] = 1
        #expect(AccountStatus(.object(object)) == account)
        object["state"] = nil
        #expect(AccountStatus(.object(object)) == nil)
        #expect(AccountStatus(.null) == nil)
        #expect(DaemonStatus(["version": "1"]) == nil)
    }
}
