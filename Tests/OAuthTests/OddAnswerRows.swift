// The rows for answers that no standard foresees and that servers send all the same: what can be read of them must not be
// lost, and what says who must act must be heard wherever it stands.

import StrictJSON

@testable import OAuth

extension AnswerRow {
    private static let pair = #""access_token":"a1","expires_in":600,"refresh_token":"r2""#
    private static let granted = "a1 Bearer 600 refresh=r2"
    private static func form(_ pairs: String) -> AnswerRow {
        .init("the form \(pairs.debugDescription)", body: pairs, is: granted)
    }
    private static func beside(_ more: String) -> AnswerRow {
        .init("a new refresh token beside \(more)", body: "{\(pair),\(more)}", is: granted)
    }
    private static func utf16(_ text: String, _ order: (UInt16) -> UInt16) -> [UInt8] {
        text.utf16.flatMap { unit in withUnsafeBytes(of: order(unit)) { Array($0) } }
    }

    /// A rotated refresh token is in each of them.
    static let oddGrants: [AnswerRow] = [
        .init("UTF-16 with its mark", bytes: utf16("\u{FEFF}{\(pair)}", \.littleEndian), is: granted),
        .init("UTF-16 without", bytes: utf16("{\(pair)}", \.bigEndian), is: granted),
        .init(
            "a name in Latin-1", bytes: Array("{\(pair),\"name\":\"Jos".utf8) + [0xE9] + Array("\"}".utf8),
            is: granted),
        .init(
            "a form in Latin-1",
            bytes: Array("access_token=a1&expires_in=600&refresh_token=r2&n=Jos".utf8) + [0xE9],
            is: granted),
        beside(#""name":"cut within an emoji \ud83d""#), beside(#""name":"\udc00""#),
        beside(#""name":"a whole one \ud83d\ude00, \\ud83d, \"""#), beside("\"note\":\"two\nlines\tof it\""),
        .init("a NUL behind it", body: "{\(pair)}\0", is: granted),
        .init(
            "JSON in a JSON string", body: JSONValue.string("{\(pair)}").serialized, is: granted),
        form("access_token=a1&expires_in=600&refresh_token=r2&"),
        form("access_token=a1&expires_in=600&refresh_token=r2&user%5Bid%5D=5"),
        form("\u{FEFF}access_token=a1&expires_in=600&refresh_token=r2"),
        form("access_token=a1&note=not encoded&expires_in=600&refresh_token=r2\r\n"),
        beside(#""error":"0""#), beside(#""error":"OK""#), beside(#""error":"none""#), beside(#""error":[]"#),
        beside(#""error":{}"#), beside(#""error":{"code":0,"message":"success"}"#),
        beside(#""error":{"code":"ok","message":""}"#), beside(#""errors":[]"#), beside(#""code":200"#),
        beside(#""error":"odd_thing""#), beside(#""error":{"code":5}"#), beside(#""error":"server_error""#),
        beside(#""token_type":"Bearer ""#), beside(#""token_type":"BearerToken""#),
        beside(#""token_type":" ""#),
        .init(
            "an error of {\"code\":0} beside an access token alone",
            body: #"{"access_token":"a1","expires_in":600,"error":{"code":0}}"#, is: "a1 Bearer 600"),
        .init(
            "a blank refresh token keeps the old one",
            body: #"{"access_token":"a1","expires_in":600,"refresh_token":" \t"}"#, is: "a1 Bearer 600"),
        .init(
            "a refresh token that was damaged on the way is not stored",
            bytes: Array(#"{"access_token":"a1","refresh_token":"r"#.utf8) + [0xE9] + Array("\"}".utf8),
            is: "malformed-answer"),
        .init(
            "success_when: a form has strings for everything",
            body: "ok=true&access_token=a1&expires_in=600&refresh_token=r2",
            in: .with { $0.successWhen = .init(path: "/ok", equals: true) }, is: granted),
        .init(
            "success_when: a new refresh token does not overrule it",
            body: "{\(pair),\"ok\":false}", in: .with { $0.successWhen = .init(path: "/ok", equals: true) },
            is: "malformed-answer"),
        .init(
            "roots into an array", body: "[{\(pair)}]", in: .with { $0.roots = ["/0"] }, is: granted),
    ]

    private static func life(
        _ members: String, in format: AnswerFormat = AnswerFormat(), is seconds: String
    ) -> AnswerRow {
        .init(members, body: "{\"access_token\":\"a1\",\(members)}", in: format, is: "a1 Bearer \(seconds)")
    }
    private static let dated = AnswerFormat.with { $0.expiresAt = .init(field: "at", format: .iso8601) }
    /// `{"exp":1800000600}` between a header and a signature.
    private static let jwt = "e30.eyJleHAiOjE4MDAwMDA2MDB9.c2ln"

    /// An hour is not assumed where the answer says something else.
    static let oddLifetimes: [AnswerRow] = [
        life(#""expires_in":"300s""#, is: "300"), life(#""expires_in":"s""#, is: "3600 assumed"),
        life(#""expires_in":1800000060"#, is: "60"), life(#""expires_in":"1800000060000""#, is: "60"),
        life(#""expires_in":99999999999999"#, is: "31536000"),
        life(#""expires_at":1800000060"#, is: "60"), life(#""expires_on":"1800000060""#, is: "60"),
        life(#""expiresAt":1800000060000"#, is: "60"), life(#""expiry":"2027-01-15T08:01:00Z""#, is: "60"),
        life(#""expires":600"#, is: "600"), life(#""expiresIn":"600""#, is: "600"),
        // Minutes, a version, milliseconds, or nothing that anybody knows.
        life(#""expiry":15"#, is: "3600 assumed"), life(#""exp":1"#, is: "3600 assumed"),
        life(#""expiresIn":3600000"#, is: "3600 assumed"), life(#""expires":2592000000"#, is: "3600 assumed"),
        life(#""expires":"2099-01-01T00:00:00Z""#, is: "3600 assumed"),
        life(
            #""expires_in":1814400000"#, in: .with { $0.expiresInUnit = .milliseconds }, is: "1814400"),
        life(#""expires_at":5,"expires_in":600"#, is: "600"),
        life(#""expires_at":1700000000"#, is: "3600 assumed"),
        life(
            #""expires":600"#, in: .with { $0.defaultLifetime = .seconds(7200) }, is: "600"),
        life(
            #""at":3600"#, in: .with { $0.expiresAt = .init(field: "at", format: .epochSeconds) },
            is: "3600 assumed"),
        life(#""at":"2027-01-15T08:10:00""#, in: dated, is: "600"),
        life(#""at":"2027-01-15 08:10:00 UTC""#, in: dated, is: "600"),
        life(#""at":"2027-01-15T18:10:00""#, in: dated, is: "3600"),
        life(#""at":"Fri, 15 Jan 2027 08:10:00 GMT""#, in: dated, is: "600"),
        .init(
            "an access token that is a JWT and nothing else said", body: "{\"access_token\":\"\(jwt)\"}",
            is: "\(jwt) Bearer 600"),
    ]

    private static func refused(
        _ status: Int, _ body: String, headers: String = "", is outcome: String
    ) -> AnswerRow {
        .init("\(status) \(body.prefix(60))", status: status, headers: headers, body: body, is: outcome)
    }
    private static func refused(_ body: String, is outcome: String) -> AnswerRow {
        refused(400, body, is: outcome)
    }
    private static let dead = "reauthorization-required code=invalid_grant"

    private static let deadGrants: [String] = [
        #"{"error":{"code":"invalid_grant"}}"#, #"{"error":{"type":"invalid_grant"}}"#,
        #"{"error":["invalid_grant"]}"#, #"{"errors":["invalid_grant"]}"#,
        #"{"errors":[{"errorType":"invalid_grant","message":"x"}],"success":false}"#,
        #"{"code":"invalid_grant","message":"x"}"#, #"{"error_code":"invalid_grant"}"#,
        #"{"data":{"error":"invalid_grant"}}"#, #"[{"errorCode":"invalid_grant"}]"#,
        "error=invalid_grant&error_description=The token is dead", #""invalid_grant""#,
        #""{\"error\":\"invalid_grant\"}""#,
    ]
    private static let words: [AnswerRow] = [
        refused(#"{"error":"INVALID_GRANT"}"#, is: "reauthorization-required code=INVALID_GRANT"),
        refused(#"{"error":" invalid_grant "}"#, is: "reauthorization-required"),
        refused(#"{"error":"Invalid grant"}"#, is: "reauthorization-required"),
        refused(
            401, #"{"error":"INVALID_CLIENT"}"#, is: "client-configuration code=INVALID_CLIENT of-client"),
        refused(#"{"error":"expired_token"}"#, is: "reauthorization-required code=expired_token"),
        refused(
            #"{"error":"INVALID_REFRESH_TOKEN"}"#, is: "reauthorization-required code=INVALID_REFRESH_TOKEN"),
        refused(403, #"{"error":"mfa_required"}"#, is: "reauthorization-required code=mfa_required"),
        refused(#"{"error":"slow_down"}"#, is: "rate-limited code=slow_down"),
        refused(#"{"error":"too_many_requests"}"#, is: "rate-limited code=too_many_requests"),
        refused(#"{"error":"service_unavailable"}"#, is: "transient code=service_unavailable"),
        refused(503, #"{"error":"expired_token"}"#, is: "transient code=expired_token"),
        refused(#"{"error":"invalid_token"}"#, is: "unauthorized code=invalid_token"),
        refused(401, #"{"error":"token_inactive"}"#, is: "unauthorized code=token_inactive"),
        refused(401, "", headers: "WWW-Authenticate: Bearer error=\"invalid_token\"", is: "unauthorized"),
        refused(#"{"title":"Invalid grant","status":400}"#, is: "client-configuration"),
        refused(#"{"error_description":"gone"}"#, is: "client-configuration"),
        refused("<?xml version='1.0'?><error>invalid_grant</error>", is: "transient"),
        refused("error=temporarily down", is: "transient"),
        refused(403, "status=Forbidden by policy", is: "transient"),
        refused((0..<100_000).map { "a\($0)=" }.joined(separator: "&"), is: "transient"),
        refused("the token = none, sorry", is: "transient"), refused(#""no""#, is: "transient"),
        refused(429, "", headers: "Retry-After: 1.5", is: "rate-limited after=2"),
        refused(503, "", headers: "Retry-After: 120, 120", is: "transient after=121"),
        .init(
            "an argument that it does not take", body: #"{"ok":false,"error":"invalid_arguments"}"#,
            of: .slack, is: "client-configuration code=invalid_arguments"),
        .init(
            "a workspace that is being moved", body: #"{"ok":false,"error":"team_added_to_org"}"#,
            of: .slack, is: "transient code=team_added_to_org"),
        .init(
            "AADSTS90055, the tenant's requests", status: 400,
            body: #"{"error":"invalid_request","error_codes":[90055]}"#, of: .microsoft,
            is: "rate-limited code=invalid_request"),
    ]
    private static let pages: [String: [Int]] = [
        "rate-limited": [420, 430],
        "transient": [409, 421, 424, 501, 505, 507, 521, 523, 525, 526, 529, 530],
        "in-doubt": [101, 499, 502, 504, 520, 522, 524, 598, 599],
        "client-configuration": [402, 407, 410, 413, 418, 423, 451],
    ]

    static let oddRefusals: [AnswerRow] =
        deadGrants.flatMap { [refused($0, is: dead), refused(200, $0, is: dead)] } + words
        + pages.flatMap { outcome, statuses in statuses.map { refused($0, "<html>", is: outcome) } }
}
