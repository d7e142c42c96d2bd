// Decides when a refresh token whose answer was lost is shown again. Two dangers pull apart: while a provider still takes
// the old token, every second counts; once it does not, showing it revokes the account and with it the access token
// that still serves. Rejected: giving an account up after one unheard replay. A load balancer that answers 504 for an
// hour would log every user out; only a rejection by the provider itself ends an account.

import Vocabulary

/// When to replay, as functions of the provider's policy and the account's clock times.
public enum ReplayPlan {
    /// A replay must reach the provider before its window closes: so long before that it is no longer sent. Connecting may
    /// take 5 s.
    static let timeOnTheWay = Duration.seconds(6)
    /// Between replays that are brought forward for the window's sake: no minute has more than ten attempts (C8).
    private static let shortestGap = Duration.seconds(4)
    /// A late replay is sent so long before the access token lapses: an exchange with some queueing.
    static let longestLead = Duration.seconds(10)
    /// Between unheard late replays: rare enough not to press a provider, often enough to be well soon after an outage.
    static let lateInterval = Duration.seconds(300)

    /// Whether the provider still takes a token that was first shown at `since`.
    public static func isOpen(_ policy: ReplayPolicy, since: BootTime, _ now: BootTime) -> Bool {
        switch policy {
        case .never: false
        case .always: true
        case .within(let window): now < since + window - min(timeOnTheWay, window / 2)
        }
    }

    /// The latest moment for another try inside an open window: half of what is left of it, and so on.
    public static func latest(_ policy: ReplayPolicy, since: BootTime, _ now: BootTime) -> BootTime {
        guard case .within(let window) = policy else { return .distantFuture }
        let left = since + window - min(timeOnTheWay, window / 2) - now
        return now + max(shortestGap, left / 2)
    }

    /// When the access token is nearly used up: a late replay is not sent before.
    ///
    ///     lifetime   late at
    ///     1 h        10 s before it lapses
    ///     1 min      6 s before
    ///     5 s        0.5 s before
    public static func lateAt(expiry: BootTime, lifetime: Duration) -> BootTime {
        expiry - min(longestLead, max(.zero, lifetime) / 10)
    }

    /// When to show the token again: at once while the window is open; else once, as late as the access token allows.
    ///
    /// A late replay whose own answer is lost is followed by another after `lateInterval`, or at once where a crash cut
    /// the first one off. What a crash cut off may still be on its way: were it overtaken by its replay, it would arrive
    /// as an old token and revoke the grant that the replay brought. So much time it is given.
    /// - Parameters:
    ///   - expiry: of the access token that serves meanwhile; nil without one.
    ///   - wasCutOff: the process died before the last presentation was answered.
    public static func due(
        _ policy: ReplayPolicy, _ presentation: Presentation, wasCutOff: Bool, expiry: BootTime?,
        lifetime: Duration, _ now: BootTime
    ) -> BootTime {
        if isOpen(policy, since: presentation.since.boot, now) { return now }
        let late = max(now, expiry.map { lateAt(expiry: $0, lifetime: lifetime) } ?? now)
        let isFirst = presentation.lateReplays == 0 || (wasCutOff && presentation.lateReplays == 1)
        guard isFirst else { return max(late, presentation.last.boot + lateInterval) }
        return wasCutOff ? max(late, presentation.last.boot + Presentation.longest) : late
    }
}
