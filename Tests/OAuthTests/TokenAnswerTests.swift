import Testing
import Vocabulary

@testable import OAuth

@Suite("A token answer")
struct TokenAnswerTests {
    @Test("yields the members of RFC 6749 §5.1", arguments: AnswerRow.members)
    func members(_ row: AnswerRow) { #expect(row.judged().words == row.outcome) }

    @Test("has a lifetime by rule, whatever stands there", arguments: AnswerRow.lifetimes)
    func lifetimes(_ row: AnswerRow) { #expect(row.judged().words == row.outcome) }

    @Test("that claims success but cannot be used is malformed", arguments: AnswerRow.malformed)
    func malformed(_ row: AnswerRow) { #expect(row.judged().words == row.outcome) }

    @Test("that refuses says who must act", arguments: AnswerRow.refusals)
    func refusals(_ row: AnswerRow) { #expect(row.judged().words == row.outcome) }

    @Test("says when to come again", arguments: AnswerRow.pacing)
    func pacing(_ row: AnswerRow) { #expect(row.judged().words == row.outcome) }

    @Test("says what is left of a rate limit", arguments: AnswerRow.allowances)
    func allowances(_ row: AnswerRow) { #expect(row.judged().words == row.outcome) }

    @Test("of Seamless is understood", arguments: AnswerRow.seamless)
    func seamless(_ row: AnswerRow) { #expect(row.judged().words == row.outcome) }

    @Test(
        "of each provider we know a success of is served as its preset says",
        arguments: AnswerRow.presetGrants)
    func presetGrants(_ row: AnswerRow) { #expect(row.judged().words == row.outcome) }

    @Test("of each provider we know an error of says who must act", arguments: AnswerRow.presetRefusals)
    func presetRefusals(_ row: AnswerRow) { #expect(row.judged().words == row.outcome) }

    @Test(
        "starts the described life of a refresh token that came along, from its first presentation at a replay",
        arguments: [
            (#"{"access_token":"a1","expires_in":600,"refresh_token":"r2"}"#, nil, 86_400),
            (#"{"access_token":"a1","expires_in":600,"refresh_token":"r2"}"#, Duration.seconds(10), 86_390),
            (#"{"access_token":"a1","expires_in":600,"refresh_token":"r2","ends":60}"#, nil, 60),
            (#"{"access_token":"a1","expires_in":600}"#, nil, nil),
            (#"{"access_token":"a1","expires_in":600,"ends":60}"#, nil, 60),
        ] as [(String, Duration?, Int64?)])
    func refreshTokenLifetime(body: String, age: Duration?, seconds: Int64?) throws {
        var provider = Provider.plain
        provider.refreshTokenLifetime = .seconds(86_400)
        provider.response.refreshExpiresIn = "ends"
        let row = AnswerRow("", status: 200, headers: "", bytes: Array(body.utf8), of: provider, is: "")
        let answer = row.judged(replayedAfter: age)
        guard case .granted(let grant) = answer.outcome else { throw answer.words.asFailure }
        let ends = grant.refreshTokenExpiresAt.map { ($0 - AnswerRow.sentAt.wall).components.seconds }
        #expect(ends == seconds)
    }

    @Test(
        "is served under the provider's scheme, whatever it is called, unless it cannot be used at all",
        arguments: [
            (#"{"access_token":"a1","expires_in":9}"#, "a1 Zoho-oauthtoken 9"),
            (#"{"access_token":"a1","expires_in":9,"token_type":"bearer"}"#, "a1 Zoho-oauthtoken 9"),
            (#"{"access_token":"a1","expires_in":9,"token_type":"mac"}"#, "malformed-answer"),
        ])
    func scheme(body: String, words: String) {
        var provider = Provider.plain
        provider.authorizationScheme = "Zoho-oauthtoken"
        let row = AnswerRow("", status: 200, headers: "", bytes: Array(body.utf8), of: provider, is: words)
        #expect(row.judged().words == row.outcome)
    }

    @Test(
        "T3: with an absolute expiry lives no longer than the provider's clock, by its Date header, lets it",
        arguments: AnswerRow.skews)
    func skew(_ row: AnswerRow) { #expect(row.judged().words == row.outcome) }

    @Test("that is odd but can be read loses nothing", arguments: AnswerRow.oddGrants)
    func oddGrants(_ row: AnswerRow) { #expect(row.judged().words == row.outcome) }

    @Test("that names its lifetime in another way is believed", arguments: AnswerRow.oddLifetimes)
    func oddLifetimes(_ row: AnswerRow) { #expect(row.judged().words == row.outcome) }

    @Test("that refuses in an odd way says who must act", arguments: AnswerRow.oddRefusals)
    func oddRefusals(_ row: AnswerRow) { #expect(row.judged().words == row.outcome) }

    @Test("obeys each knob of its dialect", arguments: AnswerRow.knobs)
    func knobs(_ row: AnswerRow) { #expect(row.judged().words == row.outcome) }

    @Test("counts the lifetime from the sending, not from the arrival")
    func countsFromSending() throws {
        let answer = AnswerRow("", body: #"{"access_token":"a1","expires_in":600}"#, is: "").judged()
        guard case .granted(let grant) = answer.outcome else { throw answer.words.asFailure }
        #expect(grant.expiresAt == WallTime(epochSeconds: 1_800_000_600))
        #expect(grant.lifetime == .seconds(600))
    }

    @Test(
        "R5: to a replay may be the one that was lost: its token's life counts from then, and none left means over",
        arguments: [
            (#"{"access_token":"a1","expires_in":600}"#, 590), (#"{"access_token":"a1","expires_in":0}"#, 0),
            (#"{"access_token":"a1","expires_in":7}"#, 0), (#"{"access_token":"a1","expires_in":-5}"#, 0),
            (#"{"access_token":"a1"}"#, 3590), (#"{"access_token":"a1","expires_at":1799999999}"#, 0),
            (#"{"access_token":"a1","expires_at":1800000600}"#, 600),
        ])
    func replayed(body: String, seconds: Int64) throws {
        let format = AnswerFormat.with { $0.expiresAt = .init(field: "expires_at", format: .epochSeconds) }
        let answer = AnswerRow("", body: body, in: format, is: "").judged(replayedAfter: .seconds(10))
        guard case .granted(let grant) = answer.outcome else { throw answer.words.asFailure }
        #expect(grant.lifetime == .seconds(seconds))
    }

    @Test(
        "T3: is judged by its Date header alone while our clock was never set; without one nothing absolute counts",
        arguments: [
            ("Fri, 15 Jan 2027 08:00:00 GMT", #"{"access_token":"a1","expires_at":1800000600}"#, 599),
            (nil, #"{"access_token":"a1","expires_at":1800000600}"#, 3600),
            (nil, #"{"access_token":"a1","expires_at":1800000600,"expires_in":60}"#, 60),
        ])
    func clockNeverSet(date: String?, body: String, seconds: Int64) throws {
        var provider = Provider.plain
        provider.response.expiresAt = .init(field: "expires_at", format: .epochSeconds)
        let sentAt = Moment(boot: AnswerRow.sentAt.boot, wall: WallTime(epochSeconds: 30))
        let answer = TokenAnswer.read(
            status: 200, headers: { $0 == "Date" ? date : nil }, body: Array(body.utf8), provider: provider,
            sentAt: sentAt, receivedAt: sentAt + .seconds(2))
        guard case .granted(let grant) = answer.outcome else { throw answer.words.asFailure }
        #expect(grant.lifetime == .seconds(seconds))
    }

    @Test(
        "is told of by status, code and shape",
        arguments: [
            (
                401, #"{"error":"invalid_client","error_description":"x"}"#,
                "status 401, code invalid_client, an object of error, error_description"
            ),
            (
                200, #"{"refresh_token":"r","expires_in":1}"#,
                "status 200, no access token, an object of refresh_token, expires_in"
            ),
            (
                200, #"{"access_token":"a b"}"#,
                "status 200, an access token that cannot stand in a header, an object of access_token"
            ),
            (
                200, #"{"access_token":"a","token_type":"mac"}"#,
                "status 200, a token type that is not understood, an object of access_token, token_type"
            ),
            (200, "", "status 200, no access token, an empty body"),
            (503, " <html>", "status 503, HTML"),
            (200, #""text""#, "status 200, no access token, JSON, but a string"),
            (200, "{}", "status 200, no access token, an object without members"),
            (
                200, #"{"a":1,"#,
                "status 200, no access token, neither JSON nor a form: the text ends in the middle of a value at byte 7"
            ),
            (400, #"{"a b":1,"ok":2}"#, "status 400, an object of ?, ok"),
            (
                400, #"{"a":1,"b":1,"c":1,"d":1,"e":1,"f":1,"g":1,"h":1,"i":1,"j":1,"k":1,"l":1,"m":1}"#,
                "status 400, an object of a, b, c, d, e, f, g, h, i, j, k, l, ..."
            ),
        ])
    func detail(_ status: Int, _ body: String, _ text: String) throws {
        let answer = AnswerRow("", status: status, body: body, is: "").judged()
        guard case .failed(_, let detail) = answer.outcome else { throw answer.words.asFailure }
        #expect(detail.description == text)
    }

    @Test(
        "never shows a value, wherever it stands",
        arguments: [
            #"{"error":"invalid_grant","error_description":"token CANARY is dead","error_uri":"CANARY"}"#,
            #"{"message":"CANARY","data":{"CANARY":"CANARY"}}"#,
            #"{"error":"the token CANARY"}"#,
            #"{"CANARY token":1}"#,
            #"{"access_token":"CANARY CANARY","refresh_token":"CANARY"}"#,
            #"{"access_token":"CANARY","token_type":"CANARY"}"#,
            "error=no+CANARY", "<html>CANARY", "CANARY", #""CANARY""#, #"{"access_token":"CANARY""#,
        ])
    func hidesValues(_ body: String) {
        for status in [200, 400, 401, 403, 422, 429, 500] {
            let answer = AnswerRow("", status: status, body: body, is: "").judged()
            var dumped = ""
            dump(answer, to: &dumped)
            #expect(!"\(answer)\(String(reflecting: answer))\(dumped)".contains("CANARY"))
        }
    }

    @Test("that grants does not print its tokens")
    func grantIsRedacted() {
        let answer = AnswerRow("", body: #"{"access_token":"CANARY","refresh_token":"CANARY"}"#, is: "")
            .judged()
        var dumped = ""
        dump(answer, to: &dumped)
        #expect(!"\(answer)\(String(reflecting: answer))\(dumped)".contains("CANARY"))
    }

    @Test("cut anywhere, or with any byte changed, never traps and never yields a token unfit to serve")
    func mutilated() {
        let whole = Array(
            #"{"access_token":"a1","token_type":"Bearer","expires_in":600,"refresh_token":"r2"}"#.utf8)
        for length in 0..<whole.count {
            let words = AnswerRow("", bytes: Array(whole.prefix(length)), is: "").judged().words
            #expect(words == "malformed-answer")
        }
        for position in whole.indices {
            for byte in [UInt8(0), 0x20, 0x22, 0x2D, 0x5C, 0x7B, 0x80, 0xFF] {
                var changed = whole
                changed[position] = byte
                guard case .granted(let grant) = AnswerRow("", bytes: changed, is: "").judged().outcome else {
                    continue
                }
                #expect(grant.lifetime > .zero && grant.lifetime <= Provider.longestLifetime)
                #expect(grant.accessToken.isHeaderSafe)
            }
        }
    }
}

/// An outcome that a test did not expect at all.
private struct Unexpected: Error { let words: String }

extension String {
    fileprivate var asFailure: Unexpected { Unexpected(words: self) }
}
