import Testing
import TokenClient

@testable import tokenctl

private let alice = AccountName("p/alice")!
private let bob = AccountName("p/bob")!

@Suite struct ImportTests {
    @Test("a line is ADD's object with the account beside it, wherever it stands")
    func line() throws {
        let grant = AddedGrant(refreshToken: Secret("r"), scope: "a b")
        for text in [
            #"{"account":"p/alice","refresh_token":"r","scope":"a b"}"#,
            "\u{FEFF} {\"refresh_token\":\"r\",\"scope\":\"a b\",\"account\":\"p/alice\"}\r",
        ] {
            let line = try ImportLine(Array(text.utf8))
            #expect(line.account == alice)
            #expect(try line.request == EncodedRequest(.add(alice, grant)))
        }
        var replacing = grant
        replacing.replace = true
        let line = try ImportLine(
            Array(#"{"account":"p/alice","refresh_token":"r","scope":"a b"}"#.utf8), replace: true)
        #expect(try line.request == EncodedRequest(.add(alice, replacing)))
    }

    @Test(
        "a line that is none is refused, by name where it has one",
        arguments: [
            ("nope", nil, "not a JSON object: unexpected character at byte 1"),
            ("[]", nil, "expected a JSON object, found an array"),
            ("{}", nil, "account is missing"),
            (#"{"account":7}"#, nil, "account must be a string, found a number"),
            (
                #"{"account":"alice"}"#, nil,
                "an account is <provider>/<name>, of letters, digits and ._@:+~/-"
            ),
            (
                #"{"account":"p/alice","refresh_token":7}"#, alice,
                "refresh_token must be a string, found a number"
            ),
            (
                #"{"account":"p/alice","account":"p/bob"}"#, nil,
                "not a JSON object: a name stands twice in one object at byte 30"
            ),
        ] as [(String, AccountName?, String)])
    func refusals(_ row: (text: String, account: AccountName?, sentence: String)) {
        let refusal = #expect(throws: ImportLine.Refusal.self) { try ImportLine(Array(row.text.utf8)) }
        #expect(
            refusal
                == ImportLine.Refusal(account: row.account, error: RequestError(.badRequest, row.sentence)))
    }

    @Test("a grant too long for the protocol is refused here: the daemon would hang up on it")
    func tooLong() {
        let text = "{\"account\":\"p/alice\",\"refresh_token\":\"\(String(repeating: "r", count: 65536))\"}"
        let refusal = #expect(throws: ImportLine.Refusal.self) { try ImportLine(Array(text.utf8)) }
        #expect(refusal?.error.code == .lineTooLong && refusal?.account == alice)
    }

    @Test("results come in the order of the input, whoever answered")
    func report() {
        var report = ImportReport()
        report.refused(
            ImportLine.Refusal(account: nil, error: RequestError(.badRequest, "account is missing")), line: 1)
        #expect(text(&report) == "error line 1 - bad-request account is missing\n")
        report.sent(alice, line: 3)
        report.refused(
            ImportLine.Refusal(account: bob, error: RequestError(.lineTooLong, "too long")), line: 4)
        report.sent(bob, line: 5)
        #expect(text(&report) == "")
        #expect(report.waiting == 3)
        #expect(report.unanswered == 3...5)
        report.answered(.success(Answer(text: "ok")))
        #expect(text(&report) == "ok p/alice ok\nerror line 4 p/bob line-too-long too long\n")
        #expect(report.unanswered == 5...5)
        report.answered(.failure(RequestError(.exists, "it is there")))
        #expect(text(&report) == "error line 5 p/bob exists it is there\n")
        #expect(report.imported == 1 && report.failed == 3 && report.waiting == 0 && report.unanswered == nil)
    }

    private func text(_ report: inout ImportReport) -> String {
        String(decoding: report.takeOutput(), as: UTF8.self)
    }

    @Test(
        "a grant on standard input is a bare token or an object, white space around it",
        arguments: [
            ("r\n", AddedGrant(refreshToken: Secret("r"))),
            (" \r\n r.=/+ \t\n", AddedGrant(refreshToken: Secret("r.=/+"))),
            (
                "{\n \"refresh_token\": \"r\",\n \"replace\": true\n}\n",
                AddedGrant(refreshToken: Secret("r"), replace: true)
            ),
        ])
    func input(_ row: (text: String, grant: AddedGrant)) throws {
        #expect(try AddedGrant(input: Array(row.text.utf8)) == row.grant)
    }

    @Test(
        "anything else on standard input is refused, and never repeated",
        arguments: ["", " \n", "a b", "é", "\"r\"", "[1]", "{"])
    func noInput(_ text: String) {
        let error = #expect(throws: RequestError.self) { try AddedGrant(input: Array(text.utf8)) }
        #expect(error?.code == .badRequest)
    }
}
