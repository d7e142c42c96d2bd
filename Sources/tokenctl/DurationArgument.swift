// Decides how a duration is written on the command line: a whole number and ms, s, m, h or d; without a unit, seconds.

import ArgumentParser

/// A duration as an option takes it: `15s`, `500ms`, `2m`, `90`.
struct DurationArgument: ExpressibleByArgument, Hashable {
    let duration: Duration

    /// Beyond a century it is a slip, and no arithmetic behind can overflow.
    static let longest: Duration = .seconds(100 * 366 * 86400)

    init(duration: Duration) { self.duration = duration }

    init?(argument: String) {
        let digits = argument.utf8.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        guard let number = Int64(String(decoding: digits, as: UTF8.self)), number < 1 << 40 else {
            return nil
        }
        let duration: Duration
        switch argument.dropFirst(digits.count) {
        case "ms": duration = .milliseconds(number)
        case "", "s": duration = .seconds(number)
        case "m": duration = .seconds(number * 60)
        case "h": duration = .seconds(number * 3600)
        case "d": duration = .seconds(number * 86400)
        default: return nil
        }
        guard duration <= Self.longest else { return nil }
        self.duration = duration
    }

    /// How help shows a default.
    var defaultValueDescription: String {
        let (seconds, attoseconds) = duration.components
        return attoseconds == 0 ? "\(seconds)s" : "\(duration / .milliseconds(1))ms"
    }
}
