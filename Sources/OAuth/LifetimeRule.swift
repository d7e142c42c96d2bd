// Decides how long an access token lives, from whatever the answer says of it. The rules, all on the safe side:
// a relative lifetime counts from the sending of the request; of several statements the earliest expiry holds; a value
// that is negative, past, or neither a number nor a date says nothing; what nobody says is assumed, never "never" and never what the
// last token had; what is too long is cut.

import StrictJSON
import Vocabulary

struct LifetimeRule {
    let reader: AnswerReader
    let members: JSONObject

    private var format: AnswerFormat { reader.format }

    /// The lifetime from the sending of the request, and whether anybody stated it.
    func lifetime(of accessToken: Secret) -> (duration: Duration, isKnown: Bool) {
        let stated = [relative, absolute, format.expiresFromJWT ? fromJWT(accessToken) : nil]
        if let earliest = stated.compactMap({ $0 }).min() {
            return (min(earliest, reader.provider.maximumLifetime), true)
        }
        let untold = [customary, fromJWT(accessToken)].compactMap { $0 }.min()
        if let byDefault = format.defaultLifetime {
            let lifetime = min(left(of: sinceIssue(byDefault)), untold ?? reader.provider.maximumLifetime)
            return (min(lifetime, reader.provider.maximumLifetime), true)
        }
        if let untold { return (min(untold, reader.provider.maximumLifetime), true) }
        return (left(of: FreshGrant.assumedLifetime), false)
    }

    /// What is left of a lifetime that began when the refresh token was first presented.
    private func left(of lifetime: Duration) -> Duration {
        max(.zero, lifetime - (reader.ageWhenSent ?? .zero))
    }

    /// What it means that the answer speaks of no time left: of a token that was issued before, that it is over.
    private var noTimeLeft: Duration? { reader.ageWhenSent == nil ? nil : .zero }

    /// When the refresh token expires: by the answer, else by the provider's description, which counts from the sending (or
    /// from the first presentation, where this may answer that one) and for a token that came along: the old one ages on.
    func refreshTokenExpiry(cameAlong: Bool) -> WallTime? {
        if let stated = statedRefreshTokenExpiry { return stated }
        guard cameAlong, let lifetime = reader.provider.refreshTokenLifetime else { return nil }
        return reader.sentAt + left(of: lifetime)
    }

    private var statedRefreshTokenExpiry: WallTime? {
        if let member = format.refreshExpiresAt, let value = members[member.field],
            let time = Self.time(value, member.format), time > reader.sentAt
        {
            return time
        }
        guard let name = format.refreshExpiresIn, let seconds = members[name]?.numeric?.flooredInteger,
            seconds > 0
        else { return nil }
        return reader.sentAt + .seconds(seconds)
    }

    /// `expires_in`.
    private var relative: Duration? {
        let value =
            format.expiresInFields.isEmpty
            ? reader.member(.expiresIn, of: members)
            : format.expiresInFields.lazy.compactMap { members[$0] }.first { $0 != .null }
        guard let value, let number = Self.count(value) else { return nil }
        guard number >= 0 else { return noTimeLeft }
        // More seconds than thirty years have are an epoch's, where that makes sense.
        if format.expiresInUnit == .seconds, number >= Self.earliestEpoch,
            let byClock = absolute(value, .epochSeconds),
            byClock > .zero, byClock <= reader.provider.maximumLifetime
        {
            return byClock
        }
        if number == 0 { return format.expiresInZero == .expired ? .zero : noTimeLeft }
        return left(
            of: sinceIssue(format.expiresInUnit == .seconds ? .seconds(number) : .milliseconds(number)))
    }

    private static let earliestEpoch: Int64 = 1_000_000_000
    private static let customarySeconds: ClosedRange<Int64> = 300...1_000_000

    /// A number, as JSON or as protobuf writes a duration (`3600s`).
    private static func count(_ value: JSONValue) -> Int64? {
        if let number = value.numeric { return number.flooredInteger }
        guard let text = value.string, text.hasSuffix("s") else { return nil }
        return JSONValue.string(String(text.dropLast())).numeric?.flooredInteger
    }

    /// What members say that the dialect does not name, but that bear a name in use: better than what is assumed, where it can
    /// be neither minutes nor milliseconds.
    private var customary: Duration? {
        let names = [
            "expires_at", "expires_on", "expiresAt", "expires", "expiresIn", "expiry", "expiration", "exp",
        ]
        return names.compactMap { $0 == format.expiresAt?.field ? nil : members[$0] }.compactMap { value in
            guard let number = value.numeric?.flooredInteger, number < Self.earliestEpoch else {
                return absolute(value, .epochSeconds).flatMap {
                    $0 <= reader.provider.maximumLifetime ? $0 : nil
                }
            }
            return Self.customarySeconds.contains(number) ? left(of: .seconds(number)) : nil
        }.min()
    }

    /// `lifetime` less the token's age when the request was sent, for a provider that hands out a token it made
    /// earlier: by its own clock or by ours, whichever makes it older. An age beyond the lifetime is a wrong clock and does
    /// not count.
    private func sinceIssue(_ lifetime: Duration) -> Duration {
        guard let member = format.issuedAt, let value = members[member.field],
            let issuedAt = Self.time(value, member.format)
        else { return lifetime }
        let age = reader.sentAt - issuedAt
        let ages = [age, age + (reader.pacing.providersLead ?? .zero)]
        return lifetime - (ages.filter { $0 > .zero && $0 < lifetime }.max() ?? .zero)
    }

    /// `expires_at`.
    private var absolute: Duration? {
        guard let member = format.expiresAt, let value = members[member.field] else { return nil }
        return absolute(value, member.format)
    }

    private func absolute(_ value: JSONValue, _ format: AnswerFormat.TimeFormat) -> Duration? {
        guard let number = value.numeric else { return value.string.flatMap(calendar) }
        let formats: [AnswerFormat.TimeFormat] =
            format == .epochMilliseconds
            ? [.epochMilliseconds, .epochSeconds] : [.epochSeconds, .epochMilliseconds]
        let readings = formats.map { untilExpiry(Self.time(number, $0)) }
        // A value that makes no sense in the stated unit but does in the other was written in the other.
        if let sensible = readings.compactMap({ $0 }).first(where: { $0 <= reader.provider.maximumLifetime })
        {
            return sensible
        }
        return readings[0]
    }

    /// A date. One without a zone is read as UTC, but not trusted for longer than a life that nobody states.
    private func calendar(_ text: String) -> Duration? {
        if let expiry = CalendarTime.rfc3339(text) ?? CalendarTime.httpDate(text, now: reader.sentAt) {
            return untilExpiry(expiry)
        }
        let local = text.hasSuffix(" UTC") ? String(text.dropLast(4)) : text
        return CalendarTime.rfc3339(local + "Z").flatMap(untilExpiry).map {
            min($0, FreshGrant.assumedLifetime)
        }
    }

    /// The `exp` of an unverified JWT: it is the provider's own word, come over TLS.
    private func fromJWT(_ token: Secret) -> Duration? {
        guard let expiry = JWT.claims(of: token.exposed)?["exp"]?.number else { return nil }
        return untilExpiry(Self.time(expiry, .epochSeconds))
    }

    /// From the sending of the request to `expiry`; nil when that is past.
    ///
    /// If the provider's clock, by its Date header, is ahead of ours, `expiry` comes that much sooner for us. If it is
    /// behind, the time is not stretched, except where the token would otherwise be dead on arrival. A clock of ours that was
    /// never set tells nothing unless the header says how wrong it is.
    private func untilExpiry(_ expiry: WallTime) -> Duration? {
        let byOurClock = expiry - reader.sentAt
        guard let lead = reader.pacing.providersLead else {
            guard reader.sentAt.isPlausible else { return nil }
            return byOurClock > .zero ? byOurClock : noTimeLeft
        }
        let byItsClock = byOurClock - lead
        return [byOurClock, byItsClock].filter { $0 > .zero }.min() ?? noTimeLeft
    }

    private static func time(_ value: JSONValue, _ format: AnswerFormat.TimeFormat) -> WallTime? {
        if let number = value.numeric { return time(number, format) }
        return value.string.flatMap(CalendarTime.rfc3339)
    }

    private static func time(_ number: JSONNumber, _ format: AnswerFormat.TimeFormat) -> WallTime {
        let value = number.flooredInteger
        return switch format {
        case .epochSeconds, .iso8601: WallTime(epochSeconds: value)
        // The epoch and a Duration, whose arithmetic saturates.
        case .epochMilliseconds: WallTime(epochSeconds: 0) + .milliseconds(value)
        }
    }
}
