// Decides when somebody is told that a refresh token ends: 14, 7 and 1 days before, so that a login can be asked for in
// time. Only marks that lie ahead count: a refresh token that never lives so long, or that each refresh replaces, would
// warn for ever.

import Schedule
import Vocabulary

/// How often a provider wants an account to be refreshed.
struct Pace: Hashable, Sendable {
    /// Between two refreshes that succeeded; zero for none.
    var minimumInterval = Duration.zero
    /// An unused account is refreshed after this, whatever its access token's life.
    var keepalive = Pace.never

    /// Longer than any token lives: a century.
    static let never = Duration.seconds(100 * 365 * 86_400)
}

extension Pace {
    init(_ rules: ClientRules) {
        minimumInterval = rules.minimumRefreshInterval ?? .zero
        keepalive = rules.keepalive ?? Self.never
    }
}

extension AccountMachine {
    /// Before the end of the refresh token.
    private static let warnings = [14, 7, 1].map { Duration.seconds($0 * 86_400) }

    /// What is known of the refresh token's end comes with its access token; only marks after that was issued count.
    mutating func planWarning(_ facts: TokenFacts?, _ now: Moment) {
        let end = facts?.refreshTokenExpiresAt.map { now.boot(at: $0) } ?? .distantFuture
        // A provider that tells how long is left tells it in whole seconds.
        if end - refreshTokenEnd > .seconds(3600) { endsSoon = false }
        refreshTokenEnd = end
        warnAt = Self.nextWarning(end, after: facts.map { $0.expiry - $0.lifetime } ?? now.boot)
    }

    private static func nextWarning(_ end: BootTime, after time: BootTime) -> BootTime {
        guard end != .distantFuture else { return .distantFuture }
        return warnings.lazy.map { end - $0 }.first { $0 > time } ?? .distantFuture
    }

    /// Tells that the refresh token ends, where it is time for that.
    mutating func warn(_ now: BootTime, _ actions: inout [Action]) {
        guard warnAt <= now else { return }
        warnAt = Self.nextWarning(refreshTokenEnd, after: now)
        guard refreshTokenEnd > now else { return }
        endsSoon = true
        let days = ((refreshTokenEnd - now).secondsRoundedUp + 86_399) / 86_400
        actions.append(.log(.refreshTokenEnds(name, days: Int(days))))
    }
}
