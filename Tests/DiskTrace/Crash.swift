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

/// SplitMix64 (Steele, Lea, Flood 2014): the same coins for the same seed.
struct Coins {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var bits = state
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return bits ^ (bits >> 31)
    }

    /// True so often out of 256.
    mutating func toss(_ chance: UInt64) -> Bool { next() & 0xFF < chance }

    /// How often the coins of one file shall be true. Fair coins alone would hardly ever lose one file whole and keep
    /// the other.
    mutating func chance() -> UInt64 { [0, 26, 128, 230, 256][Int(next() % 5)] }
}
