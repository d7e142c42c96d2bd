import ProtocolTranscripts
import StrictJSON
import Testing
import Vocabulary
import WireProtocol

@Suite struct ReplyTests {
    @Test("each line of an answer is read as what it says", arguments: Exchange.all)
    func lines(_ exchange: Exchange) {
        let lines = exchange.reply.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
        #expect(lines.map { ReplyLine(String($0)) } == exchange.lines)
    }

    @Test("a line that is none of the three is nothing", arguments: Exchange.malformedReplyLines)
    func malformed(_ line: String) {
        #expect(ReplyLine(line) == nil)
    }

    @Test("every error code survives the wire", arguments: ErrorCode.allCases, [nil, 0, 3600])
    func errors(_ code: ErrorCode, _ retryAfter: Int64?) {
        let error = RequestError(code, retryAfter: retryAfter, "a sentence")
        #expect(ReplyLine(String(decoding: Reply.error(error).dropLast(), as: UTF8.self)) == .error(error))
    }

    @Test("behind the second space of a GET's answer is the value of an Authorization header")
    func token() {
        let token = AccessToken(
            secret: Secret("abc.def"), type: "bEaReR",
            expiresAt: WallTime(nanoseconds: 1_795_533_468_999_999_999))
        #expect(String(decoding: Reply.token(token), as: UTF8.self) == "OK 1795533468 Bearer abc.def\n")
    }

    @Test(
        "a GET's answer is told another expiry, whatever the length of either",
        arguments: [0, -1, 999_999_999, 1_795_533_468, 99_999_999_999])
    func otherExpiry(_ seconds: Int64) {
        let secret = Secret("abc.def")
        let (old, new) = (WallTime(epochSeconds: 1_700_000_000), WallTime(epochSeconds: seconds))
        #expect(
            Reply.token(
                Reply.token(AccessToken(secret: secret, type: "DPoP", expiresAt: old)), expiringAt: new)
                == Reply.token(AccessToken(secret: secret, type: "DPoP", expiresAt: new)))
        for other in [Reply.ok(), Reply.ok("1"), Reply.error(RequestError(.busy, "no")), []] {
            #expect(Reply.token(other, expiringAt: new) == nil)
        }
    }

    @Test("a list is a DATA line each and a count, and says when there is more", arguments: [false, true])
    func list(_ more: Bool) {
        let accounts = ["sandbox/a", "sandbox/b"].map {
            AccountStatus(account: AccountName($0)!, state: .ok, needs: .nobody, generation: 1)
        }
        let lines = String(decoding: Reply.list(accounts, more: more), as: UTF8.self).split(separator: "\n")
        #expect(lines.last == (more ? "OK 2 more" : "OK 2"))
        let read = lines.dropLast().compactMap { line -> AccountStatus? in
            guard case .data(let json)? = ReplyLine(String(line)) else { return nil }
            return AccountStatus(json)
        }
        #expect(read == accounts)
    }

    @Test("text in a status cannot end its line")
    func oneLine() {
        var status = AccountStatus(
            account: AccountName("sandbox/a")!, state: .ok, needs: .nobody, generation: 1)
        status.scope = "a\nOK 1 Bearer forged\r\u{0}\u{2028}"
        let bytes = Reply.ok(status.json)
        #expect(bytes.filter { $0 == UInt8(ascii: "\n") }.count == 1)
        #expect(bytes.last == UInt8(ascii: "\n"))
    }
}
