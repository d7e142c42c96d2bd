// Decides how durations are written in a configuration: a whole number and one unit, as systemd.time(7) has them.
// Sums such as "1h30m" and fractions were rejected: "90m" says it as well.

import Vocabulary

extension ReplayPolicy {
    /// Reads "never", "always" or a duration; nil for any other text, and for a window of nothing or of over a year, which
    /// means one of the two words.
    init?(configuration text: String) {
        switch text {
        case "never": self = .never
        case "always": self = .always
        default:
            guard let window = Duration(configuration: text), window > .zero, window <= .seconds(365 * 86_400)
            else { return nil }
            self = .within(window)
        }
    }
}

extension Duration {
    /// Reads "90s", "5m", "1h" or "2d"; nil for any other form, and for what does not fit 292 years.
    public init?(configuration text: String) {
        guard let unit = text.utf8.last, let secondsPerUnit = Self.units[unit] else { return nil }
        let digits = text.utf8.dropLast()
        guard !digits.isEmpty, digits.allSatisfy({ (0x30...0x39).contains($0) }),
            let count = Int64(String(digits) ?? "")
        else { return nil }
        let (seconds, overflow) = count.multipliedReportingOverflow(by: secondsPerUnit)
        // Beyond this a Duration no longer fits the clocks' nanoseconds.
        guard !overflow, seconds <= Int64.max / 1_000_000_000 else { return nil }
        self = .seconds(seconds)
    }

    private static let units: [UInt8: Int64] = [
        UInt8(ascii: "s"): 1, UInt8(ascii: "m"): 60, UInt8(ascii: "h"): 3600, UInt8(ascii: "d"): 86_400,
    ]
}
