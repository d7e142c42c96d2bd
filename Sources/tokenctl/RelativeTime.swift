// Decides how times read: two units at most, and UTC where the instant itself is shown. strftime(3) was rejected: its
// answer depends on the machine's zone and locale.

/// Times as a person reads them; all arguments are seconds.
enum RelativeTime {
    /// `3d 4h`, `12m 5s`, `9s`: the two largest units.
    static func spell(_ seconds: Int64) -> String {
        let seconds = max(seconds, 0)
        let units = [
            ("d", seconds / 86400), ("h", seconds / 3600 % 24), ("m", seconds / 60 % 60), ("s", seconds % 60),
        ]
        guard let first = units.firstIndex(where: { $0.1 > 0 }) else { return "0s" }
        return units[first...].prefix(2).filter { $0.1 > 0 }.map { "\($0.1)\($0.0)" }.joined(separator: " ")
    }

    /// `in 5m`, `now`, `5m ago`.
    static func until(_ time: Int64, now: Int64) -> String {
        let left = time.subtracting(now)
        return left == 0 ? "now" : left > 0 ? "in \(spell(left))" : "\(spell(Int64(0).subtracting(left))) ago"
    }

    /// `5m`, or `expired`: the life of a token.
    static func left(until expiry: Int64, now: Int64) -> String {
        let left = expiry.subtracting(now)
        return left > 0 ? spell(left) : "expired"
    }

    /// `in 5m`, or `due`: a plan whose time has come is not in the past, it waits its turn.
    static func plan(_ time: Int64, now: Int64) -> String { time > now ? until(time, now: now) : "due" }

    /// `2026-11-03 10:12:05Z`.
    static func utc(_ epochSeconds: Int64) -> String {
        let (days, second) = epochSeconds.flooredDivision(by: 86400)
        let (year, month, day) = civil(days)
        return
            "\(year)-\(two(month))-\(two(day)) \(two(second / 3600)):\(two(second / 60 % 60)):\(two(second % 60))Z"
    }

    private static func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : String(number) }

    /// The proleptic Gregorian date of a day since the epoch (H. Hinnant, "chrono-Compatible Low-Level Date Algorithms",
    /// `civil_from_days`): years begin in March, so that the leap day is the last.
    private static func civil(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let (era, dayOfEra) = (days + 719_468).flooredDivision(by: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
    }
}

extension Int64 {
    /// Saturating: what a daemon sends as a time may be anything.
    func subtracting(_ other: Int64) -> Int64 {
        let (difference, overflow) = subtractingReportingOverflow(other)
        return overflow ? (other < 0 ? .max : .min) : difference
    }

    fileprivate func flooredDivision(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }

    /// `1,234,567`.
    var grouped: String {
        var digits = Array(String(magnitude))
        for index in stride(from: digits.count - 3, to: 0, by: -3) { digits.insert(",", at: index) }
        return (self < 0 ? "-" : "") + String(digits)
    }
}
