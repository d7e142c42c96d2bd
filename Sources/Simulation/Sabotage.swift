// Decides in what ways the driver can be broken, to show that each invariant can be: one that cannot fail proves nothing.

/// A way to drive the engine wrongly.
enum Sabotage: Hashable, Sendable {
    /// Wake-ups are handled a minute late.
    case oversleeps
    /// Each exchange is sent twice.
    case sendsTwice
    /// Attempts are sent again at once, as often as they fail.
    case hammers
    /// The store reports a new grant and keeps the old one.
    case forgetsRotation
    /// Answers arrive after their token's whole life.
    case answersTooLate
    /// Some refreshes are begun and never heard of again.
    case losesOperations
    /// Clients' answers are dropped.
    case losesAnswers
    /// The first account is not loaded.
    case losesAccounts
    /// The engine is told that it is still the start.
    case stopsClock
}
