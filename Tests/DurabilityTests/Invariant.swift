// Decides what must hold, whatever crashes or fails at whatever step; each by its name, which is what a failing run prints.

/// What the daemon promises of refresh tokens and disks.
enum Invariant: String, CaseIterable, Sendable {
    case opened = "the store opens after every crash (R3)"
    case marked = "of what the provider saw, the mark or the new grant is on the disk (R1, R7)"
    case durable = "what was reported durable is there, whole (R1, R3)"
    case published = "what readers saw is durable (R1)"
    case presented = "a consumed refresh token is presented again only as the provider's policy allows (R1)"
    case ended =
        "an account ends well, or as lost-rotation exactly where the provider rotated unheard (R1, R7)"
    case untouched = "other accounts are as they were (R1)"
    case stopped = "after a clean stop nothing is in doubt (R8)"
    case served = "a grant that cannot be written is served (R2)"
    case rewritten = "a grant that cannot be written is written again every second (R2)"
    case withheld = "no refresh starts for an account whose grant is not durable, or without a mark (R2)"
    case mended = "when the disk is well again, so is everything (R2)"
}

/// An invariant that did not hold.
struct Violation: CustomStringConvertible {
    let invariant: Invariant
    let detail: String

    var description: String { "\(invariant.rawValue): \(detail)" }
}
