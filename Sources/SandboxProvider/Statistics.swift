// Decides what the sandbox counts: what an assertion needs, in total and per subject. A request counts as in flight
// from the moment it is read until just before the last byte of its answer is written, because a client that has the
// answer may rightly send the next request at once.

/// What happened at the sandbox so far.
public struct Statistics: Hashable, Sendable, Encodable {
    /// Counts of all requests, or of those about one subject's grants.
    public struct Counters: Hashable, Sendable, Encodable {
        /// Requests at the token endpoints, faulted ones included.
        public internal(set) var tokenRequests = 0
        /// Refreshes that the server granted, even if a fault then lost the answer.
        public internal(set) var refreshes = 0
        /// Those among them whose access token had lapsed before: the account was not fresh for a while.
        public internal(set) var lateRefreshes = 0
        /// Codes, client credentials and assertions exchanged for the first tokens of a family.
        public internal(set) var redemptions = 0
        /// Token requests refused, by `Refusal`'s raw value.
        public internal(set) var failures: [String: Int] = [:]
        /// How often a used refresh token was presented outside its grace time; 0 is what a good client achieves.
        public internal(set) var reuses = 0
        /// Used refresh tokens that were answered with their successor within the grace time.
        public internal(set) var replays = 0
        public internal(set) var revocations = 0
        /// Requests met by a fault, at any endpoint.
        public internal(set) var faults = 0
        public internal(set) var inFlight = 0
        /// The most token requests ever in flight at once.
        public internal(set) var maximumInFlight = 0
        /// Epoch seconds of the latest refresh granted.
        public internal(set) var lastRefreshAt: Double?
        public internal(set) var accessesGranted = 0
        public internal(set) var accessesRefused = 0
        /// The most seconds by which a refused access token had lapsed; nil if none had.
        public internal(set) var longestLapse: Double?

        /// Token requests refused for `refusal`.
        public func failures(_ refusal: Refusal) -> Int { failures[refusal.rawValue] ?? 0 }
    }

    public internal(set) var total = Counters()
    public internal(set) var subjects: [String: Counters] = [:]

    /// The counters of `subject`, all zero if it was never heard of.
    public subscript(subject: String) -> Counters { subjects[subject] ?? Counters() }

    /// Changes the total and, where the request is about somebody's grant, the subject's counters.
    mutating func count(_ subject: String?, _ change: (inout Counters) -> Void) {
        change(&total)
        if let subject { change(&subjects[subject, default: Counters()]) }
    }
}

extension Statistics.Counters {
    mutating func takeOff() {
        tokenRequests += 1
        inFlight += 1
        maximumInFlight = max(maximumInFlight, inFlight)
    }

    mutating func land() { inFlight -= 1 }
}

/// One request at a token endpoint, for asserting rates.
public struct TokenRequestRecord: Hashable, Sendable {
    /// Milliseconds on CLOCK_MONOTONIC, of any origin.
    public let milliseconds: Double
    /// Nil where the request named no token or code of this server.
    public let subject: String?
    /// Nil where the request could not be read.
    public let clientID: String?
}

extension Sequence<TokenRequestRecord> {
    /// The most requests that arrived within any `seconds`.
    public func most(within seconds: Double) -> Int {
        let times = map(\.milliseconds).sorted()
        var (most, first) = (0, 0)
        for (index, time) in times.enumerated() {
            while times[first] <= time - seconds * 1000 { first += 1 }
            most = Swift.max(most, index - first + 1)
        }
        return most
    }
}
