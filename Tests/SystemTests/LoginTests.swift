import Foundation
import SandboxProvider
import Testing

extension SystemTests {
    /// Users connect their accounts, and curl is their browser.
    @Suite("Logins")
    struct LoginTests {
        /// A daemon whose client is registered for loopback and for a web app, at a sandbox of its own.
        private struct Scene {
            let sandbox: Sandbox
            let daemon: RunningDaemon
            /// Of the redirect URI, on loopback.
            let port: Int

            func tokenctl(_ arguments: String...) throws -> Programs.Result {
                try Programs.run("tokenctl", arguments, environment: ["TOKEND_SOCKET": daemon.socketPath])
            }

            func login(_ arguments: String..., environment: [String: String] = [:]) throws -> RunningProgram {
                try RunningProgram(
                    "tokenctl", ["login"] + arguments,
                    environment: environment.merging(["TOKEND_SOCKET": daemon.socketPath]) { $1 })
            }

            /// Whose token the daemon serves for `account`, by the sandbox's word.
            func subject(of account: String) throws -> String? {
                let token = try tokenctl("get", account).output.trimmingCharacters(in: .newlines)
                guard case .valid(let subject, _) = sandbox.check(accessToken: token) else { return nil }
                return subject
            }
        }

        private static let webApp = "https://app.example/callback"

        private func withScene(_ body: @escaping @Sendable (Scene) throws -> Void) async throws {
            var options = Sandbox.Options()
            let port = try freePort()
            var client = RegisteredClient.standard
            client.redirectURIs = [
                "http://127.0.0.1:\(port)/callback", Self.webApp, "http://127.0.0.1/any",
                "http://localhost/any",
            ]
            options.clients = [client]
            options.policy.accessTokenLifetime = 600
            options.policy.deviceInterval = 1
            try await withSandbox(options) { [client] sandbox in
                let daemon = try RunningDaemon(providers: Self.providers(sandbox.baseURL, client))
                try daemon.start()
                try body(Scene(sandbox: sandbox, daemon: daemon, port: port))
                #expect(daemon.stop() == 0)
            }
        }

        private static func providers(_ base: String, _ client: RegisteredClient) -> String {
            let common = """
                "client_id": "\(client.id)", "client_secret": "\(client.secret)",
                "redirect_uri": "\(client.redirectURIs[0])"
                """
            return """
                {"sandbox": {"issuer": "\(base)", "scopes": ["openid", "contacts.read"], \(common)},
                 "seamless": {"preset": "seamless", "authorization_endpoint": "\(base)/oauth/authorize",
                   "token_endpoint": "\(base)/api/client/v1/oauth/accessToken",
                   "revocation_endpoint": "\(base)/api/client/v1/oauth/revoke", \(common),
                   "rate": {"budget": "5000/s"}}}
                """
        }

        /// What curl gets at `url`, redirects followed.
        private static func browse(_ url: String) throws -> String {
            try Programs.run("/usr/bin/curl", ["-sS", "-L", "--max-time", "30", url]).output
        }

        /// Where `url` redirects to.
        private static func redirect(of url: String) throws -> String {
            try Programs.run(
                "/usr/bin/curl", ["-sS", "--max-time", "30", "-o", "/dev/null", "-w", "%{redirect_url}", url]
            ).output
        }

        @Test(
            "a browser that comes back to loopback connects the account, again where it was connected; then it is revoked",
            arguments: ["sandbox", "seamless"])
        func loopback(provider: String) async throws {
            try await withScene { scene in
                let account = "\(provider)/alice"
                for subject in ["alice", "bob"] {
                    let login = try scene.login(account, "--no-browser")
                    let page = try Self.browse(try login.line() + "&login_hint=\(subject)")
                    #expect(page.contains("You may close this window") && !page.contains("state"))
                    #expect(try login.line().hasPrefix("connected \(account), token good until 2"))
                    #expect(login.end().status == 0)
                    #expect(try scene.subject(of: account) == subject)
                }
                #expect(try scene.tokenctl("refresh", account).status == 0)
                #expect(scene.sandbox.statistics["bob"].refreshes == 1)
                let token = try scene.tokenctl("get", account).output.trimmingCharacters(in: .newlines)
                let revoked = try scene.tokenctl("revoke", account)
                #expect(revoked.status == 0 && revoked.errors.isEmpty)
                #expect(revoked.output == "revoked at the provider and removed\n")
                #expect(scene.sandbox.check(accessToken: token) == .revoked(subject: "bob"))
                #expect(try scene.tokenctl("get", account).status == 67)
            }
        }

        @Test(
            "a redirect URI of loopback without a port is any: tokenctl takes a free one, which each refresh names"
        )
        func anyPort() async throws {
            try await withScene { scene in
                for host in ["127.0.0.1", "localhost"] {
                    let login = try scene.login(
                        "seamless/alice", "--no-browser", "--redirect-uri", "http://\(host)/any")
                    let url = try login.line()
                    #expect(url.contains("redirect_uri=http%3A%2F%2F\(host)%3A"))
                    #expect(
                        try Self.browse(url + "&login_hint=\(host)").contains("You may close this window"))
                    #expect(login.end().status == 0)
                    #expect(try scene.subject(of: "seamless/alice") == host)
                }
                #expect(try scene.tokenctl("refresh", "seamless/alice").status == 0)
            }
        }

        @Test("an address that is pasted does the same", arguments: ["sandbox", "seamless"])
        func paste(provider: String) async throws {
            try await withScene { scene in
                let account = "\(provider)/alice"
                let login = try scene.login(account, "--redirect-uri", Self.webApp)
                let address = try Self.redirect(of: try login.line() + "&login_hint=alice")
                #expect(address.hasPrefix(Self.webApp + "?code="))
                try login.type("https://app.example/callback?code=x&state=another\n\(address)\n")
                #expect(try login.line().hasPrefix("connected \(account), "))
                let end = login.end()
                #expect(end.status == 0 && end.errors.contains("paste it again"))
                #expect(!end.errors.contains("code="))
                #expect(try scene.subject(of: account) == "alice")
                #expect(scene.sandbox.statistics["alice"].redemptions == 1)
            }
        }

        @Test("the browser is opened where there is a display")
        func browser() async throws {
            try await withScene { scene in
                let login = try scene.login(
                    "sandbox/alice",
                    environment: ["DISPLAY": ":0", "BROWSER": "/usr/bin/curl -sSL --max-time 30 %s"])
                _ = try login.line()
                #expect(try login.line().hasPrefix("connected sandbox/alice, "))
                let end = login.end()
                #expect(end.status == 0 && end.errors.contains("The browser should show it"))
            }
        }

        @Test("a code that is entered at another device connects the account")
        func device() async throws {
            try await withScene { scene in
                let login = try scene.login("sandbox/carol", "--device")
                let (page, code) = (try login.line(), try login.line())
                #expect(page == scene.sandbox.baseURL + "/device")
                // At least one poll is told to go on.
                try eventually("the daemon polls") { scene.sandbox.statistics.total.tokenRequests > 0 }
                #expect(try Self.browse("\(page)?user_code=\(code)&login_hint=carol").contains("connected"))
                #expect(try login.line().hasPrefix("connected sandbox/carol, "))
                #expect(login.end().status == 0)
                #expect(try scene.subject(of: "sandbox/carol") == "carol")
                #expect(try scene.tokenctl("login", "seamless/carol", "--device").status != 0)
            }
        }

        @Test("a user who says no ends the login with 79, and what is stored stays")
        func denied() async throws {
            try await withScene { scene in
                let grant = scene.sandbox.createGrant(subject: "alice")
                let wire = try scene.daemon.connect()
                let added = try wire.ask(
                    #"ADD sandbox/alice {"refresh_token":"\#(grant.refreshToken)","access_token":"\#(grant.accessToken)","expires_at":\#(grant.expiresAtRoundedDown)}"#
                )
                #expect(added.hasPrefix("OK"))
                let login = try scene.login("sandbox/alice", "--no-browser")
                let page = try Self.browse(try login.line() + "&login_hint=deny")
                #expect(page.contains("The login did not succeed"))
                let end = login.end()
                #expect(end.status == 79 && end.errors.contains("declined"))
                let device = try scene.login("sandbox/alice", "--device")
                let (uri, code) = (try device.line(), try device.line())
                _ = try Self.browse("\(uri)?user_code=\(code)&deny=1")
                #expect(device.end().status == 79)
                #expect(try scene.subject(of: "sandbox/alice") == "alice")
                #expect(scene.sandbox.statistics.total.redemptions == 0)
            }
        }

        @Test("Ctrl-C ends a login, and nothing listens any more")
        func interrupted() async throws {
            try await withScene { scene in
                let login = try scene.login("sandbox/alice", "--no-browser")
                let url = try login.line()
                login.interrupt()
                #expect(login.end().status == -SIGINT)
                let back = try Self.redirect(of: url)
                #expect(try Programs.run("/usr/bin/curl", ["-sS", back]).status == 7, "nobody listens")
                // Another program may still hand it in.
                let answer = try scene.daemon.connect().ask("CALLBACK \(back)")
                #expect(answer.hasPrefix("OK sandbox/alice "))
            }
        }

        @Test("a revocation that the provider refuses is told of, and the account is gone all the same")
        func unrevoked() async throws {
            try await withScene { scene in
                let grant = scene.sandbox.createGrant(subject: "alice")
                _ = try scene.daemon.connect().ask(
                    #"ADD sandbox/alice {"refresh_token":"\#(grant.refreshToken)"}"#)
                scene.sandbox.addFault(Fault(.respond(ScriptedAnswer(status: 503)), endpoints: [.revoke]))
                let result = try scene.tokenctl("revoke", "sandbox/alice")
                #expect(result.status == 0 && result.output == "removed sandbox/alice\n")
                #expect(
                    result.errors.contains("not revoked at the provider") && result.errors.contains("503"))
                #expect(try scene.tokenctl("get", "sandbox/alice").status == 67)
            }
        }

        @Test(
            "the README's web app connects a user and shows the contacts",
            .enabled(if: Programs.installed("python3") != nil, "needs python3"))
        func webApp() async throws {
            try await withScene { scene in
                let app = try RunningProgram("/usr/bin/python3", ["-c", try Self.example(scene)])
                let site = "http://127.0.0.1:\(scene.port)"
                try eventually("the app listens") { accepts(scene.port) }
                #expect(try Self.browse("\(site)/contacts").contains("unknown-account"))
                #expect(try Self.browse("\(site)/connect").contains("Ada Example"))
                #expect(scene.sandbox.statistics.total.accessesGranted == 1)
                #expect(try Self.browse("\(site)/contacts").contains("Ada Example"))
                #expect(try Self.browse("\(site)/callback?code=x&state=y").contains("login-failed"))
                app.interrupt()
                #expect(app.end().status != 0, "it serves until it is interrupted")
            }
        }

        /// README.md's only block of Python, with this test's socket, provider and port.
        private static func example(_ scene: Scene) throws -> String {
            let readme = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
                .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("README.md")
            let text = try String(contentsOf: readme, encoding: .utf8)
            let blocks = text.components(separatedBy: "```python\n").dropFirst()
            #expect(blocks.count == 1)
            var program = try #require(blocks.first?.components(separatedBy: "```").first)
            for (word, own) in [
                ("/run/tokend/tokend.sock", scene.daemon.socketPath),
                ("https://api.seamless.ai", scene.sandbox.baseURL), ("8090", "\(scene.port)"),
            ] {
                #expect(program.contains(word), "\(word)")
                program = program.replacing(word, with: own)
            }
            return program
        }
    }
}
