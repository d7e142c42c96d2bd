// Decides how the dates in token answers are read: HTTP-date (RFC 9110 §5.6.7) and RFC 3339 by hand. Foundation's
// formatters were rejected: they depend on locale data, accept what the standards do not, and differ by platform.

import Vocabulary

enum CalendarTime {
    /// The time that an HTTP-date in any of its three forms names; nil when `text` is none.
    ///
    /// - Parameter now: settles the century of the two-digit year of RFC 850: never more than 50 years ahead.
    static func httpDate(_ text: String, now: WallTime) -> WallTime? {
        let words = text.split { $0 == " " || $0 == "," || $0 == "-" }
        let isASCTime = words.count == 5  // Sun Nov  6 08:49:37 1994
        guard isASCTime || words.count == 6 && ["GMT", "UTC"].contains(words[5]) else { return nil }
        let (dayWord, monthWord, yearWord, clockWord) =
            isASCTime ? (words[2], words[1], words[4], words[3]) : (words[1], words[2], words[3], words[4])
        guard words[0].allSatisfy(\.isLetter), let month = months.firstIndex(of: monthWord.lowercased()),
            let day = digits(dayWord, 1...2), var year = digits(yearWord, 2...4)
        else { return nil }
        let clock = clockWord.split(separator: ":", omittingEmptySubsequences: false)
        guard clock.count == 3, let hour = digits(clock[0], 2...2), let minute = digits(clock[1], 2...2),
            let second = digits(clock[2], 2...2)
        else { return nil }
        if yearWord.count == 2 {
            year += 2000
            let ahead = epochSeconds(year: year, month: 1, day: 1).map { $0 - now.epochSeconds }
            if let ahead, ahead > 50 * 31_557_600 { year -= 100 }
        }
        return epochSeconds(
            year: year, month: Int64(month) + 1, day: day, hour: hour, minute: minute, second: second
        ).map(WallTime.init(epochSeconds:))
    }

    /// The time that an RFC 3339 timestamp names; nil when `text` is none.
    ///
    /// A space for the `T` and an offset without colon (ISO 8601's basic form) are accepted. A timestamp without an
    /// offset is refused: it could be off by half a day.
    static func rfc3339(_ text: String) -> WallTime? {
        var rest = Substring(text)
        guard let year = take(4, of: &rest), skip("-", of: &rest), let month = take(2, of: &rest),
            skip("-", of: &rest), let day = take(2, of: &rest), skip("Tt ", of: &rest),
            let hour = take(2, of: &rest), skip(":", of: &rest), let minute = take(2, of: &rest),
            skip(":", of: &rest), let second = take(2, of: &rest)
        else { return nil }
        if skip(".,", of: &rest) {
            // A fraction is dropped: an expiry is never later than stated.
            let fraction = rest.prefix { $0.isASCII && $0.isNumber }
            guard !fraction.isEmpty else { return nil }
            rest = rest[fraction.endIndex...]
        }
        guard let offset = offset(&rest), rest.isEmpty,
            let local = epochSeconds(
                year: year, month: month, day: day, hour: hour, minute: minute, second: second)
        else { return nil }
        return WallTime(epochSeconds: local - offset)
    }

    private static let months = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ]

    /// Seconds east of UTC; nil when there is no offset.
    private static func offset(_ rest: inout Substring) -> Int64? {
        if skip("Zz", of: &rest) { return 0 }
        let sign: Int64 = rest.first == "-" ? -1 : 1
        guard skip("+-", of: &rest), let hours = take(2, of: &rest) else { return nil }
        _ = skip(":", of: &rest)
        guard let minutes = take(2, of: &rest), hours < 24, minutes < 60 else { return nil }
        return sign * (hours * 3600 + minutes * 60)
    }

    private static func skip(_ characters: String, of rest: inout Substring) -> Bool {
        guard let first = rest.first, characters.contains(first) else { return false }
        rest.removeFirst()
        return true
    }

    private static func take(_ count: Int, of rest: inout Substring) -> Int64? {
        let word = rest.prefix(count)
        rest = rest.dropFirst(count)
        return digits(word, count...count)
    }

    private static func digits(_ word: Substring, _ counts: ClosedRange<Int>) -> Int64? {
        guard counts.contains(word.utf8.count), word.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        return Int64(word)
    }

    /// Seconds since the epoch of a proleptic Gregorian date; nil where there is no such day or time. Second 60 is
    /// a leap second and counts as the next one.
    private static func epochSeconds(
        year: Int64, month: Int64, day: Int64, hour: Int64 = 0, minute: Int64 = 0, second: Int64 = 0
    ) -> Int64? {
        let isLeapYear = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let lengths: [Int64] = [31, isLeapYear ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        guard (1...12).contains(month), (1...lengths[Int(month) - 1]).contains(day), (0..<24).contains(hour),
            (0..<60).contains(minute), (0...60).contains(second)
        else { return nil }
        let yearsBefore = year - 1
        let daysBefore =
            yearsBefore * 365 + yearsBefore / 4 - yearsBefore / 100 + yearsBefore / 400
            + lengths[..<(Int(month) - 1)].reduce(0, +) + day - 1
        let daysBeforeEpoch: Int64 = 719_162  // from 0001-01-01 to 1970-01-01
        return ((daysBefore - daysBeforeEpoch) * 24 + hour) * 3600 + minute * 60 + second
    }
}
