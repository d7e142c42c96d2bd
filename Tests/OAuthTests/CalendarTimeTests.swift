import Testing
import Vocabulary

@testable import OAuth

@Suite("Dates in answers")
struct CalendarTimeTests {
    private let now = WallTime(epochSeconds: 1_800_000_000)

    @Test(
        "HTTP-date has three forms",
        arguments: [
            ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777), ("Sunday, 06-Nov-94 08:49:37 GMT", 784_111_777),
            ("Sun Nov  6 08:49:37 1994", 784_111_777), ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
            ("Wed, 31 Dec 1969 23:59:59 GMT", -1), ("Tue, 29 Feb 2000 12:00:00 GMT", 951_825_600),
            ("Sat, 31 Dec 2016 23:59:60 GMT", 1_483_228_800),
            ("Fri, 31 Dec 9999 23:59:59 GMT", 253_402_300_799),
            // Fifty years ahead is the furthest that two digits reach.
            ("Friday, 01-Jan-77 00:00:00 GMT", 3_376_684_800),
            ("Sunday, 01-Jan-78 00:00:00 GMT", 252_460_800),
        ])
    func httpDate(_ text: String, _ seconds: Int64) {
        #expect(CalendarTime.httpDate(text, now: now) == WallTime(epochSeconds: seconds))
    }

    @Test(
        "what is no HTTP-date is refused",
        arguments: [
            "", "0", "Sun", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 CET",
            "Sun, 06 Nov 1994 08:49:37 +0000", "Sun, 32 Nov 1994 08:49:37 GMT",
            "Sun, 00 Nov 1994 08:49:37 GMT",
            "Sun, 29 Feb 1900 08:49:37 GMT", "Sun, 06 Abc 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:00:00 GMT",
            "Sun, 06 Nov 1994 08:60:00 GMT", "Sun, 06 Nov 1994 08:49:61 GMT", "Sun, 06 Nov 1994 08:49 GMT",
            "Sun, 06 Nov 1994 8:49:37 GMT", "1994-11-06T08:49:37Z", "Sun, 06 Nov 19940 08:49:37 GMT",
        ])
    func noHTTPDate(_ text: String) { #expect(CalendarTime.httpDate(text, now: now) == nil) }

    @Test(
        "RFC 3339 names a second",
        arguments: [
            ("2027-01-15T08:00:00Z", 1_800_000_000), ("2027-01-15t08:00:00z", 1_800_000_000),
            ("2027-01-15 08:00:00Z", 1_800_000_000), ("2027-01-15T08:00:00.9999Z", 1_800_000_000),
            ("2027-01-15T10:00:00+02:00", 1_800_000_000), ("2027-01-15T02:30:00-05:30", 1_800_000_000),
            ("2027-01-15T10:00:00+0200", 1_800_000_000), ("1970-01-01T00:00:00Z", 0),
            ("0001-01-01T00:00:00Z", -62_135_596_800),
            ("2024-02-29T00:00:00Z", 1_709_164_800), ("9999-12-31T23:59:59Z", 253_402_300_799),
        ])
    func rfc3339(_ text: String, _ seconds: Int64) {
        #expect(CalendarTime.rfc3339(text) == WallTime(epochSeconds: seconds))
    }

    @Test(
        "what is no RFC 3339 timestamp is refused",
        arguments: [
            "", "2027", "2027-01-15", "2027-01-15T08:00:00", "2027-01-15T08:00Z", "2027-13-15T08:00:00Z",
            "2027-02-29T08:00:00Z", "2027-01-15T24:00:00Z", "2027-01-15T08:00:00.Z", "2027-01-15T08:00:00ZZ",
            "2027-01-15T08:00:00+24:00", "2027-01-15T08:00:00+02", "27-01-15T08:00:00Z",
            "2027-1-15T08:00:00Z",
            "２０２７-01-15T08:00:00Z", "+2027-01-15T08:00:00Z",
        ])
    func noRFC3339(_ text: String) { #expect(CalendarTime.rfc3339(text) == nil) }
}
