// Decides what must hold in every simulated run, whatever the scenario; each by its name, which is what a report prints.

import Vocabulary

/// What the engine promises at any load, on any clock.
public enum Invariant: String, CaseIterable, Sendable {
    case budget = "no client sends more than twice its budget in a second, nor 1.1 times in 10 s"
    case bounded = "no client has more requests in flight than its rules allow"
    case attempts = "no account fails more than ten times in a minute"
    case spaced = "no account is attempted twice within a second"
    case reused = "a consumed refresh token comes back only as its provider's policy allows"
    case kept = "no grant is lost but where its answer was, or its user revoked it"
    case served = "nothing that has lapsed is published or handed out"
    case punctual = "an attempt is later than planned only where budget, slots or trouble were in its way"
    case caused = "an account lapses only where its provider failed it, or no budget could suffice"
    case answered = "every caller is answered, once"
    case remembered = "no account is forgotten: each has its next attempt planned or under way"
    case healthy = "in the end every account is well"
    case restful = "the engine does not wake without end"
}

/// Which invariants were broken: how often, and how the first time.
public struct Breaches: Sendable {
    public struct Breach: Sendable {
        public var count: Int
        /// Of the first one.
        public let detail: String
        /// Of the first one, from the start.
        public let at: Duration
    }

    public private(set) var all: [Invariant: Breach] = [:]

    mutating func note(_ invariant: Invariant, at time: Duration, _ detail: String) {
        if all[invariant] == nil {
            all[invariant] = Breach(count: 1, detail: detail, at: time)
        } else {
            all[invariant]!.count += 1
        }
    }
}
