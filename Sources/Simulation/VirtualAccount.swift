// Decides what is kept of an account on both sides: what the daemon's store holds and readers see, and what the provider
// knows. Small, for there are a million.

/// One account of a running simulation. Times are nanoseconds from the start.
struct VirtualAccount: Sendable {
    let client: Int
    let lifetime: Int64

    // The daemon's side.
    /// When the token that readers see lapses.
    var expiry: Int64
    var generation: UInt64 = 1
    /// The refresh token that the store holds: providers number them.
    var stored: Int32 = 0
    /// When it last got a token.
    var lastGrant: Int64 = 0
    var lastSent = Int64.min / 2
    /// Failed attempts since the last grant.
    var failures: Int32 = 0
    var lastLateReplay = Int64.min / 2

    // The provider's side.
    /// The refresh token that is good.
    var live: Int32 = 0
    var rotatedAt = Int64.min / 2
    var isRevoked = false
    /// The user withdrew the consent.
    var isWithdrawn = false
    /// The provider rotated, and its answer was lost.
    var isUnheard = false
    /// Its user is on the way to a new login.
    var awaitsLogin = false

    /// Whether the grant that the store holds can still be refreshed, by whatever replay the provider takes.
    var isAlive: Bool { !isRevoked && stored == live }
}
