// The local clock is wrong by minutes, and the provider says when a token ends by its own (T3). The sending is at 08:00:00,
// the arrival at 08:00:02, and a Date header is of the sending's second at the earliest: all rows err on the safe side.

@testable import OAuth

extension AnswerRow {
    static let skews: [AnswerRow] = [
        .init(
            "a provider whose clock is ahead expires sooner for us",
            headers: "Date: Fri, 15 Jan 2027 08:10:00 GMT",
            body: #"{"access_token":"a1","expires_at":1800001200}"#, in: absolute, is: "a1 Bearer 599"),
        .init(
            "whatever of the difference may be the answer's way is given to it",
            headers: "Date: Fri, 15 Jan 2027 08:10:02 GMT",
            body: #"{"access_token":"a1","expires_at":1800001200}"#, in: absolute, is: "a1 Bearer 597"),
        .init(
            "a provider whose clock is behind gets no extra time",
            headers: "Date: Fri, 15 Jan 2027 07:50:00 GMT",
            body: #"{"access_token":"a1","expires_at":1800000600}"#, in: absolute, is: "a1 Bearer 600"),
        .init(
            "a token dead by our clock lives by its provider's",
            headers: "Date: Fri, 15 Jan 2027 07:50:00 GMT",
            body: #"{"access_token":"a1","expires_at":1799999700}"#, in: absolute, is: "a1 Bearer 299"),
        .init(
            "a token dead by both clocks has a lifetime that nobody knows",
            headers: "Date: Fri, 15 Jan 2027 07:50:00 GMT",
            body: #"{"access_token":"a1","expires_at":1799999000}"#, in: absolute,
            is: "a1 Bearer 3600 assumed"),
        .init(
            "two seconds behind the arrival are the way's", headers: "Date: Fri, 15 Jan 2027 08:00:04 GMT",
            body: #"{"access_token":"a1","expires_at":1800000600}"#, in: absolute, is: "a1 Bearer 600"),
        .init(
            "two seconds before the sending are as little", headers: "Date: Fri, 15 Jan 2027 07:59:58 GMT",
            body: #"{"access_token":"a1","expires_at":1800000600}"#, in: absolute, is: "a1 Bearer 600"),
        .init(
            "a Date that nobody can read does not count", headers: "Date: yesterday",
            body: #"{"access_token":"a1","expires_at":1800000600}"#, in: absolute, is: "a1 Bearer 600"),
        .init(
            "a token made earlier is as old as its provider's clock says",
            headers: "Date: Fri, 15 Jan 2027 08:10:00 GMT",
            body: #"{"access_token":"a1","expires_in":3600,"issued_at":1800000000}"#, in: absolute,
            is: "a1 Bearer 2999"),
        .init(
            "a relative lifetime needs no clock", headers: "Date: Fri, 15 Jan 2027 08:10:00 GMT",
            body: #"{"access_token":"a1","expires_in":600}"#, in: absolute, is: "a1 Bearer 600"),
    ]

    private static let absolute = AnswerFormat.with {
        $0.expiresAt = .init(field: "expires_at", format: .epochSeconds)
        $0.issuedAt = .init(field: "issued_at", format: .epochSeconds)
    }
}
