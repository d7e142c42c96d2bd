// Decides how the presenting of a refresh token is spoken of: the one step of a refresh that cannot be undone. Whoever
// presents one first makes it known durably that it does, so that no death between sending and storing is forgotten.

/// One refresh token shown to its provider, whose answer is not known (yet).
public struct Presentation: Hashable, Sendable {
    /// When it was first shown: replay windows count from here, for the provider may have acted on that one.
    public var since: Moment
    /// When it was last shown.
    public var last: Moment
    /// How often it was shown again outside the provider's replay window.
    public var lateReplays: Int

    /// So long after it was shown an answer is waited for: later, the provider is done with it or never got it.
    public static let longest = Duration.seconds(20)

    /// More are not counted: two already mean "seldom".
    public static let mostLateReplays = 1000

    public init(since: Moment, last: Moment, lateReplays: Int = 0) {
        self.since = since
        self.last = last
        self.lateReplays = lateReplays
    }
}

/// How a presentation ended that brought no new grant; durable, so that a restart goes on from here.
public enum Settlement: Hashable, Sendable {
    /// The provider surely did not act on it: the refresh token is as good as before.
    case cleared
    /// The answer was lost: the provider may have rotated.
    case inDoubt(Presentation)
    /// The provider refuses the refresh token for good.
    case rejected(Reason)
}

/// What a stored mark says of an account's refresh token, at the start of the daemon.
public enum Standing: Hashable, Sendable {
    /// It was presented and no answer is known. `wasCutOff`: the process ended before it could be.
    case inDoubt(Presentation, wasCutOff: Bool)
    /// The provider has refused it for good.
    case rejected(Reason)
}

/// `replay_after_lost_response`: how a provider takes a refresh token whose first use it may have answered unheard.
public enum ReplayPolicy: Hashable, Sendable {
    /// Showing it again revokes the account (Box, X, OpenAI).
    case never
    /// It is taken again for so long after its first use (Xero 30 min, Atlassian 10 min).
    case within(Duration)
    /// It is not consumed by use (Google, Salesforce without rotation).
    case always

    /// Where nothing is known: short enough for every grace period seen, long enough for an answer lost to a restart.
    public static let standard = ReplayPolicy.within(.seconds(30))
}
