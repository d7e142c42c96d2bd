// The rows for what headers tell of a rate limit. The answer is a grant, since a limit is told of with every answer; all
// times are counted from the arrival, two seconds after 1800000000.

@testable import OAuth

extension AnswerRow {
    private static func told(
        _ sentence: String, _ headers: String, in format: AnswerFormat = .init(), is left: String
    )
        -> AnswerRow
    {
        AnswerRow(
            sentence, headers: headers, body: #"{"access_token":"a1","expires_in":9}"#, in: format,
            is: left.isEmpty ? "a1 Bearer 9" : "a1 Bearer 9 left=\(left)")
    }

    private static let named = AnswerFormat.with {
        $0.rateResetHeader = .init(name: "X-Until", remaining: "X-Left", format: .deltaSeconds)
    }

    static let allowances: [AnswerRow] = [
        told(
            "the last request of a window", "X-RateLimit-Remaining: 0\nX-RateLimit-Reset: 1800000042",
            is: "0/40"),
        told("requests that are left", "X-RateLimit-Remaining: 59\nX-RateLimit-Reset: 17", is: "59/17"),
        told(
            "the draft's names", "RateLimit-Limit: 60\nRateLimit-Remaining: 5\nRateLimit-Reset: 30",
            is: "5/30"),
        told("the names with a dash more", "X-Rate-Limit-Remaining: 5\nX-Rate-Limit-Reset: 30", is: "5/30"),
        told(
            "names of the provider's own win",
            "X-Left: 3\nX-Until: 8\nX-RateLimit-Remaining: 5\nX-RateLimit-Reset: 30",
            in: named, is: "3/8"),
        told(
            "where its own are missing the customary ones count",
            "X-RateLimit-Remaining: 5\nX-RateLimit-Reset: 30",
            in: named, is: "5/30"),
        told(
            "an epoch in milliseconds", "RateLimit-Remaining: 5\nRateLimit-Reset: 1800000042000", is: "5/40"),
        told("an epoch with a fraction", "RateLimit-Remaining: 5\nRateLimit-Reset: 1800000042.9", is: "5/40"),
        told(
            "an epoch by the clock that wrote it",
            "RateLimit-Remaining: 5\nRateLimit-Reset: 1800003640\nDate: Fri, 15 Jan 2027 09:00:00 GMT",
            is: "5/40"),
        told(
            "lists and parameters", "RateLimit-Remaining: 60, 60;window=60\nRateLimit-Reset: 12;w=60",
            is: "60/12"),
        told(
            "a window that is over is a second", "RateLimit-Remaining: 5\nRateLimit-Reset: 1700000000",
            is: "5/1"),
        told("no seconds are one", "RateLimit-Remaining: 5\nRateLimit-Reset: 0", is: "5/1"),
        told(
            "a window of years is an hour", "RateLimit-Remaining: 5\nRateLimit-Reset: 1900000000",
            is: "5/3600"),
        told(
            "more digits than fit are very many, and an hour",
            "RateLimit-Remaining: 99999999999999999999\nRateLimit-Reset: 99999999999999999999",
            is: "9223372036854775807/3600"),
        told("a window without an end tells nothing", "X-RateLimit-Remaining: 0", is: ""),
        told(
            "an end without what is left tells nothing", "X-RateLimit-Limit: 60\nX-RateLimit-Reset: 30",
            is: ""),
        told("halves of two families make no whole", "X-RateLimit-Remaining: 0\nRateLimit-Reset: 30", is: ""),
        told("less than nothing does not count", "RateLimit-Remaining: -1\nRateLimit-Reset: 30", is: ""),
        told("words do not count", "RateLimit-Remaining: many\nRateLimit-Reset: 30", is: ""),
        told(
            "a date does not count", "RateLimit-Remaining: 5\nRateLimit-Reset: 2027-01-15T08:00:42Z", is: ""),
        told(
            "digits that go on in letters do not count", "RateLimit-Remaining: 5x\nRateLimit-Reset: 30",
            is: ""),
        told("nothing does not count", "RateLimit-Remaining: \nRateLimit-Reset: 30", is: ""),
    ]
}
