// Decides how long an account waits after a failed refresh. Rejected: delays that only double, with which everything
// that failed together tries again together; equal jitter (half fixed, half random), which does more work for the same
// completion time ("Exponential Backoff And Jitter", AWS Architecture Blog, 2015).

import Vocabulary

/// Full jitter: the delay is uniform between nothing and a ceiling that doubles with each consecutive failure.
public enum Backoff {
    /// The ceiling after the first failure, and the minimum interval between attempts.
    private static let base = RefreshPolicy.minimumInterval
    /// Doublings after which every cap is reached: 2^9 s is more than the greatest, 300 s.
    private static let mostDoublings = 9
    /// While the token is valid: never so rare that it lapses between two attempts, never so often as to press a
    /// provider that is down.
    private static let validCap = (least: Duration.seconds(5), most: Duration.seconds(60))
    /// Once it has lapsed no deadline is left to meet, and a client that asks is told when to come back.
    private static let lapsedCap = Duration.seconds(300)
    /// The longest a provider may send us away for: an absurd Retry-After must not silence an account for a day.
    private static let longestFloor = Duration.seconds(3600)

    /// The most that a delay may be, Retry-After apart, for a token valid for `remaining`: a quarter of that within
    /// 5 s and 60 s; 300 s when it has lapsed (`remaining` of 0 or less).
    public static func cap(remaining: Duration) -> Duration {
        guard remaining > .zero else { return lapsedCap }
        return min(max(remaining / 4, validCap.least), validCap.most)
    }

    /// How long to wait from the failure to the next attempt: uniform in [0, min(cap, 1 s x 2^(failures - 1))], at least
    /// what the provider asked for in `retryAfter` (up to 1 h) and at least 1 s.
    ///
    ///     failures   remaining   retryAfter   uniform in    so the delay is
    ///     1          1 h         -            0 to 1 s      1 s
    ///     2          1 h         -            0 to 2 s      1 to 2 s
    ///     5          1 h         -            0 to 16 s     1 to 16 s
    ///     7          1 h         -            0 to 60 s     1 to 60 s
    ///     7          2 min       -            0 to 30 s     1 to 30 s
    ///     7          10 s        -            0 to 5 s      1 to 5 s
    ///     9          lapsed      -            0 to 256 s    1 to 256 s
    ///     99         lapsed      -            0 to 300 s    1 to 300 s
    ///     1          1 h         30 s         0 to 1 s      30 s
    ///     7          1 h         30 s         0 to 60 s     30 to 60 s
    ///     1          1 h         2 days       0 to 1 s      1 h
    ///
    /// - Parameter failures: The consecutive ones, this one included; less than 1 counts as 1.
    public static func delay(
        failures: Int, remaining: Duration, retryAfter: Duration?,
        using generator: inout some RandomNumberGenerator
    ) -> Duration {
        let doublings = min(max(failures, 1) - 1, mostDoublings)
        let ceiling = min(base * (1 << doublings), cap(remaining: remaining))
        let jittered = Duration.nanoseconds(Int64.random(in: 0...ceiling.nanoseconds, using: &generator))
        let floor = min(retryAfter ?? .zero, longestFloor)
        return max(jittered, floor, RefreshPolicy.minimumInterval)
    }
}
