// Decides when an access token is refreshed, given how long it lives. Rejected: a fixed margin, which refreshes a token
// of 15 s without end and one of a day too late to survive an outage; and no jitter, which keeps accounts that were
// added together in lockstep for ever.

import Vocabulary

/// When to refresh, as functions of the token's expiry and lifetime. Total: no lifetime, however odd, traps.
public enum RefreshPolicy {
    /// Stands in for a lifetime the provider did not name. RFC 6749 §5.1 leaves it to the server; an hour is what most
    /// of them give, and their examples (`expires_in: 3600`).
    public static let unknownLifetime = Duration.seconds(3600)

    /// Between two attempts for one account, whatever its lifetime or errors: bounds what a provider that answers with
    /// dead tokens can make us do.
    public static let minimumInterval = Duration.seconds(1)

    /// At least what a few retries of a slow provider take.
    private static let shortestMargin: Int64 = 30_000_000_000
    /// At most an hour: a longer margin only throws away lifetime that was paid for with a refresh.
    private static let longestMargin: Int64 = 3_600_000_000_000

    /// How long before its expiry a token of this lifetime is refreshed at the latest: a fifth of the lifetime, at least
    /// 30 s and at most 1 h, but never more than half the lifetime; 0 for one that never was valid.
    ///
    ///     lifetime   margin      jitter up to   due at a token's age of
    ///     0, -5 s    0           0              its lifetime (at once)
    ///     1 s        0.5 s       0.25 s         0.25 to 0.5 s
    ///     15 s       7.5 s       3.75 s         3.75 to 7.5 s
    ///     60 s       30 s        15 s           15 to 30 s
    ///     150 s      30 s        15 s           105 to 120 s
    ///     1 h        12 min      6 min          42 to 48 min
    ///     5 h        1 h         30 min         3.5 to 4 h
    ///     24 h       1 h         30 min         22.5 to 23 h
    public static func margin(lifetime: Duration) -> Duration {
        let lifetime = max(lifetime.nanoseconds, 0)
        return .nanoseconds(min(lifetime / 2, min(max(lifetime / 5, shortestMargin), longestMargin)))
    }

    /// When to refresh a token that expires at `expiry`: its margin before that, and earlier by a jitter uniform in
    /// [0, margin / 2]. Draw once per token and keep the answer, or the jitter averages out.
    ///
    /// For a lifetime of 0 or less this is `expiry`, which has passed: only `minimumInterval` keeps that from looping.
    public static func due(
        expiry: BootTime, lifetime: Duration, using generator: inout some RandomNumberGenerator
    ) -> BootTime {
        let margin = margin(lifetime: lifetime)
        let jitter = Int64.random(in: 0...margin.nanoseconds / 2, using: &generator)
        return expiry - margin - .nanoseconds(jitter)
    }

    /// How long before its expiry a refresh may no longer be put off for others' sake: a twentieth of the lifetime within
    /// 10 s and 60 s, but never more than half the margin. Some retries of a slow provider fit in.
    ///
    ///     lifetime   window
    ///     10 s       2.5 s
    ///     60 s       10 s
    ///     10 min     30 s
    ///     1 h        60 s
    public static func mandatoryWindow(lifetime: Duration) -> Duration {
        let share = min(max(lifetime / 20, .seconds(10)), .seconds(60))
        return min(margin(lifetime: lifetime) / 2, share)
    }
}
