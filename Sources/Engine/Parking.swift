// Decides whether a refusal that names no cause is the client's or the account's: RFC 6749 has the provider answer 401 to
// a client it does not know, and many answer it to a dead refresh token. One account's refusal among siblings that are
// granted is its own; one after another without a grant between is the client's (C4). Rejected: to believe the first
// one, which logs out everybody when a client secret expires.

import Vocabulary

/// What refusals say of one client.
struct Parking: Sendable {
    /// The client is refused: requests would only be refused too.
    struct Parked: Hashable, Sendable {
        var since: Moment
        var reason: Reason
        /// When the next probe may leave.
        var probeAt: BootTime
        /// When one may with an account that was never refused: had only dead accounts been asked, it would show.
        var witnessAt: BootTime
        var isProbing = false
    }

    private(set) var parked: Parked?
    /// The accounts that were refused since the last grant.
    private(set) var refused: Set<Int> = []

    /// Between probes.
    static let interval = Duration.seconds(300)
    /// So many accounts refused in a row, without a grant between, are the client's doing.
    private static let enough = 3
    /// Somebody who asks for a probe gets it at once, but not more often.
    private static let leastInterval = Duration.seconds(1)
    private var lastProbe = BootTime.distantPast

    /// A grant: the client is well. Returns whether it was parked.
    mutating func granted() -> Bool {
        refused.removeAll()
        defer { parked = nil }
        return parked != nil
    }

    /// The provider refused this very client. Returns whether that is news.
    mutating func refusedClient(_ reason: Reason, isProbe: Bool, _ now: Moment) -> Bool {
        park(reason, witnessAt: now.boot + Self.interval, isProbe: isProbe, now)
    }

    /// The provider refused without saying whom.
    /// - Parameters:
    ///   - isRepeated: whether the account had been refused before.
    ///   - accounts: how many accounts the client has. Where some were not refused, one of them may be asked at once.
    /// - Returns: whether the client was parked by it.
    mutating func refusedSomebody(
        _ index: Int, isRepeated: Bool, isProbe: Bool, accounts: Int, _ now: Moment
    ) -> Bool {
        let isWitness = refused.insert(index).inserted && !isRepeated
        if let parked {
            let witnessAt = isWitness ? now.boot + Self.interval : parked.witnessAt
            return park(.unauthorized, witnessAt: witnessAt, isProbe: isProbe, now)
        }
        guard refused.count >= Self.enough || (refused.count >= accounts && isRepeated) else { return false }
        return park(.unauthorized, witnessAt: now.boot, isProbe: isProbe, now)
    }

    private mutating func park(_ reason: Reason, witnessAt: BootTime, isProbe: Bool, _ now: Moment) -> Bool {
        let probeAt = now.boot + Self.interval
        guard let parked else {
            self.parked = Parked(since: now, reason: reason, probeAt: probeAt, witnessAt: witnessAt)
            return true
        }
        // What was under way when it was parked says nothing new.
        if isProbe {
            self.parked = Parked(since: parked.since, reason: reason, probeAt: probeAt, witnessAt: witnessAt)
        }
        return false
    }

    mutating func forget(_ index: Int) { refused.remove(index) }

    /// A probe leaves.
    mutating func probe(_ now: BootTime) {
        parked?.isProbing = true
        lastProbe = now
    }

    /// The probe ended and told nothing of the client.
    mutating func probeEnded(wasSent: Bool, _ now: BootTime) {
        guard parked?.isProbing == true else { return }
        parked!.isProbing = false
        parked!.probeAt = wasSent ? now + Self.interval : now
        parked!.witnessAt = parked!.probeAt
    }

    /// Somebody wants to know now: an operator who has mended it, a user who has logged in.
    mutating func hasten(_ now: BootTime) {
        guard let probeAt = parked?.probeAt else { return }
        parked!.probeAt = min(probeAt, max(now, lastProbe + Self.leastInterval))
    }
}
