// Decides what can be simulated, as a plain value: accounts, their clients at providers, what goes wrong and when. All times
// are durations from the start, so that a situation means the same whenever it is run.

import Vocabulary

/// Where a simulated run begins, and what happens in it.
public struct Situation: Sendable {
    public var clients: [Client]
    public var accounts: [Account]
    public var duration: Duration
    /// Of everything that is left to chance: latencies, jitter, faults.
    public var seed: UInt64
    /// From asking the store for a write to its report.
    public var writeLatency = Duration.milliseconds(2)
    /// Steps of the wall clock; the boot clock has none.
    public var wallSteps: [WallStep] = []
    /// Users who withdraw their consent at the provider.
    public var revocations: [Revocation] = []
    /// From the daemon's verdict that a user must log in to the login.
    public var loginDelay = Duration.seconds(3600)
    /// Whether the budgets suffice and the troubles end early enough for every account to be well in the end.
    public var endsWell = true

    public init(clients: [Client], accounts: [Account], duration: Duration, seed: UInt64) {
        self.clients = clients
        self.accounts = accounts
        self.duration = duration
        self.seed = seed
    }

    /// One account.
    public struct Account: Sendable {
        public var name: AccountName
        /// The index of its client; `name` is of that provider.
        public var client: Int
        /// Of every access token that it gets.
        public var lifetime: Duration
        /// From the start to the expiry of the token it has then; not above zero for one that has lapsed.
        public var expiresIn: Duration
        /// How often a program asks for its token, on average; nil for never.
        public var askedEvery: Duration?

        public init(
            name: AccountName, client: Int, lifetime: Duration, expiresIn: Duration,
            askedEvery: Duration? = nil
        ) {
            self.name = name
            self.client = client
            self.lifetime = lifetime
            self.expiresIn = expiresIn
            self.askedEvery = askedEvery
        }
    }

    /// One client at its provider.
    public struct Client: Sendable {
        public var name: ProviderName
        /// What the engine is told.
        public var rules: ClientRules
        /// What the engine is judged by; other than `rules` only to show that a breach is noticed.
        public var judgedBy: ClientRules
        /// From a request to its answer, uniform.
        public var latency = Duration.milliseconds(100)...Duration.milliseconds(300)
        /// What the provider enforces by 429, counted per unit of clock time; nil for nothing.
        public var limit: Rate?
        /// Whether its answers tell what is left of `limit` (X-RateLimit-Remaining and -Reset).
        public var announcesLimit = false
        public var troubles: [Trouble] = []
        /// Whether the budget can keep every account fresh.
        public var suffices = true

        public init(_ name: ProviderName, _ rules: ClientRules = ClientRules()) {
            self.name = name
            self.rules = rules
            judgedBy = rules
        }
    }

    public struct WallStep: Sendable {
        public var at: Duration
        public var by: Duration

        public init(at: Duration, by: Duration) {
            self.at = at
            self.by = by
        }
    }

    public struct Revocation: Sendable {
        public var at: Duration
        /// The account's index.
        public var account: Int

        public init(at: Duration, account: Int) {
            self.at = at
            self.account = account
        }
    }
}

/// A time in which a provider fails some of a client's requests.
public struct Trouble: Sendable {
    /// How a request fails.
    public enum Kind: Sendable {
        /// Nothing is sent: refused connections, no DNS.
        case unreachable
        /// 503.
        case unavailable(retryAfter: Duration?)
        /// 429.
        case rateLimited(retryAfter: Duration?)
        /// No answer within the exchange's timeout; `processes`: the provider has rotated all the same.
        case hangs(processes: Bool)
        /// The provider rotates, and a gateway answers 504.
        case losesAnswers
        /// The provider rotates, and its success cannot be read.
        case garbles
        /// `invalid_client`.
        case refusesClient
        /// 401 without a code.
        case refusesWithoutCode
        /// It answers well, after 5 to 15 s.
        case slow
    }

    public var kind: Kind
    public var from: Duration
    public var until: Duration
    /// Of the requests, those it befalls: 0 to 1.
    public var share: Double

    public init(_ kind: Kind, from: Duration, until: Duration, share: Double = 1) {
        self.kind = kind
        self.from = from
        self.until = until
        self.share = share
    }

    /// Where it befalls every request the client is down: what lapses then has a cause.
    var isOutage: Bool { share >= 1 }
}
