// Decides what a step of the wall clock means for one token. Its end was agreed with the provider as a lifetime, and the
// boot clock has counted since: a step changes what is shown, never how long the token lives. Only a token that nobody has
// watched (of another boot, or added with an expiry) lives by the wall clock; there a step may shorten its life and never
// lengthen it, for of two clocks the one that ends it sooner harms nobody.

import Vocabulary

extension TokenFacts {
    /// Which clock knows when a token lapses.
    public enum Basis: Hashable, Sendable {
        /// It was obtained in this boot: `expiry` is exact.
        case bootClock
        /// It lapses when the wall clock shows this; `expiry` is the earliest moment that a plausible clock meant by it.
        case wallClock(WallTime)
        /// As `wallClock`, and no clock has told yet whether it still lives: it counts as lapsed.
        case unjudged(WallTime)
    }

    /// Of a token whose end only the wall clock knows; judged at once where that shows a plausible time.
    public init(
        until expiresAt: WallTime, lifetime: Duration, fingerprint: Fingerprint, type: String,
        scope: String?, _ now: Moment
    ) {
        self.init(
            expiry: .distantPast, expiresAt: expiresAt, lifetime: lifetime, basis: .unjudged(expiresAt),
            fingerprint: fingerprint, type: type, scope: scope)
        self = judged(at: now)
    }

    /// Of a token that the store kept.
    /// - Parameter obtainedAt: when its life began; nil where nobody knows, and it is taken to begin now.
    public init(_ token: AccessToken, obtainedAt: WallTime?, scope: String?, _ now: Moment) {
        let lifetime = max(.zero, token.expiresAt - (obtainedAt ?? now.wall))
        self.init(
            until: token.expiresAt, lifetime: lifetime, fingerprint: Fingerprint(of: token.secret),
            type: token.type, scope: scope, now)
        // A container may have a boot clock of its own (time_namespaces(7)): one that makes no sense does not count.
        guard let end = token.bootExpiry, end - now.boot <= lifetime else { return }
        basis = .bootClock
        expiry = end
        self = shown(at: now)
    }

    /// The same token by a clock that can be believed; itself where it was judged before, or still cannot be. One that would
    /// have longer to live than it ever had was obtained under a clock that was ahead of this one: which of the two is wrong
    /// nobody knows, so it has lapsed.
    func judged(at now: Moment) -> TokenFacts {
        guard case .unjudged(let end) = basis, now.wall.isPlausible else { return self }
        var facts = self
        facts.basis = .wallClock(end)
        facts.expiry = end - now.wall > lifetime ? .distantPast : now.boot(at: end)
        return facts.shown(at: now)
    }

    /// The same token by the clocks as they stand now.
    public func rederived(at now: Moment) -> TokenFacts {
        var facts = self
        switch basis {
        case .bootClock: break
        case .wallClock(let end): facts.expiry = min(expiry, now.boot(at: end))
        case .unjudged: return self
        }
        return facts.shown(at: now)
    }

    /// `expiresAt` follows the wall clock, so that clients who compare it with theirs are right. Less than a second is what
    /// two readings of a clock, and a Date header, differ by; clients would see their tokens change for nothing.
    private func shown(at now: Moment) -> TokenFacts {
        var facts = self
        guard expiry != .distantPast else { return self }
        let end = now.wall(at: expiry)
        if (end - expiresAt).nanoseconds.magnitude > 1_000_000_000 { facts.expiresAt = end }
        return facts
    }
}
