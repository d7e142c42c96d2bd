// The rows for plain RFC 6749 answers that refuse, or stand for something in front of the server that does.

@testable import OAuth

extension AnswerRow {
    static let refusals: [AnswerRow] = [
        .init(
            "a dead grant", status: 400, body: #"{"error":"invalid_grant"}"#,
            is: "reauthorization-required code=invalid_grant"),
        .init(
            "a dead grant behind a 401", status: 401, body: #"{"error":"invalid_grant"}"#,
            is: "reauthorization-required code=invalid_grant"),
        .init(
            "a dead grant behind a 403", status: 403, body: #"{"error":"invalid_grant"}"#,
            is: "reauthorization-required code=invalid_grant"),
        .init(
            "a dead grant in a 200", body: #"{"error":"invalid_grant"}"#,
            is: "reauthorization-required code=invalid_grant"),
        .init(
            "a dead grant beside a token", body: #"{"error":"invalid_grant","access_token":"a1"}"#,
            is: "reauthorization-required code=invalid_grant"),
        .init(
            "a dead grant in a form", status: 400,
            body: "error=invalid_grant&error_description=gone+for+good",
            is: "reauthorization-required code=invalid_grant"),
        .init(
            "a login that must be repeated", status: 400, body: #"{"error":"login_required"}"#,
            is: "reauthorization-required code=login_required"),
        .init(
            "a consent that is wanting", status: 400, body: #"{"error":"consent_required"}"#,
            is: "reauthorization-required code=consent_required"),
        .init(
            "a refused client", status: 401, body: #"{"error":"invalid_client"}"#,
            is: "client-configuration code=invalid_client of-client"),
        .init(
            "a refused client in a 400", status: 400, body: #"{"error":"invalid_client"}"#,
            is: "client-configuration code=invalid_client of-client"),
        .init(
            "a client that may not", status: 400, body: #"{"error":"unauthorized_client"}"#,
            is: "client-configuration code=unauthorized_client of-client"),
        .init(
            "a grant type that is not supported", status: 400, body: #"{"error":"unsupported_grant_type"}"#,
            is: "client-configuration code=unsupported_grant_type"),
        .init(
            "a refused client in a 200", body: #"{"error":"invalid_client"}"#,
            is: "client-configuration code=invalid_client of-client"),
        .init(
            "a scope that is refused", status: 400, body: #"{"error":"invalid_scope"}"#,
            is: "client-configuration code=invalid_scope"),
        .init(
            "a request that is refused", status: 400, body: #"{"error":"invalid_request"}"#,
            is: "client-configuration code=invalid_request"),
        .init(
            "an unknown code in a 400", status: 400, body: #"{"error":"odd_thing"}"#,
            is: "client-configuration code=odd_thing"),
        .init(
            "a 400 with an object but no code", status: 400, body: #"{"message":"no"}"#,
            is: "client-configuration"),
        .init(
            "a 400 with an error object", status: 400, body: #"{"error":{"text":"no"}}"#,
            is: "client-configuration"),
        .init("a 400 without a body", status: 400, body: "", is: "transient"),
        .init("a 400 with a page", status: 400, body: "<html>Bad Request</html>", is: "transient"),
        .init("a 401 without a code", status: 401, body: #"{"message":"Unauthorized"}"#, is: "unauthorized"),
        .init("a 401 without a body", status: 401, body: "", is: "unauthorized"),
        .init("a 401 with a page", status: 401, body: "<html></html>", is: "unauthorized"),
        .init(
            "a 401 with an unknown code", status: 401, body: #"{"error":"odd_thing"}"#,
            is: "unauthorized code=odd_thing"),
        .init("a 403 without a code", status: 403, body: #"{"message":"Forbidden"}"#, is: "unauthorized"),
        .init("a 403 without a body", status: 403, body: "", is: "unauthorized"),
        .init(
            "a firewall's 403", status: 403, headers: "Content-Type: text/html",
            body: "<title>Attention required</title>", is: "transient"),
        .init("a proxy's 403 in words", status: 403, body: "blocked by policy", is: "transient"),
        .init(
            "a moved endpoint", status: 307, headers: "Location: https://elsewhere.example/", body: "",
            is: "client-configuration"),
        .init(
            "a moved page", status: 302, headers: "Location: https://portal.example/", body: "<html></html>",
            is: "client-configuration"),
        .init("a wrong path", status: 404, body: "<h1>Not found</h1>", is: "client-configuration"),
        .init("a wrong method", status: 405, body: "", is: "client-configuration"),
        .init("an unprocessable request", status: 422, body: #"{"msg":"no"}"#, is: "client-configuration"),
        .init("a timeout of the server", status: 408, body: "", is: "transient"),
        .init("too early", status: 425, body: "", is: "transient"),
        .init("a broken server", status: 500, body: #"{"message":"Internal Server Error"}"#, is: "transient"),
        .init(
            "a broken server that speaks JSON", status: 500, body: #"{"error":"server_error"}"#,
            is: "transient code=server_error"),
        .init(
            "a broken server that blames the grant is not believed", status: 500,
            body: #"{"error":"invalid_grant"}"#, is: "transient code=invalid_grant"),
        .init("a gateway without its server", status: 502, body: "<html></html>", is: "in-doubt"),
        .init("a gateway that gave up", status: 504, body: "", is: "in-doubt"),
        .init("a status beyond 599", status: 999, body: "", is: "transient"),
        .init(
            "a server that says it is busy in a 400", status: 400,
            body: #"{"error":"temporarily_unavailable"}"#, is: "transient code=temporarily_unavailable"),
        .init(
            "a busy server that blames the client is not believed", status: 429,
            body: #"{"error":"invalid_client"}"#, is: "rate-limited code=invalid_client"),
        .init(
            "a code with spaces is not told", status: 400, body: #"{"error":"Access Denied"}"#,
            is: "client-configuration"),
        .init(
            "a code that is too long is not told", status: 400,
            body: #"{"error":"\#(String(repeating: "c", count: 65))"}"#, is: "client-configuration"),
        .init(
            "a code that is a number is told", status: 400, body: #"{"error":4711}"#,
            is: "client-configuration code=4711"),
        .init(
            "a code that is a boolean is none", status: 400, body: #"{"error":true}"#,
            is: "client-configuration"),
        .init(
            "two equal names leave no code", status: 401,
            body: #"{"error":"invalid_grant","error":"invalid_client"}"#, is: "unauthorized"),
    ]

    /// Date headers here are the sending's second unless the row is about another.
    static let pacing: [AnswerRow] = [
        .init("a limit without an end", status: 429, body: "", is: "rate-limited"),
        .init("seconds", status: 429, headers: "Retry-After: 30", body: "", is: "rate-limited after=30"),
        .init(
            "seconds with spaces around", status: 429, headers: "Retry-After:  30 ", body: "",
            is: "rate-limited after=30"),
        .init(
            "seconds for an outage", status: 503, headers: "retry-after: 120", body: "<html></html>",
            is: "transient after=120"),
        .init("no second is one", status: 503, headers: "Retry-After: 0", body: "", is: "transient after=1"),
        .init(
            "a year is an hour", status: 429, headers: "Retry-After: 31536000", body: "",
            is: "rate-limited after=3600"),
        .init(
            "more digits than fit are an hour", status: 429, headers: "Retry-After: 99999999999999999999",
            body: "", is: "rate-limited after=3600"),
        .init(
            "negative seconds do not count", status: 429, headers: "Retry-After: -5", body: "",
            is: "rate-limited"),
        .init("words do not count", status: 429, headers: "Retry-After: soon", body: "", is: "rate-limited"),
        .init(
            "an empty header does not count", status: 429, headers: "Retry-After: ", body: "",
            is: "rate-limited"),
        .init(
            "a date counts from the arrival", status: 429,
            headers: "Retry-After: Fri, 15 Jan 2027 08:01:02 GMT", body: "", is: "rate-limited after=60"),
        .init(
            "a date of RFC 850", status: 429, headers: "Retry-After: Friday, 15-Jan-27 08:01:02 GMT",
            body: "", is: "rate-limited after=60"),
        .init(
            "a date of asctime", status: 429, headers: "Retry-After: Fri Jan 15 08:01:02 2027", body: "",
            is: "rate-limited after=60"),
        .init(
            "a date in the past is a second", status: 429,
            headers: "Retry-After: Thu, 14 Jan 2027 08:00:00 GMT", body: "", is: "rate-limited after=1"),
        .init(
            "a date in a year is an hour", status: 429, headers: "Retry-After: Sat, 15 Jan 2028 08:00:00 GMT",
            body: "", is: "rate-limited after=3600"),
        .init(
            "a date counts by the clock that wrote it", status: 503,
            headers: "Date: Fri, 15 Jan 2027 09:00:00 GMT\nRetry-After: Fri, 15 Jan 2027 09:00:40 GMT",
            body: "", is: "transient after=40"),
        .init(
            "a date counts by ours where the other's is unreadable", status: 503,
            headers: "Date: today\nRetry-After: Fri, 15 Jan 2027 08:00:42 GMT", body: "",
            is: "transient after=40"),
        .init(
            "a reset counts from the arrival", status: 429, headers: "X-RateLimit-Reset: 1800000042",
            body: "", is: "rate-limited after=40"),
        .init(
            "a reset counts by the clock that wrote it", status: 429,
            headers: "X-RateLimit-Reset: 1800003640\nDate: Fri, 15 Jan 2027 09:00:00 GMT", body: "",
            is: "rate-limited after=40"),
        .init(
            "a reset that is small is a delta", status: 429, headers: "X-RateLimit-Reset: 17", body: "",
            is: "rate-limited after=17"),
        .init(
            "a reset in the past is a second", status: 429, headers: "X-RateLimit-Reset: 1700000000",
            body: "", is: "rate-limited after=1"),
        .init(
            "a reset far away is an hour", status: 429, headers: "X-RateLimit-Reset: 9999999999999", body: "",
            is: "rate-limited after=3600"),
        .init(
            "a reset in words does not count", status: 429, headers: "X-RateLimit-Reset: never", body: "",
            is: "rate-limited"),
        .init(
            "of two floors the later holds", status: 429,
            headers: "Retry-After: 10\nX-RateLimit-Reset: 1800000042", body: "", is: "rate-limited after=40"),
        .init(
            "a reset with requests left says nothing of an outage", status: 500,
            headers: "X-RateLimit-Remaining: 59\nX-RateLimit-Reset: 1800000042", body: "",
            is: "transient left=59/40"),
        .init(
            "a reset without requests left holds for any failure", status: 500,
            headers: "X-RateLimit-Remaining: 0\nX-RateLimit-Reset: 1800000042", body: "",
            is: "transient after=40 left=0/40"),
    ]
}
