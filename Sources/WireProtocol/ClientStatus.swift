// Decides what STATUS tells of a client: whether its budget suffices, and what keeps it from refreshing.

import StrictJSON
import Vocabulary

/// A client (a configured provider) as `STATUS` shows it. Times are epoch seconds; nil (null) where unknown or none.
public struct ClientStatus: Hashable, Sendable {
    /// What keeps the client from refreshing, most serious first.
    public enum State: String, Sendable, CaseIterable {
        /// The provider refuses the client: one probe every five minutes.
        case parked
        /// The provider is down: one probe at a time.
        case failing
        /// The provider asked for a pause.
        case paused
        /// It came back: refreshing picks up speed.
        case recovering
        /// More accounts than the budget can keep fresh.
        case overloaded
        case ok
    }

    public var provider: ProviderName
    public var state: State
    public var needs: Need
    /// A code, not the enum: a client may be older than the daemon.
    public var reason: String?
    /// Since when it is parked, failing or paused.
    public var since: Int64?
    /// When the next request may go out, where it is put off.
    public var nextAttemptAt: Int64?
    public var accounts: Int64
    /// Accounts that are due and wait for their turn.
    public var backlog: Int64
    public var inFlight: Int64
    /// As configured: `60/min`.
    public var budget: String?
    /// What the budget, or what the provider says of it, gives now in an hour; nil without either.
    public var requestsPerHour: Int64?
    /// What keeping every account fresh takes in an hour.
    public var demandPerHour: Int64
    /// Whether every account can be refreshed before it lapses.
    public var meetsDeadlines: Bool
    /// The first expiry that cannot be met.
    public var firstMissedAt: Int64?

    public init(provider: ProviderName, state: State = .ok, needs: Need = .nobody) {
        self.provider = provider
        self.state = state
        self.needs = needs
        accounts = 0
        backlog = 0
        inFlight = 0
        demandPerHour = 0
        meetsDeadlines = true
    }

    public var json: JSONValue {
        [
            "provider": .string(provider.text),
            "state": .string(state.rawValue),
            "needs": .string(needs.rawValue),
            "reason": JSONValue(reason),
            "since": JSONValue(since),
            "next_attempt_at": JSONValue(nextAttemptAt),
            "accounts": JSONValue(accounts),
            "backlog": JSONValue(backlog),
            "in_flight": JSONValue(inFlight),
            "budget": JSONValue(budget),
            "requests_per_hour": JSONValue(requestsPerHour),
            "demand_per_hour": JSONValue(demandPerHour),
            "meets_deadlines": .bool(meetsDeadlines),
            "first_missed_at": JSONValue(firstMissedAt),
        ]
    }

    /// nil where `json` is not such an object; members this version does not know are skipped.
    public init?(_ json: JSONValue) {
        guard let object = json.object,
            let provider = object["provider"]?.string.flatMap({ ProviderName($0) }),
            let state = object["state"]?.string.flatMap({ State(rawValue: $0) }),
            let needs = object["needs"]?.string.flatMap({ Need(rawValue: $0) })
        else { return nil }
        self.init(provider: provider, state: state, needs: needs)
        reason = object["reason"]?.string
        since = object["since"]?.number?.exactInteger
        nextAttemptAt = object["next_attempt_at"]?.number?.exactInteger
        accounts = object["accounts"]?.number?.exactInteger ?? 0
        backlog = object["backlog"]?.number?.exactInteger ?? 0
        inFlight = object["in_flight"]?.number?.exactInteger ?? 0
        budget = object["budget"]?.string
        requestsPerHour = object["requests_per_hour"]?.number?.exactInteger
        demandPerHour = object["demand_per_hour"]?.number?.exactInteger ?? 0
        meetsDeadlines = object["meets_deadlines"] != .bool(false)
        firstMissedAt = object["first_missed_at"]?.number?.exactInteger
    }
}
