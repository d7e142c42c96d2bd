// Decides what STATUS and LIST tell: everything an operator or a program needs to judge an account, and never a token.

import StrictJSON
import Vocabulary

/// An account as `STATUS <account>` and `LIST` show it. Times are epoch seconds; nil (null) where unknown.
public struct AccountStatus: Hashable, Sendable {
    public var account: AccountName
    public var state: AccountState
    public var needs: Need
    /// nil while nothing is wrong. A code, not the enum: a client may be older than the daemon.
    public var reason: String?
    public var expiresAt: Int64?
    public var nextRefreshAt: Int64?
    public var lastSuccessAt: Int64?
    public var lastFailureAt: Int64?
    /// Consecutive failures.
    public var failures: Int64
    public var generation: UInt64
    public var fingerprint: Fingerprint?
    public var tokenType: String?
    public var scope: String?
    /// Of the current access token, from its issue to its expiry, in seconds.
    public var lifetime: Int64?
    /// When the refresh token ends, where the provider or its description says so.
    public var refreshTokenExpiresAt: Int64?

    public init(account: AccountName, state: AccountState, needs: Need, generation: UInt64) {
        self.account = account
        self.state = state
        self.needs = needs
        self.generation = generation
        failures = 0
    }

    public var json: JSONValue {
        [
            "account": .string(account.text),
            "provider": .string(account.provider.text),
            "state": .string(state.rawValue),
            "needs": .string(needs.rawValue),
            "reason": JSONValue(reason),
            "expires_at": JSONValue(expiresAt),
            "next_refresh_at": JSONValue(nextRefreshAt),
            "last_success_at": JSONValue(lastSuccessAt),
            "last_failure_at": JSONValue(lastFailureAt),
            "failures": JSONValue(failures),
            "generation": JSONValue(generation),
            "fingerprint": JSONValue(fingerprint?.description),
            "token_type": JSONValue(tokenType),
            "scope": JSONValue(scope),
            "lifetime": JSONValue(lifetime),
            "refresh_token_expires_at": JSONValue(refreshTokenExpiresAt),
        ]
    }

    /// nil where `json` is not such an object; members this version does not know are skipped.
    public init?(_ json: JSONValue) {
        guard let object = json.object,
            let account = object["account"]?.string.flatMap({ AccountName($0) }),
            let state = object["state"]?.string.flatMap({ AccountState(rawValue: $0) }),
            let needs = object["needs"]?.string.flatMap({ Need(rawValue: $0) }),
            let generation = object["generation"]?.number?.exactInteger
        else { return nil }
        self.init(account: account, state: state, needs: needs, generation: UInt64(clamping: generation))
        reason = object["reason"]?.string
        expiresAt = object["expires_at"]?.number?.exactInteger
        nextRefreshAt = object["next_refresh_at"]?.number?.exactInteger
        lastSuccessAt = object["last_success_at"]?.number?.exactInteger
        lastFailureAt = object["last_failure_at"]?.number?.exactInteger
        failures = object["failures"]?.number?.exactInteger ?? 0
        fingerprint = object["fingerprint"]?.string.flatMap { Fingerprint(hex: $0) }
        tokenType = object["token_type"]?.string
        scope = object["scope"]?.string
        lifetime = object["lifetime"]?.number?.exactInteger
        refreshTokenExpiresAt = object["refresh_token_expires_at"]?.number?.exactInteger
    }
}

/// The daemon as `STATUS` shows it. Times are epoch seconds.
public struct DaemonStatus: Hashable, Sendable {
    public var version: String
    public var pid: Int64
    public var startedAt: Int64
    /// How many accounts are in each state.
    public var accounts: [AccountState: Int64]
    /// How many accounts need whom; empty from a daemon that does not say so yet.
    public var needs: [Need: Int64] = [:]
    public var nextRefreshAt: Int64?
    public var refreshesTotal: Int64
    public var failuresTotal: Int64
    /// Connections open now.
    public var clients: Int64
    public var requestsTotal: Int64
    /// The configured providers, by name.
    public var providers: [ClientStatus] = []

    public init(version: String, pid: Int64, startedAt: Int64, accounts: [AccountState: Int64]) {
        self.version = version
        self.pid = pid
        self.startedAt = startedAt
        self.accounts = accounts
        refreshesTotal = 0
        failuresTotal = 0
        clients = 0
        requestsTotal = 0
    }

    public var json: JSONValue {
        var counts = JSONObject()
        for state in AccountState.allCases { counts[state.rawValue] = JSONValue(accounts[state] ?? 0) }
        var needed = JSONObject()
        for need in Need.allCases { needed[need.rawValue] = JSONValue(needs[need] ?? 0) }
        return [
            "version": .string(version),
            "pid": JSONValue(pid),
            "started_at": JSONValue(startedAt),
            "accounts": .object(counts),
            "needs": .object(needed),
            "next_refresh_at": JSONValue(nextRefreshAt),
            "refreshes_total": JSONValue(refreshesTotal),
            "failures_total": JSONValue(failuresTotal),
            "clients": JSONValue(clients),
            "requests_total": JSONValue(requestsTotal),
            "providers": .array(providers.map(\.json)),
        ]
    }

    /// nil where `json` is not such an object; members this version does not know are skipped.
    public init?(_ json: JSONValue) {
        guard let object = json.object, let version = object["version"]?.string,
            let pid = object["pid"]?.number?.exactInteger,
            let startedAt = object["started_at"]?.number?.exactInteger,
            let counts = object["accounts"]?.object
        else { return nil }
        var accounts: [AccountState: Int64] = [:]
        for state in AccountState.allCases { accounts[state] = counts[state.rawValue]?.number?.exactInteger }
        self.init(version: version, pid: pid, startedAt: startedAt, accounts: accounts)
        for need in Need.allCases {
            needs[need] = object["needs"]?.object?[need.rawValue]?.number?.exactInteger
        }
        nextRefreshAt = object["next_refresh_at"]?.number?.exactInteger
        refreshesTotal = object["refreshes_total"]?.number?.exactInteger ?? 0
        failuresTotal = object["failures_total"]?.number?.exactInteger ?? 0
        clients = object["clients"]?.number?.exactInteger ?? 0
        requestsTotal = object["requests_total"]?.number?.exactInteger ?? 0
        providers = object["providers"]?.array?.compactMap { ClientStatus($0) } ?? []
    }
}
