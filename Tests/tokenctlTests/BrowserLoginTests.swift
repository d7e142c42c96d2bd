import Foundation
import Synchronization
import Testing
import TokenClient

@testable import tokenctl

/// What a person saw.
private final class Seen: Sendable {
    private let text = Mutex("")
    func append(_ more: String) { text.withLock { $0 += more } }
    var all: String { text.withLock { $0 } }
}

@Suite struct BrowserLoginTests {
    private let account = AccountName("p/alice")!
    private let input = ScriptedInput()
    private let seen = Seen()

    private func daemon(_ redirect: String, callback: String = "OK p/alice 1795533468\n") -> ScriptedDaemon {
        ScriptedDaemon { line, _ in
            line.hasPrefix("CALLBACK ")
                ? callback
                : "OK https://auth.example/authorize?client_id=c&redirect_uri=\(redirect)&state=s%2B1\n"
        }
    }

    /// Logs in while `act` plays the person, on a thread of its own, from when the URL is shown.
    private func login(
        _ daemon: ScriptedDaemon, patience: Duration = .seconds(60), options: LoginOptions = LoginOptions(),
        _ act: @escaping @Sendable (String) -> Void
    ) throws -> LoggedIn {
        let group = DispatchGroup()
        defer { group.wait() }
        let screen = LoginScreen(
            put: { [seen] url in
                seen.append("<\(url)>")
                group.enter()
                Thread.detachNewThread {
                    act(url)
                    group.leave()
                }
            }, tell: { [seen] in seen.append($0) }, showCode: { [seen] in seen.append("[QR \($0)]") })
        return try BrowserLogin(account: account, options: options, screen: screen, input: input.reading)
            .run(TokenClient(socket: daemon.path), patience: patience)
    }

    @Test("the browser that comes back with this login's state ends it; whatever else it asks is turned away")
    func loopback() throws {
        let port = ScriptedBrowser.freePort()
        let daemon = daemon("http%3A%2F%2F127.0.0.1%3A\(port)%2Fcb%2Fx")
        let pages = Mutex<[String]>([])
        let loggedIn = try login(daemon) { _ in
            // A browser connects ahead of its need.
            let idle = ScriptedBrowser.connect(port)
            let requests = [
                "/favicon.ico", "/cb/x?code=c&state=other", "/cb/x?code=c", "/cb/xy?code=c&state=s%2B1",
                "/cb/x?code=c%20d&state=s%2B1&more",
            ].map { "GET \($0) HTTP/1.1\r\nHost: localhost\r\n\r\n" }
            for request in ["POST /cb/x?state=s%2B1 HTTP/1.1\r\n\r\n", "garbage\r\n\r\n"] + requests {
                let page = ScriptedBrowser.ask(port, request) ?? "nobody"
                pages.withLock { $0.append(String(page.dropFirst("HTTP/1.1 ".count).prefix(3))) }
            }
            close(idle)
        }
        #expect(loggedIn.expiresAt == WallTime(epochSeconds: 1_795_533_468))
        #expect(daemon.lines == ["AUTHORIZE p/alice", "CALLBACK code=c%20d&state=s%2B1&more"])
        #expect(ScriptedBrowser.connect(port) == -1, "it listens only while it logs in")
        let url =
            "https://auth.example/authorize?client_id=c&redirect_uri=http%3A%2F%2F127.0.0.1%3A\(port)%2Fcb%2Fx&state=s%2B1"
        #expect(seen.all.contains("<\(url)>[QR \(url)]"))
        #expect(!seen.all.contains("code=c"), "the answer's code is not shown")
        // Closed with the login, after the last page was written.
        #expect(pages.withLock { $0 } == ["405", "400", "404", "400", "400", "404", "200"])
    }

    @Test("the browser is told when the login failed, and nothing that came is repeated to it")
    func failed() throws {
        let port = ScriptedBrowser.freePort()
        let daemon = daemon(
            "http%3A%2F%2Flocalhost%3A\(port)", callback: "ERR login-failed - the user said no\n")
        let page = Mutex("")
        let complaint = #expect(throws: Complaint.self) {
            try login(daemon) { _ in
                let answer = ScriptedBrowser.get(port, "/?error=access_denied&state=s%2b1&x=%3Cb%3E") ?? ""
                page.withLock { $0 = answer }
            }
        }
        #expect(complaint?.status == .loginNeeded)
        #expect(complaint?.sentence.hasPrefix("p/alice: the user said no") == true)
        let text = page.withLock { $0 }
        #expect(text.contains("The login did not succeed"))
        #expect(!text.contains("access_denied") && !text.contains("<b>"))
        for field in [
            "Cache-Control: no-store", "Referrer-Policy: no-referrer",
            "Content-Security-Policy: default-src 'none'", "Connection: close",
        ] { #expect(text.contains(field)) }
    }

    @Test("localhost is both loopback addresses, where there are both")
    func localhost() throws {
        guard let (descriptor, port) = ScriptedBrowser.occupyPort(v6: true) else { return }
        close(descriptor)
        let daemon = daemon("http%3A%2F%2Flocalhost%3A\(port)%2F")
        _ = try login(daemon) { _ in
            _ = ScriptedBrowser.get(port, "/nothing")
            _ = ScriptedBrowser.get(port, "/?state=s%2B1", v6: true)
        }
        #expect(daemon.lines.last == "CALLBACK state=s%2B1")
    }

    /// A daemon that puts the redirect URI that it is asked for into the URL, or `configured`.
    private func daemon(configured: String, ignores: Bool = false) -> ScriptedDaemon {
        ScriptedDaemon { line, _ in
            guard !line.hasPrefix("CALLBACK ") else { return "OK p/alice 1795533468\n" }
            let asked = line.split(separator: " ").first { $0.hasPrefix("redirect-uri=") }
                .map { String($0.dropFirst("redirect-uri=".count)) }
            let redirect = (ignores ? nil : asked) ?? configured
            return "OK https://auth.example/authorize?redirect_uri=\(redirect)&state=s%2B1\n"
        }
    }

    @Test(
        "a redirect URI of loopback without a port is any: it listens at a free one and asks for that",
        arguments: [
            ("http://127.0.0.1", "/callback", false), ("http://localhost", "/cb", false),
            ("http://localhost", "/cb", true), ("http://[::1]", "", true),
        ])
    func anyPort(_ row: (host: String, path: String, v6: Bool)) throws {
        if row.v6 {
            guard let (descriptor, _) = ScriptedBrowser.occupyPort(v6: true) else { return }
            close(descriptor)
        }
        let daemon = daemon(configured: row.host + row.path)
        _ = try login(daemon) { url in
            let front = "https://auth.example/authorize?redirect_uri=\(row.host):"
            let port = UInt16(url.dropFirst(front.count).prefix { $0.isNumber }) ?? 0
            #expect(url == "\(front)\(port)\(row.path)&state=s%2B1")
            let target = (row.path.isEmpty ? "/" : row.path) + "?state=s%2B1"
            #expect(ScriptedBrowser.get(port, target, v6: row.v6)?.contains("connected") == true)
        }
        #expect(daemon.lines.first == "AUTHORIZE p/alice" && daemon.lines.count == 3)
        #expect(daemon.lines[1].hasPrefix("AUTHORIZE p/alice redirect-uri=\(row.host):"))
        #expect(daemon.lines.last == "CALLBACK state=s%2B1")
    }

    @Test("where the URL keeps another redirect URI than was asked for, the address is pasted")
    func portIgnored() throws {
        let daemon = daemon(configured: "http://127.0.0.1/cb", ignores: true)
        _ = try login(daemon) { [input] _ in input.type("http://127.0.0.1/cb?code=x&state=s%2B1\n") }
        #expect(daemon.lines.last == "CALLBACK http://127.0.0.1/cb?code=x&state=s%2B1")
        #expect(seen.all.contains("Then paste the address"))
    }

    @Test("an address of one family is listened at there alone")
    func oneFamily() throws {
        guard let (descriptor, port) = ScriptedBrowser.occupyPort(v6: true) else { return }
        close(descriptor)
        let daemon = daemon("http%3A%2F%2F%5B%3A%3A1%5D%3A\(port)%2F")
        _ = try login(daemon) { _ in
            #expect(ScriptedBrowser.connect(port) == -1)
            _ = ScriptedBrowser.get(port, "/?state=s%2B1", v6: true)
        }
    }

    @Test("a request without an end is answered, and keeps nobody from the port")
    func tooLong() throws {
        let port = ScriptedBrowser.freePort()
        let daemon = daemon("http%3A%2F%2F127.0.0.1%3A\(port)%2F")
        _ = try login(daemon) { _ in
            let endless = "GET /?state=s%2B1 HTTP/1.1\r\nX: " + String(repeating: "x", count: 100_000)
            #expect(ScriptedBrowser.ask(port, endless)?.hasPrefix("HTTP/1.1 431") == true)
            let crowd = (0..<30).map { _ in ScriptedBrowser.connect(port) }
            for connection in crowd { close(connection) }
            #expect(ScriptedBrowser.get(port, "/?state=s%2B1")?.contains("connected") == true)
        }
    }

    @Test("while it listens, a pasted address does as well: the browser may be on another machine")
    func pastedBeside() throws {
        let port = ScriptedBrowser.freePort()
        let daemon = daemon("http%3A%2F%2F127.0.0.1%3A\(port)%2Fcb")
        _ = try login(daemon) { [input] _ in
            input.type("  http://127.0.0.1:\(port)/cb?code=x&state=s%2B1#_=_ \r\n")
        }
        #expect(daemon.lines.last == "CALLBACK http://127.0.0.1:\(port)/cb?code=x&state=s%2B1#_=_")
    }

    @Test("standard input that ends leaves the listener; the browser still comes")
    func inputEnds() throws {
        let port = ScriptedBrowser.freePort()
        let daemon = daemon("http%3A%2F%2F127.0.0.1%3A\(port)%2F")
        input.end()
        _ = try login(daemon) { _ in _ = ScriptedBrowser.get(port, "/?state=s%2B1") }
        #expect(daemon.lines.last == "CALLBACK state=s%2B1")
    }

    @Test(
        "where the browser cannot come back, the address is pasted; one of another login is asked for again")
    func pasted() throws {
        let daemon = daemon("https%3A%2F%2Fapp.example%2Fcb")
        _ = try login(daemon) { [input] _ in
            input.type("\nhello\nhttps://app.example/cb?code=x&state=old\n")
            input.type("https://app.example/cb?code=x&state=s%2B1\n")
        }
        #expect(daemon.lines.last == "CALLBACK https://app.example/cb?code=x&state=s%2B1")
        #expect(seen.all.components(separatedBy: "paste it again").count == 3)
        #expect(seen.all.contains("Then paste the address"))
    }

    @Test("standard input that ends without the address is an error, and nothing is handed in")
    func nothingPasted() {
        let daemon = daemon("https%3A%2F%2Fapp.example%2Fcb")
        input.type("nonsense")
        input.end()
        let complaint = #expect(throws: Complaint.self) { try login(daemon) { _ in } }
        #expect(complaint?.status == .badRequest)
        #expect(daemon.lines == ["AUTHORIZE p/alice"])
    }

    @Test("a port that is taken is told of, and the address is pasted")
    func portTaken() throws {
        let (descriptor, port) = try #require(ScriptedBrowser.occupyPort())
        defer { close(descriptor) }
        let daemon = daemon("http%3A%2F%2Flocalhost%3A\(port)%2F")
        _ = try login(daemon) { [input] _ in input.type("state=s%2B1&code=x\n") }
        #expect(seen.all.contains("Port \(port) is taken by another program"))
        #expect(daemon.lines.last == "CALLBACK state=s%2B1&code=x")
    }

    @Test("a login that nobody finishes ends by itself")
    func timedOut() {
        let daemon = daemon("http%3A%2F%2F127.0.0.1%3A\(ScriptedBrowser.freePort())%2F")
        let complaint = #expect(throws: Complaint.self) {
            try login(daemon, patience: .milliseconds(50)) { _ in }
        }
        #expect(complaint?.status == .loginNeeded)
    }

    @Test("what the command line asks for goes to the daemon; its refusal is the end, and no URL is shown")
    func refused() {
        let daemon = ScriptedDaemon { _, _ in "ERR unknown-provider - no provider p\n" }
        let options = LoginOptions(
            redirectURI: "https://a.example/?b=c", scope: "r w", variables: ["shop": "x"])
        let complaint = #expect(throws: Complaint.self) { try login(daemon, options: options) { _ in } }
        #expect(complaint?.status == .badRequest)
        #expect(
            daemon.lines == ["AUTHORIZE p/alice redirect-uri=https://a.example/?b%3Dc scope=r%20w var.shop=x"]
        )
        #expect(seen.all.isEmpty)
    }
}
