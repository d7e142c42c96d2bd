import ArgumentParser
import Testing
import TokenClient

@testable import tokenctl

@Suite struct LoginTests {
    @Test(
        "a redirect URI of loopback http is listened at, exactly where it says",
        arguments: [
            ("http://127.0.0.1:8090/callback", .v4, 8090, "/callback"), ("http://127.0.0.1", .v4, nil, "/"),
            ("HTTP://LocalHost:1/a/b?c=d", .both, 1, "/a/b"), ("http://[::1]:65535?x", .v6, 65535, "/"),
            ("http://localhost/%7Ecb", .both, nil, "/%7Ecb"), ("http://127.0.0.1:80/", .v4, 80, "/"),
        ] as [(String, LoopbackRedirect.Host, UInt16?, String)])
    func loopback(_ row: (uri: String, host: LoopbackRedirect.Host, port: UInt16?, path: String)) throws {
        let redirect = try #require(LoopbackRedirect(row.uri))
        #expect(redirect.host == row.host && redirect.port == row.port && redirect.path == row.path)
    }

    @Test(
        "its port is named in place of the one it had or had not, and nothing else changes",
        arguments: [
            ("http://127.0.0.1/callback", "http://127.0.0.1:4711/callback"),
            ("HTTP://[::1]?a=b", "HTTP://[::1]:4711?a=b"), ("http://LocalHost", "http://LocalHost:4711"),
            ("http://localhost:1/%7E", "http://localhost:4711/%7E"),
        ])
    func atPort(_ row: (uri: String, expected: String)) {
        #expect(LoopbackRedirect(row.uri)?.uri(at: 4711) == row.expected)
    }

    @Test(
        "every other leads elsewhere",
        arguments: [
            "https://127.0.0.1:8090/cb", "http://127.0.0.1.evil.example/", "http://localhost.example/",
            "http://127.0.0.1@evil.example/", "http://localhost:80@evil.example/", "http://127.0.0.2/",
            "http://0.0.0.0/", "http://[::]/", "http://[::1", "http://[::1]x/", "http://localhost:/",
            "http://localhost:0/", "http://localhost:65536/", "http://localhost:+1/", "http://localhost/#x",
            "urn:ietf:wg:oauth:2.0:oob", "myapp://callback", "", "http://", "http://localhost/\u{A0}",
        ])
    func elsewhere(_ uri: String) { #expect(LoopbackRedirect(uri) == nil) }

    @Test("parameters are found behind the question mark or without one, decoded")
    func parameters() {
        let url = QueryParameters("https://a.example/p?state=no%20+x&a=1&a=2&empty=&bare#state=y&late=1")
        #expect(url["state"] == "no  x" && url["a"] == "1" && url["empty"] == "")
        #expect(url["bare"] == nil && url["late"] == nil && url["p"] == nil)
        #expect(QueryParameters("code=c&state=s")["state"] == "s")
        #expect(QueryParameters("state=%zz")["state"] == nil && QueryParameters("")[""] == nil)
    }

    @Test(
        "a request is this login's answer, unfinished, or turned away with the page that fits",
        arguments: [
            ("GET /cb?state=s&code=1 HTTP/1.1\r\nHost: x\r\n\r\n", .callback(Secret("state=s&code=1"))),
            (
                "GET /cb?error=access_denied&state=%73 HTTP/1.0\n\n",
                .callback(Secret("error=access_denied&state=%73"))
            ),
            ("GET /cb?state=s HTTP/1.1\r\nHost: x\r\n", .unfinished), ("", .unfinished), ("GE", .unfinished),
            ("GET /cb?state=t HTTP/1.1\r\n\r\n", .other(.foreign)),
            ("GET /cb HTTP/1.1\r\n\r\n", .other(.foreign)),
            ("GET /cb?xstate=s HTTP/1.1\r\n\r\n", .other(.foreign)),
            ("GET /CB?state=s HTTP/1.1\r\n\r\n", .other(.notFound)),
            ("GET /cb/?state=s HTTP/1.1\r\n\r\n", .other(.notFound)),
            ("GET /favicon.ico HTTP/1.1\r\n\r\n", .other(.notFound)),
            ("GET http://127.0.0.1/cb?state=s HTTP/1.1\r\n\r\n", .other(.notFound)),
            ("HEAD /cb?state=s HTTP/1.1\r\n\r\n", .other(.wrongMethod)),
            ("POST /cb?state=s HTTP/1.1\r\n\r\n", .other(.wrongMethod)),
            ("GET /cb?state=s\r\n\r\n", .other(.notHTTP)), ("\r\n\r\n", .other(.notHTTP)),
            ("GET  /cb?state=s HTTP/1.1\r\n\r\n", .other(.notHTTP)),
            ("GET /cb?state=s&x=\u{E9} HTTP/1.1\r\n\r\n", .other(.notHTTP)),
            ("GET /cb?state=s HTTP/2.0\r\n\r\n", .other(.notHTTP)),
            ("\u{16}\u{3}\u{1}\n\n", .other(.notHTTP)),
        ] as [(String, CallbackRequest)])
    func requests(_ row: (text: String, request: CallbackRequest)) {
        #expect(CallbackRequest(Array(row.text.utf8), path: "/cb", state: "s") == row.request)
    }

    @Test("a head is bounded, but a query may be as long as the protocol takes")
    func bounds() {
        func request(_ length: Int, _ end: String) -> CallbackRequest {
            let text = "GET /cb?state=s&code=\(String(repeating: "c", count: length)) HTTP/1.1\r\n" + end
            return CallbackRequest(Array(text.utf8), path: "/cb", state: "s")
        }
        guard case .callback = request(65_000, "\r\n") else {
            Issue.record("65,000 bytes are allowed")
            return
        }
        #expect(request(CallbackRequest.longestHead, "") == .other(.tooLong))
        #expect(request(CallbackRequest.longestHead, "\r\n") == .other(.tooLong))
    }

    @Test("each page is whole, constant, and keeps its address to itself", arguments: CallbackPage.allCases)
    func pages(_ page: CallbackPage) throws {
        let text = String(decoding: page.response, as: UTF8.self)
        let end = try #require(text.firstRange(of: "\r\n\r\n"))
        #expect(text.contains("Content-Length: \(text[end.upperBound...].utf8.count)\r\n"))
        #expect(text.contains("Referrer-Policy: no-referrer") && !text.contains("<script"))
    }

    private func login(_ arguments: String...) throws -> LoginCommand {
        try #require(try Tokenctl.parseAsRoot(["login"] + arguments) as? LoginCommand)
    }

    @Test("login asks for what its options say")
    func options() throws {
        #expect(try login("a/b").options == LoginOptions())
        #expect(
            try login(
                "a/b", "--scope", "r w", "--redirect-uri", "http://[::1]:1/", "--var", "shop=x", "--var",
                "t=1"
            ).options
                == LoginOptions(
                    redirectURI: "http://[::1]:1/", scope: "r w", variables: ["shop": "x", "t": "1"]))
        #expect(try login("a/b", "--device", "--no-browser").device)
    }

    @Test(
        "wrong usage ends with 64",
        arguments: [
            ["login"], ["login", "alice"], ["login", "a/b", "--device", "--redirect-uri", "x:y"],
            ["login", "a/b", "--redirect-uri", ""], ["login", "a/b", "--var", "shop"],
            ["login", "a/b", "--var", "Shop=x"], ["login", "a/b", "--var", "shop=a/b"],
            ["login", "a/b", "--var", "s=1", "--var", "s=2"], ["revoke"], ["revoke", "a/b", "c/d"],
        ])
    func usage(_ arguments: [String]) {
        let error = #expect(throws: (any Error).self) { try Tokenctl.parseAsRoot(arguments) }
        #expect(error.map { Tokenctl.exitCode(for: $0).rawValue } == ExitStatus.usage.rawValue)
    }

    @Test(
        "a browser is opened where there is a display, by $BROWSER or xdg-open",
        arguments: [
            ([:], nil), (["BROWSER": "lynx"], nil), (["DISPLAY": ":0"], ["xdg-open", "u"]),
            (["WAYLAND_DISPLAY": "w", "BROWSER": "firefox --new:w3m"], ["firefox", "--new", "u"]),
            (["DISPLAY": ":0", "BROWSER": "b -x %s -y"], ["b", "-x", "u", "-y"]),
            (["DISPLAY": ":0", "BROWSER": " "], nil),
        ] as [([String: String], [String]?)])
    func browsers(_ row: (environment: [String: String], command: [String]?)) {
        #expect(Browser.command(for: "u") { row.environment[$0] ?? "" } == row.command)
    }

    @Test("the outcome is one line")
    func outcomes() {
        let account = AccountName("p/alice")!
        #expect(RevokeCommand.render(.revoked, account) == ("revoked at the provider and removed\n", nil))
        let (output, warning) = RevokeCommand.render(.removedOnly("it\nis down"), account)
        #expect(output == "removed p/alice\n")
        #expect(
            warning
                == "tokenctl: p/alice: not revoked at the provider (it?is down); its user can disconnect it there\n"
        )
    }
}
