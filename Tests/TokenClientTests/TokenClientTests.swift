import ProtocolTranscripts
import StrictJSON
import Testing
import TokenClient
import Vocabulary
import WireProtocol

private let alice = AccountName("sandbox/alice")!
/// Long enough that only a hang reaches it, on any machine.
private let patience: Duration = .seconds(60)

@Suite struct TokenClientTests {
    @Test("each exchange of the protocol is sent and read as it stands", arguments: Exchange.all)
    func transcripts(_ exchange: Exchange) {
        let log = Log()
        let server = ScriptedServer { peer in
            peer.readLine().map(log.append)
            peer.write(exchange.reply)
        }
        let result = Result { () throws(TokenClientError) in
            try TokenClient(socket: server.path, timeout: patience).send(exchange.request)
        }
        #expect(log.all == [exchange.request.line])
        switch exchange.lines.last! {
        case .ok(let text):
            let data = exchange.lines.compactMap { if case .data(let json) = $0 { json } else { nil } }
            #expect(result == .success(Answer(data: data, text: text)))
        case .error(let error): #expect(result == .failure(.refused(error)))
        case .data: Issue.record("an exchange ends with OK or ERR")
        }
    }

    @Test("an answer that comes byte by byte is whole when its line is")
    func halfAnswers() throws {
        let server = ScriptedServer { peer in
            _ = peer.readLine()
            for byte in "OK 1795533468 DPoP abc.def\n".utf8 { peer.write([byte]) }
        }
        let token = try TokenClient(socket: server.path, timeout: patience).token(for: alice)
        #expect(
            token
                == AccessToken(
                    secret: Secret("abc.def"), type: "DPoP", expiresAt: WallTime(epochSeconds: 1_795_533_468))
        )
    }

    @Test("the options of a GET become its words, the refused token its fingerprint")
    func getOptions() throws {
        let log = Log()
        let server = ScriptedServer { peer in
            peer.answer { line in
                log.append(line)
                return "OK 1 Bearer t\n"
            }
        }
        let client = TokenClient(socket: server.path, timeout: .seconds(15))
        _ = try client.token(for: alice)
        _ = try client.token(
            for: alice, minTTL: .milliseconds(1001), wait: .seconds(3), refusing: Secret("abc"))
        client.timeout = .seconds(60)
        _ = try client.token(for: alice)
        #expect(
            log.all == [
                "GET sandbox/alice", "GET sandbox/alice min-ttl=2 wait=3 not=ba7816bf8f01cfea",
                "GET sandbox/alice wait=40",
            ])
    }

    @Test(
        "the daemon is given less time to wait than the whole call has",
        arguments: [(15, 10), (60, 40), (90, 60), (600, 60), (5, 3), (3, 2), (2, 1), (1, 0), (0, 0)])
    func waiting(_ row: (timeout: Int, wait: Int64)) {
        #expect(GetOptions.wait(within: .seconds(row.timeout)) == row.wait)
        #expect(GetOptions.wait(within: TokenClient.defaultTimeout) == GetOptions.defaultWait)
    }

    @Test(
        "an answer that is not this protocol is malformed, and the connection is not used again",
        arguments: ["HELLO\n", "OK\u{0}\n", "OK soon Bearer t\n", "OK 1 Bearer\n", "OK 1 Bearer a b\n", "\n"])
    func malformed(_ reply: String) throws {
        let server = ScriptedServer(scripts: [
            { peer in
                peer.answer { _ in reply }
            },
            { peer in
                peer.answer { _ in "OK 1 Bearer t\n" }
            },
        ])
        #expect(throws: TokenClientError.malformedAnswer) {
            try TokenClient(socket: server.path, timeout: patience).token(for: alice)
        }
        #expect(
            try TokenClient(socket: server.path, timeout: patience).token(for: alice).secret.exposed == "t")
    }

    @Test("a line without end is malformed before it fills the memory")
    func endlessLine() {
        let server = ScriptedServer { peer in
            let chunk = [UInt8](repeating: UInt8(ascii: "x"), count: 65536)
            while peer.write(chunk) {}
        }
        #expect(throws: TokenClientError.malformedAnswer) {
            try TokenClient(socket: server.path, timeout: patience).ping()
        }
    }

    @Test("bytes that are no UTF-8 are malformed")
    func invalidUTF8() {
        let server = ScriptedServer { peer in
            peer.write([0x4F, 0x4B, 0x20, 0xFF, 0x0A])
            peer.stayMute()
        }
        #expect(throws: TokenClientError.malformedAnswer) {
            try TokenClient(socket: server.path, timeout: patience).ping()
        }
    }

    @Test("a request too long for the daemon is refused before it is sent")
    func tooLong() {
        let grant = AddedGrant(refreshToken: Secret(String(repeating: "r", count: 65536)))
        let error = #expect(throws: TokenClientError.self) {
            try TokenClient(socket: "/nonexistent/socket").add(alice, grant)
        }
        guard case .refused(let refusal)? = error else {
            Issue.record("unexpected \(String(describing: error))")
            return
        }
        #expect(refusal.code == .lineTooLong)
    }

    @Test("printing a request or an answer shows no token")
    func redaction() throws {
        let request = try EncodedRequest(.add(alice, AddedGrant(refreshToken: Secret("canary"))))
        let answer = Answer(text: "1 Bearer canary")
        var texts = [
            "\(request)", "\(answer)", String(reflecting: request), String(reflecting: answer), "\([answer])",
        ]
        for value in [request, answer] as [Any] {
            var dumped = ""
            dump(value, to: &dumped)
            texts.append(dumped)
        }
        for text in texts { #expect(!text.contains("canary") && !text.contains("97, 110")) }
    }

    @Test("requests of another kind are typed as their answers")
    func typed() throws {
        let server = ScriptedServer { peer in
            peer.answer { line in
                switch line.split(separator: " ").first {
                case "HELLO": "OK tokend/9.8.7 protocol/1 later more\n"
                case "REFRESH": "OK 1795533468\n"
                case "ADD": "OK in-doubt\n"
                default: "OK\n"
                }
            }
        }
        let client = TokenClient(socket: server.path, timeout: patience)
        let hello = try client.hello()
        #expect(
            hello.server == "tokend/9.8.7" && hello.version == 1 && hello.capabilities == ["later", "more"])
        #expect(try client.refresh(alice) == WallTime(epochSeconds: 1_795_533_468))
        #expect(try client.add(alice, AddedGrant(refreshToken: Secret("r"))) == .inDoubt)
        try client.remove(alice)
        try client.ping()
        #expect(throws: TokenClientError.malformedAnswer) { try client.status() }
    }

    @Test("a token comes without blocking a task's thread")
    func asynchronous() async throws {
        let server = ScriptedServer { peer in peer.answer { _ in "OK 1 Bearer t\n" } }
        let token = try await TokenClient.token(for: alice, socket: server.path, timeout: patience)
        #expect(token.secret.exposed == "t")
        let error = await #expect(throws: TokenClientError.self) {
            try await TokenClient.token(for: alice, socket: "/nonexistent/socket")
        }
        #expect(error == .noDaemon(socket: "/nonexistent/socket"))
    }
}
