// Decides what is watched of a client: its requests per second and in flight, against what it was promised to send.

import Vocabulary

/// One client of a running simulation. Times are nanoseconds from the start.
struct VirtualClient: Sendable {
    let rules: ClientRules
    let suffices: Bool
    var provider: VirtualProvider
    var tally: Tally
    var inFlight = 0
    /// Attempts that have begun, from their mark to their answer.
    var slots = 0
    var mostInFlight = 0
    var second = RequestWindow(span: 1_000_000_000)
    var tenSeconds = RequestWindow(span: 10_000_000_000)
    var lastSent = Int64.min / 2
    var lastFailure = Int64.min / 2
    var requests = 0
    var requestsInFirstSecond = 0
    /// The longest that an account went without a new token.
    var longestGap = Int64(0)

    init(_ client: Situation.Client, minutes: Int) {
        rules = client.judgedBy
        suffices = client.suffices
        provider = VirtualProvider(client)
        tally = Tally(minutes: minutes)
    }

    /// Twice the budget, but at least what an even flow at the budget has in some second.
    var mostInSecond: Int? { rules.budget.map { Self.most($0, in: 1_000_000_000, tenths: 20) } }
    /// 1.1 times the budget, but at least what an even flow at the budget has in some ten seconds.
    var mostInTenSeconds: Int? { rules.budget.map { Self.most($0, in: 10_000_000_000, tenths: 11) } }

    private static func most(_ budget: Rate, in span: Int64, tenths: Int64) -> Int {
        let (requests, unit) = (Int64(budget.requests), budget.unit.duration.nanoseconds)
        let interval = budget.interval.nanoseconds
        return Int(max((span + interval - 1) / interval, requests * tenths * (span / 10) / unit))
    }

    /// A request leaves.
    /// - Returns: what of the budget it breaks.
    mutating func sent(_ now: Int64) -> String? {
        requests += 1
        if now <= 1_000_000_000 { requestsInFirstSecond += 1 }
        inFlight += 1
        mostInFlight = max(mostInFlight, inFlight)
        second.add(now)
        tenSeconds.add(now)
        if let most = mostInSecond, second.count > most { return "\(second.count) in a second, not \(most)" }
        if let most = mostInTenSeconds, tenSeconds.count > most {
            return "\(tenSeconds.count) in ten seconds, not \(most)"
        }
        return nil
    }

    /// Whether something was in the way of an attempt that is later than planned: the slots (but for the
    /// fifth that is kept for others) were taken until now, the budget
    /// has just been used, or the client was in trouble of late.
    func hasExcuse(_ now: Int64) -> Bool {
        if slots * 5 >= rules.concurrency * 4 || now - lastFailure < Self.troubleLasts { return true }
        guard let interval = rules.budget?.interval.nanoseconds else { return false }
        return now - lastSent <= max(2 * interval, 1_000_000_000)
    }

    /// The longest that a client may be kept from sending after a failure: Retry-After is followed for an hour.
    static let troubleLasts = Int64(3_700_000_000_000)
}
