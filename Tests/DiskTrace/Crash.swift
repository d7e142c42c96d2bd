// Decides the ways in which a run can end before its time.

/// An end after some of a recording's steps.
public enum Crash: Hashable, Sendable {
    /// The process dies when it has carried out so many steps; the kernel keeps everything.
    case killed(after: Int)
    /// The process dies in the step of that index, a write, when half of it is stored.
    case killedWithin(Int)
    /// The machine dies after so many steps, and of what was not synced some is lost.
    case powerCut(after: Int, Loss)

    /// What a power cut takes of the things not synced.
    public enum Loss: Hashable, Sendable {
        case everythingUnsynced
        case nothingUnsynced
        /// Each change of a name, each change of a size and each sector of 512 bytes is lost or kept by itself.
        case random(seed: UInt64)
    }
}
