// Decides that chance is repeatable: what a test leaves to it comes from a seed that is printed.

/// SplitMix64 (Steele, Lea, Flood 2014): the same coins for the same seed.
public struct Coins {
    private var state: UInt64

    public init(seed: UInt64) { state = seed }

    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var bits = state
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return bits ^ (bits >> 31)
    }

    /// True so often out of 256.
    public mutating func toss(_ chance: UInt64) -> Bool { next() & 0xFF < chance }

    public mutating func number(in range: ClosedRange<Int>) -> Int {
        range.lowerBound + Int(next() % UInt64(range.count))
    }

    /// How often the coins of one file shall be true. Fair coins alone would hardly ever lose one file whole and keep
    /// the other.
    mutating func chance() -> UInt64 { [0, 26, 128, 230, 256][Int(next() % 5)] }
}
