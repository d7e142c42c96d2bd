// The rows for answers in a dialect: Seamless's preset, and each knob of a format.

import StrictJSON

@testable import OAuth

extension AnswerRow {
    private static let ours = Preset.seamless.response

    static let seamless: [AnswerRow] = [
        .init(
            "a grant", body: #"{"access_token":"a1","refresh_token":"r2","expires_at":1800000600}"#, in: ours,
            is: "a1 Bearer 600 refresh=r2"),
        .init(
            "a grant without refresh token", body: #"{"access_token":"a1","expires_at":1800000600}"#,
            in: ours, is: "a1 Bearer 600"),
        .init(
            "an expiry in a string", body: #"{"access_token":"a1","expires_at":"1800000600"}"#, in: ours,
            is: "a1 Bearer 600"),
        .init(
            "an expiry with a fraction", body: #"{"access_token":"a1","expires_at":1800000600.9}"#, in: ours,
            is: "a1 Bearer 600"),
        .init(
            "an expiry in milliseconds", body: #"{"access_token":"a1","expires_at":1800000600000}"#, in: ours,
            is: "a1 Bearer 600"),
        .init(
            "an expiry as a timestamp", body: #"{"access_token":"a1","expires_at":"2027-01-15T08:10:00Z"}"#,
            in: ours, is: "a1 Bearer 600"),
        .init(
            "an expiry that is a duration",
            body: #"{"access_token":"a1","expires_at":3600,"refresh_token":"r2"}"#, in: ours,
            is: "a1 Bearer 3600 assumed refresh=r2"),
        .init(
            "an expiry in the past", body: #"{"access_token":"a1","expires_at":1799999000}"#, in: ours,
            is: "a1 Bearer 3600 assumed"),
        .init(
            "an expiry at the sending", body: #"{"access_token":"a1","expires_at":1800000000}"#, in: ours,
            is: "a1 Bearer 3600 assumed"),
        .init(
            "an expiry before 1970", body: #"{"access_token":"a1","expires_at":-1}"#, in: ours,
            is: "a1 Bearer 3600 assumed"),
        .init("no expiry", body: #"{"access_token":"a1"}"#, in: ours, is: "a1 Bearer 3600 assumed"),
        .init(
            "a null expiry", body: #"{"access_token":"a1","expires_at":null}"#, in: ours,
            is: "a1 Bearer 3600 assumed"),
        .init(
            "an expiry of false", body: #"{"access_token":"a1","expires_at":false}"#, in: ours,
            is: "a1 Bearer 3600 assumed"),
        .init(
            "an expiry in words", body: #"{"access_token":"a1","expires_at":"tomorrow"}"#, in: ours,
            is: "a1 Bearer 3600 assumed"),
        .init(
            "an expiry in the year 9999", body: #"{"access_token":"a1","expires_at":253402300799}"#, in: ours,
            is: "a1 Bearer 31536000"),
        .init(
            "an expiry beyond 2^31", body: #"{"access_token":"a1","expires_at":4294967296}"#, in: ours,
            is: "a1 Bearer 31536000"),
        .init(
            "an expiry of 2^63", body: #"{"access_token":"a1","expires_at":9223372036854775808}"#, in: ours,
            is: "a1 Bearer 31536000"),
        .init(
            "an expiry of 1e300", body: #"{"access_token":"a1","expires_at":1e300}"#, in: ours,
            is: "a1 Bearer 31536000"),
        .init(
            "of two expiries the earlier holds",
            body: #"{"access_token":"a1","expires_in":600,"expires_at":1800000060}"#, in: ours,
            is: "a1 Bearer 60"),
        .init(
            "of two expiries the earlier holds, the other way",
            body: #"{"access_token":"a1","expires_in":60,"expires_at":1800000600}"#, in: ours,
            is: "a1 Bearer 60"),
        .init(
            "of two expiries one in the past does not count",
            body: #"{"access_token":"a1","expires_in":60,"expires_at":1}"#, in: ours, is: "a1 Bearer 60"),
        .init(
            "an unknown code beside a token does not cost the token",
            body: #"{"access_token":"a1","expires_at":1800000600,"code":"welcome"}"#, in: ours,
            is: "a1 Bearer 600"),
        .init("a 401", status: 401, body: #"{"message":"Unauthorized"}"#, in: ours, is: "unauthorized"),
        .init(
            "a 403 for want of a scope", status: 403, body: #"{"code":"insufficientScope","message":"no"}"#,
            in: ours, is: "client-configuration code=insufficientScope"),
        .init(
            "a 422 for want of credits", status: 422,
            body: #"{"code":"insufficientCredits","msg":"no","data":{"additionalCreditsNeeded":1}}"#,
            in: ours, is: "client-configuration code=insufficientCredits"),
        .init(
            "a 422 for want of a licence", status: 422, body: #"{"code":"missingLicense","msg":"no"}"#,
            in: ours, is: "client-configuration code=missingLicense"),
        .init(
            "a 429 with its reset", status: 429,
            headers: "X-RateLimit-Limit: 60\nX-RateLimit-Remaining: 0\nX-RateLimit-Reset: 1800000032",
            body: #"{"code":"rateLimitExceeded","message":"wait"}"#, in: ours,
            is: "rate-limited code=rateLimitExceeded after=30 left=0/30"),
        .init("a 500", status: 500, body: #"{"message":"Internal error"}"#, in: ours, is: "transient"),
        .init(
            "an error of RFC 6749 is understood too", status: 400, body: #"{"error":"invalid_grant"}"#,
            in: ours, is: "reauthorization-required code=invalid_grant"),
    ]

    private static let inData = AnswerFormat.with {
        $0.roots = ["/data", ""]
        $0.successWhen = .init(path: "/code", equals: 0)
        $0.errorCodePaths = ["/code"]
        $0.codes = ["40105": .reauthorizationRequired, "40100": .rateLimited]
    }
    private static let renamed = AnswerFormat.with {
        $0.fields = [
            .accessToken: ["accessToken"], .refreshToken: ["refreshToken"], .expiresIn: ["expiresIn"],
            .tokenType: ["tokenType"],
        ]
        $0.successStatus = [200, 201]
    }
    private static let dated = AnswerFormat.with {
        $0.expiresAt = .init(field: "expiresAt", format: .iso8601)
    }
    private static let inMilliseconds = AnswerFormat.with {
        $0.expiresInUnit = .milliseconds
        $0.expiresAt = .init(field: "at", format: .epochMilliseconds)
    }
    private static let issued = AnswerFormat.with {
        $0.defaultLifetime = .seconds(7200)
        $0.issuedAt = .init(field: "issued_at", format: .epochMilliseconds)
    }
    private static let aged = AnswerFormat.with {
        $0.refreshExpiresIn = "refresh_expires_in"
        $0.refreshExpiresAt = .init(field: "refresh_until", format: .epochSeconds)
    }
    private static let jwt = AnswerFormat.with { $0.expiresFromJWT = true }
    private static let typed = AnswerFormat.with {
        $0.tokenTypeMap = ["bot": "Bearer", "zoho": "Zoho-oauthtoken"]
        $0.tokenTypeDefault = "Zoho-oauthtoken"
    }
    private static let classed = AnswerFormat.with {
        $0.errorCodePaths = ["/status", "/errors/0/type", "/error/code", "/a~1b", "/error"]
        $0.codes = [
            "Access Denied": .rateLimited, "gone": .reauthorizationRequired,
            "invalid_request": .reauthorizationRequired,
            "bad_app": .clientConfiguration, "hiccup": .transient,
        ]
        $0.statusClass = [401: .reauthorizationRequired, 500: .ambiguous]
        $0.emptyBodyClass = [400: .reauthorizationRequired, 401: .transient]
        $0.defaultCooldown = .seconds(600)
        $0.rateResetHeader = .init(
            name: "RateLimit-Reset", remaining: "RateLimit-Remaining", format: .deltaSeconds)
    }

    /// `{"exp":1800000600}`, `{"exp":1800000600.5,"n":1}` and `{"sub":"x"}` between a header and a signature.
    private static let tokenWithExpiry = "e30.eyJleHAiOjE4MDAwMDA2MDB9.c2ln"
    private static let tokenWithFraction = "e30.eyJleHAiOjE4MDAwMDA2MDAuNSwibiI6MX0.c2ln"
    private static let tokenWithout = "e30.eyJzdWIiOiJ4In0.c2ln"

    static let knobs: [AnswerRow] = [
        .init(
            "roots and success_when", body: #"{"code":0,"data":{"access_token":"a1","expires_in":9}}"#,
            in: inData, is: "a1 Bearer 9"),
        .init(
            "roots: the next one where the first has no token",
            body: #"{"code":0,"data":{},"access_token":"a1","expires_in":9}"#, in: inData, is: "a1 Bearer 9"),
        .init(
            "roots: members of another root do not mix in",
            body: #"{"code":0,"data":{"access_token":"a1"},"expires_in":9,"refresh_token":"r2"}"#, in: inData,
            is: "a1 Bearer 3600 assumed"),
        .init(
            "success_when fails with a known code", body: #"{"code":40105,"data":{}}"#, in: inData,
            is: "reauthorization-required code=40105"),
        .init(
            "success_when fails with an unknown code", body: #"{"code":5,"data":{"access_token":"a1"}}"#,
            in: inData, is: "malformed-answer code=5"),
        .init(
            "success_when fails where the member is missing", body: #"{"data":{"access_token":"a1"}}"#,
            in: inData, is: "malformed-answer"),
        .init(
            "fields", status: 201,
            body: #"{"accessToken":"a1","refreshToken":"r2","expiresIn":9,"tokenType":"bearer"}"#,
            in: renamed, is: "a1 Bearer 9 refresh=r2"),
        .init(
            "fields: the standard names still hold",
            body: #"{"access_token":"a1","expires_in":9,"accessToken":null}"#, in: renamed, is: "a1 Bearer 9"),
        .init(
            "success_status leaves out the others", status: 202, body: #"{"access_token":"a1"}"#, in: renamed,
            is: "malformed-answer"),
        .init(
            "expires_at as a timestamp", body: #"{"access_token":"a1","expiresAt":"2027-01-15T08:10:00Z"}"#,
            in: dated, is: "a1 Bearer 600"),
        .init(
            "expires_at with an offset",
            body: #"{"access_token":"a1","expiresAt":"2027-01-15T10:10:00+02:00"}"#, in: dated,
            is: "a1 Bearer 600"),
        .init(
            "expires_at with a fraction",
            body: #"{"access_token":"a1","expiresAt":"2027-01-15T08:10:00.987654321Z"}"#, in: dated,
            is: "a1 Bearer 600"),
        .init(
            "expires_at as seconds after all", body: #"{"access_token":"a1","expiresAt":1800000600}"#,
            in: dated, is: "a1 Bearer 600"),
        .init(
            "expires_at without a zone", body: #"{"access_token":"a1","expiresAt":"2027-01-15T08:10:00"}"#,
            in: dated, is: "a1 Bearer 600"),
        .init(
            "expires_in_unit and epoch_ms",
            body: #"{"access_token":"a1","expires_in":900000,"at":1800000600000}"#, in: inMilliseconds,
            is: "a1 Bearer 600"),
        .init(
            "epoch_ms in seconds after all", body: #"{"access_token":"a1","at":1800000600}"#,
            in: inMilliseconds, is: "a1 Bearer 600"),
        .init(
            "expires_in_unit ms", body: #"{"access_token":"a1","expires_in":"900000"}"#, in: inMilliseconds,
            is: "a1 Bearer 900"),
        .init(
            "expires_in_fields: the first present one",
            body: #"{"access_token":"a1","expires_in_sec":9,"expires_in":9000}"#,
            in: .with { $0.expiresInFields = ["expires_in_sec", "expires_in"] }, is: "a1 Bearer 9"),
        .init(
            "expires_in_fields: the second where the first is null",
            body: #"{"access_token":"a1","expires_in_sec":null,"expires_in":7}"#,
            in: .with { $0.expiresInFields = ["expires_in_sec", "expires_in"] }, is: "a1 Bearer 7"),
        .init(
            "expires_in_zero expired", body: #"{"access_token":"a1","expires_in":0,"refresh_token":"r2"}"#,
            in: .with { $0.expiresInZero = .expired }, is: "a1 Bearer 0 refresh=r2"),
        .init(
            "default_lifetime_s", body: #"{"access_token":"a1"}"#,
            in: .with { $0.defaultLifetime = .seconds(7200) }, is: "a1 Bearer 7200"),
        .init(
            "default_lifetime_s for 0", body: #"{"access_token":"a1","expires_in":0}"#,
            in: .with { $0.defaultLifetime = .seconds(7200) }, is: "a1 Bearer 7200"),
        .init(
            "default_lifetime_s beyond a year", body: #"{"access_token":"a1"}"#,
            in: .with { $0.defaultLifetime = .seconds(1 << 40) }, is: "a1 Bearer 31536000"),
        .init(
            "issued_at before the sending", body: #"{"access_token":"a1","issued_at":"1799999000000"}"#,
            in: issued, is: "a1 Bearer 6200"),
        .init(
            "issued_at after the sending",
            body: #"{"access_token":"a1","issued_at":1800000900000,"expires_in":60}"#, in: issued,
            is: "a1 Bearer 60"),
        .init(
            "issued_at too long ago", body: #"{"access_token":"a1","issued_at":1700000000000}"#, in: issued,
            is: "a1 Bearer 7200"),
        .init(
            "expires_from_jwt", body: #"{"access_token":"\#(tokenWithExpiry)"}"#, in: jwt,
            is: "\(tokenWithExpiry) Bearer 600"),
        .init(
            "expires_from_jwt with a fraction", body: #"{"access_token":"\#(tokenWithFraction)"}"#, in: jwt,
            is: "\(tokenWithFraction) Bearer 600"),
        .init(
            "expires_from_jwt later than expires_in",
            body: #"{"access_token":"\#(tokenWithExpiry)","expires_in":9}"#, in: jwt,
            is: "\(tokenWithExpiry) Bearer 9"),
        .init(
            "expires_from_jwt without exp", body: #"{"access_token":"\#(tokenWithout)"}"#, in: jwt,
            is: "\(tokenWithout) Bearer 3600 assumed"),
        .init(
            "expires_from_jwt of a token that is none", body: #"{"access_token":"a.!.b"}"#, in: jwt,
            is: "a.!.b Bearer 3600 assumed"),
        .init(
            "refresh_expires_in", body: #"{"access_token":"a1","expires_in":9,"refresh_expires_in":"86400"}"#,
            in: aged, is: "a1 Bearer 9 refresh-ends=86400"),
        .init(
            "refresh_expires_at", body: #"{"access_token":"a1","expires_in":9,"refresh_until":1800086400}"#,
            in: aged, is: "a1 Bearer 9 refresh-ends=86400"),
        .init(
            "refresh_expires_in of 0", body: #"{"access_token":"a1","expires_in":9,"refresh_expires_in":0}"#,
            in: aged, is: "a1 Bearer 9"),
        .init(
            "token_type_map", body: #"{"access_token":"a1","token_type":"bot","expires_in":9}"#, in: typed,
            is: "a1 Bearer 9"),
        .init(
            "token_type_map to another scheme",
            body: #"{"access_token":"a1","token_type":"zoho","expires_in":9}"#, in: typed,
            is: "a1 Zoho-oauthtoken 9"),
        .init(
            "token_type_default", body: #"{"access_token":"a1","expires_in":9}"#, in: typed,
            is: "a1 Zoho-oauthtoken 9"),
        .init(
            "error_code_paths: a member", status: 400, body: #"{"status":"gone"}"#, in: classed,
            is: "reauthorization-required code=gone"),
        .init(
            "error_code_paths: an element", body: #"{"errors":[{"type":"gone"}]}"#, in: classed,
            is: "reauthorization-required code=gone"),
        .init(
            "error_code_paths: a nested member", status: 401, body: #"{"error":{"code":"bad_app"}}"#,
            in: classed, is: "client-configuration code=bad_app"),
        .init(
            "error_code_paths: an escaped name", status: 400, body: #"{"a/b":"gone"}"#, in: classed,
            is: "reauthorization-required code=gone"),
        .init(
            "error_code_paths: a known code wins over an earlier one", status: 400,
            body: #"{"status":"error","error":"invalid_grant"}"#, in: classed,
            is: "reauthorization-required code=invalid_grant"),
        .init(
            "codes win over the standard", status: 400, body: #"{"error":"invalid_request"}"#, in: classed,
            is: "reauthorization-required code=invalid_request"),
        .init(
            "codes win over any status", status: 500, body: #"{"error":"gone"}"#, in: classed,
            is: "reauthorization-required code=gone"),
        .init(
            "transient_codes", status: 400, body: #"{"error":"hiccup"}"#, in: classed,
            is: "transient code=hiccup"),
        .init(
            "default_cooldown_s", status: 400, body: #"{"error":"Access Denied"}"#, in: classed,
            is: "rate-limited after=600"),
        .init(
            "default_cooldown_s gives way to a header", status: 429, headers: "Retry-After: 5", body: "",
            in: classed, is: "rate-limited after=5"),
        .init(
            "rate_reset_header", status: 429, headers: "RateLimit-Reset: 1800000000", body: "", in: classed,
            is: "rate-limited after=3600"),
        .init(
            "status_class", status: 401, body: #"{"message":"no"}"#, in: classed,
            is: "reauthorization-required"),
        .init(
            "status_class gives way to a known code", status: 401, body: #"{"error":"invalid_client"}"#,
            in: classed, is: "client-configuration code=invalid_client of-client"),
        .init("status_class of a 5xx", status: 500, body: #"{"message":"no"}"#, in: classed, is: "in-doubt"),
        .init("empty_body_class", status: 400, body: "", in: classed, is: "reauthorization-required"),
        .init("empty_body_class wins over status_class", status: 401, body: "", in: classed, is: "transient"),
    ]
}
