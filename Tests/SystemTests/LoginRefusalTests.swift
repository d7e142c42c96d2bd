import Foundation
import SandboxProvider
import Testing

extension SystemTests {
    /// What ends a login without a token: each a clear error, no request where none may be, and the stored grant untouched.
    @Suite("A login that must not succeed")
    struct LoginRefusalTests {
        private struct Scene {
            let sandbox: Sandbox
            let daemon: RunningDaemon

            /// Where the browser is sent back to after a user agreed.
            func redirected(_ account: String, _ more: String = "") throws -> String {
                let answer = try daemon.connect().ask("AUTHORIZE \(account)")
                try #require(answer.hasPrefix("OK http"))
                return try Programs.run(
                    "/usr/bin/curl",
                    [
                        "-sS", "--max-time", "30", "-o", "/dev/null", "-w", "%{redirect_url}",
                        answer.dropFirst(3) + more,
                    ]
                ).output
            }

            func ask(_ request: String, within seconds: Double = 30) throws -> String {
                try daemon.connect().ask(request, within: seconds)
            }

            /// What is answered begins with `start`.
            func expect(_ request: String, within seconds: Double = 30, _ start: String) throws {
                let answer = try ask(request, within: seconds)
                #expect(answer.hasPrefix(start), "\(request)")
            }

            /// An account whose grant must stay as it is.
            func add(_ account: String) throws -> String {
                let grant = sandbox.createGrant(subject: "kept")
                #expect(
                    try ask(#"ADD \#(account) {"refresh_token":"\#(grant.refreshToken)"}"#).hasPrefix("OK"))
                #expect(try ask("GET \(account)").hasPrefix("OK"))
                return try ask("GET \(account)")
            }
        }

        private func withScene(
            issuer: String? = nil, deviceLife: Double = 600, lie: String? = nil,
            _ body: @escaping @Sendable (Scene) throws -> Void
        ) async throws {
            var options = Sandbox.Options()
            options.policy.accessTokenLifetime = 600
            options.policy.deviceInterval = 1
            options.policy.deviceCodeLifetime = deviceLife
            options.policy.issuer = lie
            try await withSandbox(options) { sandbox in
                let base = sandbox.baseURL
                let client = RegisteredClient.standard
                let endpoints =
                    issuer == "discovered"
                    ? #""issuer": "\#(base)""#
                    : """
                    "authorization_endpoint": "\(base)/authorize", "token_endpoint": "\(base)/token",
                    "device_authorization_endpoint": "\(base)/device_authorization"
                    """ + (issuer.map { #", "issuer": "\#($0)""# } ?? "")
                let daemon = try RunningDaemon(
                    providers: """
                        {"p": {\(endpoints), "client_id": "\(client.id)", "client_secret": "\(client.secret)",
                          "redirect_uri": "\(client.redirectURIs[0])", "scopes": ["contacts.read"]}}
                        """)
                try daemon.start()
                try body(Scene(sandbox: sandbox, daemon: daemon))
                #expect(daemon.stop() == 0)
            }
        }

        @Test("A state that is unknown or used, and a code sent twice, make no token request")
        func states() async throws {
            try await withScene { scene in
                let kept = try scene.add("p/alice")
                let before = scene.sandbox.statistics.total.tokenRequests
                for query in [
                    "code=x&state=unknown", "code=x", "error=access_denied&state=unknown", "state=", "x=1",
                ] {
                    try scene.expect("CALLBACK ?\(query)", "ERR login-failed - ")
                }
                try scene.expect("CALLBACK https://app.example/cb", "ERR login-failed - ")
                // Authlib leaves the state out of a denial unless its caller hands it on.
                try scene.expect(
                    "CALLBACK ?error=access_denied&error_description=CANARY",
                    "ERR login-failed - the user or the provider has declined (access_denied); the redirected URL holds no state"
                )
                #expect(scene.sandbox.statistics.total.tokenRequests == before)
                #expect(try scene.ask("GET p/alice") == kept)

                let redirected = try scene.redirected("p/alice")
                try scene.expect("CALLBACK \(redirected)", "OK p/alice ")
                let token = try scene.ask("GET p/alice")
                let requests = scene.sandbox.statistics.total.tokenRequests
                #expect(
                    try scene.ask("CALLBACK \(redirected)")
                        == "ERR login-failed - the state was used already: begin the login anew")
                #expect(scene.sandbox.statistics.total.tokenRequests == requests)
                #expect(try scene.ask("GET p/alice") == token && token != kept)
            }
        }

        @Test(
            "Another account's state ends another account's login, and a code under a foreign state is refused by PKCE"
        )
        func foreignState() async throws {
            try await withScene { scene in
                let kept = try scene.add("p/alice")
                let alice = try scene.redirected("p/alice")
                let bob = try scene.redirected("p/bob")
                let state = try #require(bob.components(separatedBy: "state=").last?.prefix { $0 != "&" })
                let aliceState = try #require(
                    alice.components(separatedBy: "state=").last?.prefix { $0 != "&" })
                let mixed = alice.replacing(aliceState, with: state)
                try scene.expect("CALLBACK \(mixed)", "ERR login-failed - ")
                try scene.expect("GET p/bob", "ERR unknown-account")
                #expect(try scene.ask("GET p/alice") == kept)
            }
        }

        @Test("Two logins of one account at once both end, and the account has one of them")
        func race() async throws {
            try await withScene { scene in
                let urls = try (0..<8).map { _ in try scene.redirected("p/alice") }
                let wires = try urls.map { url in
                    let wire = try scene.daemon.connect()
                    try wire.send("CALLBACK \(url)\n")
                    return wire
                }
                for wire in wires {
                    let answer = try wire.line()
                    #expect(answer?.hasPrefix("OK p/alice ") == true)
                }
                try scene.expect("REFRESH p/alice", "OK ")
                #expect(scene.sandbox.statistics.total.reuses == 0)
            }
        }

        @Test("A callback of 64 KiB is too long, one of 60 KiB is read")
        func long() async throws {
            try await withScene { scene in
                let long = "CALLBACK ?state=" + String(repeating: "a", count: 65_536)
                try scene.expect(long, "ERR line-too-long")
                let fits = "CALLBACK ?state=" + String(repeating: "a", count: 60_000)
                try scene.expect(fits, "ERR login-failed")
            }
        }

        @Test("An iss that is not the configured issuer is refused without a token request (RFC 9207)")
        func otherIssuer() async throws {
            try await withScene(issuer: "https://as.example") { scene in
                let kept = try scene.add("p/alice")
                let before = scene.sandbox.statistics.total.tokenRequests
                let redirected = try scene.redirected("p/alice")
                #expect(redirected.contains("iss="))
                #expect(
                    try scene.ask("CALLBACK \(redirected)")
                        == "ERR login-failed - iss names another authorization server than the configured issuer"
                )
                #expect(scene.sandbox.statistics.total.tokenRequests == before)
                #expect(try scene.ask("GET p/alice") == kept)
            }
        }

        @Test(
            "A discovery document that lies about its issuer leads to no login, no token request and no lost grant"
        )
        func lyingIssuer() async throws {
            try await withScene(issuer: "discovered", lie: "https://evil.example") { scene in
                // Nothing at the second place says less than a wrong document at the first.
                scene.sandbox.addFault(Fault(.delay(seconds: 0), endpoints: [.metadata], count: 1))
                scene.sandbox.addFault(
                    Fault(.respond(ScriptedAnswer(status: 404)), endpoints: [.metadata], count: 1))
                #expect(
                    try scene.ask("AUTHORIZE p/alice")
                        == "ERR operator-needed - the issuer's metadata: the discovery document is of another issuer, https://evil.example"
                )
                try scene.expect("DEVICE p/alice", "ERR operator-needed - ")
                let grant = scene.sandbox.createGrant(subject: "alice")
                _ = try scene.ask(#"ADD p/alice {"refresh_token":"\#(grant.refreshToken)"}"#)
                try scene.expect("GET p/alice", "ERR operator-needed")
                #expect(scene.sandbox.statistics.total.tokenRequests == 0)
            }
        }

        @Test("Discovery finds the endpoints of logins and refreshes")
        func discovered() async throws {
            try await withScene(issuer: "discovered") { scene in
                let redirected = try scene.redirected("p/alice")
                try scene.expect("CALLBACK \(redirected)", "OK p/alice ")
                try scene.expect("REFRESH p/alice", "OK ")
                #expect(try scene.ask("REVOKE p/alice") == "OK revoked")
            }
        }

        @Test("A device code that expires ends its login")
        func expiredDevice() async throws {
            try await withScene(deviceLife: 3) { scene in
                let kept = try scene.add("p/alice")
                let answer = try scene.ask("DEVICE p/alice")
                #expect(answer.hasPrefix("OK ") && answer.hasSuffix(" 3"))
                try scene.expect("LOGIN p/alice", "ERR try-again")
                try scene.expect("LOGIN p/alice wait=30", within: 60, "ERR login-failed - ")
                #expect(try scene.ask("GET p/alice") == kept)
            }
        }

        @Test("A login that a kill interrupts goes on after the restart: by redirection and by device")
        func restart() async throws {
            try await withScene { scene in
                let redirected = try scene.redirected("p/alice")
                let device = try scene.ask("DEVICE p/carol").split(separator: " ").map(String.init)
                scene.daemon.crash()
                try scene.daemon.start()
                try scene.expect("CALLBACK \(redirected)", "OK p/alice ")
                let page = try #require(device[2].removingPercentEncoding)
                _ = try Programs.run(
                    "/usr/bin/curl", ["-sS", "--max-time", "30", "\(page)?user_code=\(device[1])"])
                try scene.expect("LOGIN p/carol wait=30", within: 60, "OK p/carol ")
                scene.daemon.crash()
                try scene.daemon.start()
                try scene.expect("CALLBACK \(redirected)", "ERR login-failed - ")
                try scene.expect("GET p/alice", "OK ")
            }
        }

        @Test("A login at a provider that is not configured, or for a name that is none, is refused")
        func names() async throws {
            try await withScene { scene in
                try scene.expect("AUTHORIZE q/alice", "ERR unknown-provider")
                try scene.expect("DEVICE q/alice", "ERR unknown-provider")
                try scene.expect("AUTHORIZE alice", "ERR bad-request")
                try scene.expect("REVOKE p/nobody", "ERR unknown-account")
                try scene.expect("LOGIN p/nobody", "ERR login-failed")
                try scene.expect("AUTHORIZE p/alice var.shop=x", "ERR bad-request")
                #expect(
                    try scene.ask("ADD p/alice {}").hasPrefix("ERR bad-request - refresh_token is missing"))
            }
        }

        @Test(
            "R2: on a full disk no code is shown, and one that was shown brings its grant as soon as there is room"
        )
        func fullDisk() async throws {
            guard Disk.areAvailable(for: "a login on a full disk") else { return }
            var options = Sandbox.Options()
            options.policy.accessTokenLifetime = 600
            try await withSandbox(options) { sandbox in
                let base = sandbox.baseURL
                let disk = try Disk(.ext4)
                let more = """
                    "authorization_endpoint": "\(base)/authorize",
                    "redirect_uri": "\(RegisteredClient.standard.redirectURIs[0])"
                    """
                let daemon = try RunningDaemon(
                    providers: #"{"p": \#(RunningDaemon.provider(base + "/token", more: more))}"#, on: disk)
                try daemon.start()
                let scene = Scene(sandbox: sandbox, daemon: daemon)
                let first = try scene.redirected("p/alice")
                let second = try scene.redirected("p/bob")
                try disk.fill()
                try scene.expect("CALLBACK \(first)", "ERR storage ")
                #expect(sandbox.statistics.total.tokenRequests == 0)
                disk.free()
                try eventually("the same URL ends the login") {
                    try scene.ask("CALLBACK \(first)").hasPrefix("OK p/alice ")
                }
                sandbox.addFault(Fault(.delayAnswer(seconds: 1.5), count: 1))
                let wire = try daemon.connect()
                try wire.send("CALLBACK \(second)\n")
                try eventually("the code is out") { sandbox.statistics.total.inFlight == 1 }
                try disk.fill()
                #expect(sandbox.statistics.total.inFlight == 1, "it was filled in time")
                try eventually("the answer has come") { sandbox.statistics.total.inFlight == 0 }
                disk.free()
                let answer = try wire.line()
                #expect(answer?.hasPrefix("OK p/bob ") == true, "\(answer ?? "-")")
                daemon.crash()
                try daemon.start()
                try scene.expect("REFRESH p/bob", "OK ")
                #expect(sandbox.statistics.total.redemptions == 2)
                #expect(daemon.stop() == 0)
            }
        }
    }
}
