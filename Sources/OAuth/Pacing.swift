// Decides how long to stay away from a provider, from an answer's headers. Both Retry-After and the rate limit's reset
// are floors, so the later one holds; a nonsensical one is clamped, an unreadable one does not count. X-RateLimit-Limit is
// not read: without what remains of it, it says nothing of the next request, and for what window it holds it never says.

import Vocabulary

/// What an answer's headers say of time: the provider's clock and when it wants the next request.
struct Pacing {
    /// By how much the provider's clock is at most ahead of ours (negative: behind), so that an expiry is never taken to be
    /// later than it is; nil when it is unknown or the difference could be the answer's time on the way and the Date header's
    /// resolution of a second.
    let providersLead: Duration?
    /// What is left of the rate limit's window; nil where the headers do not tell both how much and how long.
    let allowance: Allowance?
    private let retryAfter: Duration?
    /// From the answer's arrival to the end of the rate limit's window.
    private let reset: Duration?
    private let defaultCooldown: Duration?

    /// A second, because no account is tried more often anyway; an hour, so that an absurd header cannot park a
    /// client for a year.
    static let limits = Duration.seconds(1)...Duration.seconds(3600)
    /// The error of a Date header: its resolution, and some for the way.
    private static let dateTolerance = Duration.seconds(2)
    /// The names in use, GitHub's first, then draft-ietf-httpapi-ratelimit-headers-07's. Read of every provider: whoever sends
    /// one of them means it.
    private static let customary = ["X-RateLimit", "RateLimit", "X-Rate-Limit"].map {
        AnswerFormat.RateResetHeader(
            name: $0 + "-Reset", remaining: $0 + "-Remaining", format: .epochSeconds)
    }

    init(headers: (String) -> String?, format: AnswerFormat, sentAt: WallTime, receivedAt: WallTime) {
        let date = headers("Date").flatMap { CalendarTime.httpDate($0, now: receivedAt) }
        providersLead = date.flatMap { Self.lead($0, sentAt, receivedAt) }
        // Absolute times are the provider's: count them from its own clock where it shows one.
        let now = date ?? receivedAt
        retryAfter = headers("Retry-After").flatMap { Self.retryAfter($0, now: now) }
        let windows = ([format.rateResetHeader].compactMap { $0 } + Self.customary).map { names in
            (
                remaining: headers(names.remaining).flatMap(Self.leadingNumber),
                reset: headers(names.name).flatMap { Self.reset($0, names.format, now: now) }
            )
        }
        let whole = windows.first { $0.remaining != nil && $0.reset != nil }
        allowance = whole.map { Allowance(remaining: $0.remaining!, resetsIn: Self.clamp($0.reset!)) }
        reset = whole?.reset ?? windows.lazy.compactMap(\.reset).first
        defaultCooldown = format.defaultCooldown
    }

    /// The header was written between sending and arrival: the lead is greatest if that was at once, at the end of its second.
    private static func lead(_ date: WallTime, _ sentAt: WallTime, _ receivedAt: WallTime) -> Duration? {
        guard date - receivedAt > dateTolerance || sentAt - date > dateTolerance else { return nil }
        return date + .seconds(1) - sentAt
    }

    /// The floor for the next attempt after a failure, from the answer's arrival; nil leaves it to the back-off.
    func floor(_ meaning: AnswerClass) -> Duration? {
        let isLimited = meaning == .rateLimited
        let floors = [retryAfter, isLimited || allowance?.remaining == 0 ? reset : nil].compactMap { $0 }
        return (floors.max() ?? (isLimited ? defaultCooldown : nil)).map(Self.clamp)
    }

    private static func clamp(_ duration: Duration) -> Duration {
        min(max(duration, limits.lowerBound), limits.upperBound)
    }

    /// Retry-After: seconds or an HTTP-date (RFC 9110 §10.2.3).
    private static func retryAfter(_ text: String, now: WallTime) -> Duration? {
        seconds(text).map { .seconds($0) } ?? CalendarTime.httpDate(text, now: now).map { $0 - now }
            // Neither, but of some: `1.5`, or twice by two gateways.
            ?? leadingNumber(text).map { .seconds($0) + .seconds(1) }
    }

    private static func reset(
        _ text: String, _ format: AnswerFormat.RateResetHeader.Format, now: WallTime
    ) -> Duration? {
        guard let number = leadingNumber(text) else { return nil }
        // No clock is before 2001: so small a number is a delta, whatever it was said to be. None is beyond the year 5138
        // either: so large a one is in milliseconds.
        if format == .deltaSeconds || number < 1_000_000_000 { return .seconds(number) }
        return WallTime(epochSeconds: number < 100_000_000_000 ? number : number / 1000) - now
    }

    /// Digits alone; more of them than fit mean "very long".
    private static func seconds(_ text: String) -> Int64? {
        let digits = text.drop { $0 == " " || $0 == "\t" }.prefix { $0 != " " && $0 != "\t" }
        guard !digits.isEmpty, digits.utf8.allSatisfy(isDigit) else { return nil }
        return Int64(digits) ?? .max
    }

    /// The digits that a list, its parameters or a fraction may follow: `60, 60;w=60`, `12;w=60`, `59.5`.
    private static func leadingNumber(_ text: String) -> Int64? {
        let ends: [Character] = [",", ";", ".", " ", "\t"]
        let word = text.drop { $0 == " " || $0 == "\t" }.prefix { !ends.contains($0) }
        return seconds(String(word))
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}
