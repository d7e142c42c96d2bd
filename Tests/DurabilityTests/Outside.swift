// Decides what is known outside the machine at an instant of a run, so that whatever the machine comes back with after a
// crash at that instant can be judged: the provider's books, the clock, and what the daemon had said until then.

import Vocabulary

/// What a store holds of an account.
struct Held: Hashable {
    let generation: Generation
    let refresh: String
    let access: String?

    init(_ grant: Grant, _ generation: Generation) {
        self.generation = generation
        refresh = grant.refreshToken!.exposed
        access = grant.accessToken?.secret.exposed
    }
}

/// How the network treats one exchange.
enum Delivery: Hashable, Sendable {
    case answered
    /// The provider has acted, and its answer does not arrive.
    case answerLost
    /// The provider never gets the request, which nobody can tell from a lost answer.
    case requestLost
    /// Surely not sent: no name, no connection.
    case notSent
    /// 429.
    case refused
}

/// The world without the machine; a value, so that a crash can go back to it.
struct Outside {
    /// A refresh token that the provider has seen, or may see, and no answer is durable.
    struct Presented {
        let token: RefreshToken
        let generation: Generation
        /// When it was first sent.
        let since: WallTime
        /// That it was turned away unused is being written down: the mark may be there or not.
        var isBeingCleared = false
        /// The rejection that was reported durable.
        var verdict: Reason?
    }

    var now = Moment(
        boot: BootTime(nanoseconds: 5_000_000_000_000), wall: WallTime(epochSeconds: 1_800_000_000))
    var boot = 1
    /// How often the machine died so far.
    var crashes = 0
    var authority = Authority()
    /// What the network does to the next exchanges of an account.
    var deliveries: [AccountName: [Delivery]] = [:]
    /// No exchange leaves the machine before this.
    var outageUntil = WallTime(nanoseconds: .min)
    /// What the store reported durable; an account that it reported removed is not there.
    var reported: [AccountName: Held] = [:]
    /// What may be there instead, for a write was begun or has failed; nil for a removal.
    var begun: [AccountName: Set<Held?>] = [:]
    /// Access tokens that readers saw.
    var published: [AccountName: String] = [:]
    var presented: [AccountName: Presented] = [:]
    /// Sent then, and not yet at the provider.
    var onTheWay: [AccountName: (token: RefreshToken, sentAt: WallTime)] = [:]
    /// The provider rotated, and its answer is not reported durable.
    var unheard: Set<AccountName> = []
    /// The daemon stopped cleanly.
    var hasStopped = false

    var bootID: String { "boot-\(boot)" }

    /// A request reaches the provider.
    mutating func arrive(_ token: RefreshToken, of name: AccountName, at time: WallTime? = nil)
        -> Authority.Answer
    {
        onTheWay[name] = nil
        let live = authority.live(token.family)
        let answer = authority.present(token, time ?? now.wall)
        if authority.live(token.family) != live { unheard.insert(name) }
        return answer
    }

    /// The machine dies and starts again: after a kill in the same boot, after a power cut in another.
    mutating func crash(powerCut: Bool, downFor pause: Duration) {
        crashes += 1
        now = now + pause
        guard powerCut else { return }
        boot += 1
        now = Moment(boot: BootTime(nanoseconds: 20_000_000_000), wall: now.wall)
    }
}
