import Foundation
import SandboxProvider
import Testing

extension SystemTests {
    /// Accounts that live on something else than a user's refresh token.
    @Suite("An account of another kind")
    struct GrantKindTests {
        private func withDaemon(
            _ members: String, authMethod: String = "client_secret_post",
            _ body: @escaping @Sendable (Sandbox, RunningDaemon) throws -> Void
        ) async throws {
            var options = Sandbox.Options()
            options.policy.accessTokenLifetime = 600
            try await withSandbox(options) { sandbox in
                let base = sandbox.baseURL
                let client = RegisteredClient.standard
                let secret = authMethod == "none" ? "" : #", "client_secret": "\#(client.secret)""#
                let daemon = try RunningDaemon(
                    providers: """
                        {"p": {"authorization_endpoint": "\(base)/authorize", "token_endpoint": "\(base)/token",
                          "client_id": "\(client.id)"\(secret), "redirect_uri": "\(client.redirectURIs[0])",
                          "token_endpoint_auth_method": "\(authMethod)", \(members)}}
                        """)
                try daemon.start()
                try body(sandbox, daemon)
                #expect(daemon.stop() == 0)
            }
        }

        /// The token that the daemon serves.
        private static func token(_ daemon: RunningDaemon, _ account: String = "p/main") throws -> String {
            let words = try daemon.connect().ask("GET \(account)").split(separator: " ").map(String.init)
            try #require(words.count == 4 && words[0] == "OK", "\(words.prefix(2))")
            return words[3]
        }

        /// Gets, refreshes, restarts, and refreshes again.
        private static func live(_ sandbox: Sandbox, _ daemon: RunningDaemon) throws {
            let first = try token(daemon)
            guard case .valid = sandbox.check(accessToken: first) else {
                Issue.record("the served token is not good")
                return
            }
            let refreshed = try daemon.connect().ask("REFRESH p/main")
            #expect(refreshed.hasPrefix("OK "))
            #expect(try token(daemon) != first)
            daemon.crash()
            try daemon.start()
            let again = try daemon.connect().ask("REFRESH p/main")
            #expect(again.hasPrefix("OK "))
            let status = try daemon.connect().ask("STATUS p/main")
            #expect(status.contains(#""state":"ok""#))
        }

        @Test("client_credentials: an empty ADD is all it takes, also after a kill")
        func clientCredentials() async throws {
            try await withDaemon(#""kind": "client_credentials", "scopes": ["contacts.read"]"#) {
                sandbox, daemon in
                let refusal = try daemon.connect().ask(#"ADD p/main {"refresh_token":"x"}"#)
                #expect(refusal.hasPrefix("ERR bad-request"))
                #expect(try daemon.connect().ask("ADD p/main {}") == "OK new")
                try Self.live(sandbox, daemon)
                let login = try daemon.connect().ask("AUTHORIZE p/other")
                #expect(login.hasPrefix("ERR bad-request"))
            }
        }

        @Test("Refused without a user to blame, it needs an operator and no login")
        func refused() async throws {
            try await withDaemon(#""kind": "client_credentials""#) { sandbox, daemon in
                let answer = ScriptedAnswer(
                    status: 400, headers: ["Content-Type": "application/json"],
                    body: #"{"error":"invalid_grant"}"#)
                sandbox.addFault(Fault(.respond(answer), endpoints: [.token]))
                #expect(try daemon.connect().ask("ADD p/main {}") == "OK new")
                let got = try daemon.connect().ask("GET p/main")
                #expect(got.hasPrefix("ERR operator-needed"))
                let status = try daemon.connect().ask("STATUS p/main")
                #expect(status.contains(#""needs":"operator""#))
            }
        }

        @Test("jwt_bearer: the client signs an assertion for each token")
        func jwtBearer() async throws {
            let key = NSTemporaryDirectory() + "key-\(UUID().uuidString).pem"
            defer { try? FileManager.default.removeItem(atPath: key) }
            let made = try Programs.run(
                "/usr/bin/openssl",
                ["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", key])
            try #require(made.status == 0)
            let members = """
                "kind": "jwt_bearer", "private_key": {"file": "\(key)"}, "signing_algorithm": "ES256",
                "scopes": ["contacts.read"], "assertion": {"subject": "service"}
                """
            try await withDaemon(members, authMethod: "none") { sandbox, daemon in
                #expect(try daemon.connect().ask("ADD p/main {}") == "OK new")
                try Self.live(sandbox, daemon)
                guard case .valid("service", _) = sandbox.check(accessToken: try Self.token(daemon)) else {
                    Issue.record("the token is not the assertion's subject's")
                    return
                }
            }
        }

        @Test("exchange_access_token: the living token is what is traded, also a login's")
        func exchange() async throws {
            let members = """
                "kind": "exchange_access_token", "min_refresh_interval": "1s",
                "parameters": {"exchange_access_token": {"grant_type": "fb_exchange_token"}},
                "parameter_names": {"access_token": "fb_exchange_token"}
                """
            try await withDaemon(members) { sandbox, daemon in
                let answer = ScriptedAnswer(
                    status: 200, headers: ["Content-Type": "application/json"],
                    body: #"{"access_token":"long-lived","token_type":"bearer","expires_in":5184000}"#)
                sandbox.addFault(Fault(.respond(answer), endpoints: [.token]))
                let expiry = Int(Date().timeIntervalSince1970) + 600
                let added = try daemon.connect().ask(
                    #"ADD p/main {"access_token":"short-lived","expires_at":\#(expiry)}"#)
                #expect(added == "OK ok")
                let refreshed = try daemon.connect().ask("REFRESH p/main")
                #expect(refreshed.hasPrefix("OK "))
                #expect(try Self.token(daemon) == "long-lived")
                #expect(sandbox.statistics.total.tokenRequests == 1)
            }
        }

        @Test(
            "A login without a refresh token serves its token to the end, also after a kill, and is not refreshed"
        )
        func withoutRefreshToken() async throws {
            try await withDaemon(#""authorization_scheme": "Zoho-oauthtoken""#) { sandbox, daemon in
                let answer = ScriptedAnswer(
                    status: 200, headers: ["Content-Type": "application/json"],
                    body: #"{"access_token":"for-ever","token_type":"Bearer"}"#)
                sandbox.addFault(Fault(.respond(answer), endpoints: [.token]))
                let url = try daemon.connect().ask("AUTHORIZE p/main").dropFirst(3)
                let back = try Programs.run(
                    "/usr/bin/curl", ["-sS", "-o", "/dev/null", "-w", "%{redirect_url}", String(url)]
                ).output
                let done = try daemon.connect().ask("CALLBACK \(back)")
                #expect(done.hasPrefix("OK p/main "))
                for _ in 0..<2 {
                    let served = try daemon.connect().ask("GET p/main")
                    #expect(served.hasPrefix("OK ") && served.hasSuffix(" Zoho-oauthtoken for-ever"))
                    let refused = try daemon.connect().ask("REFRESH p/main")
                    #expect(refused.hasPrefix("ERR login-needed"))
                    daemon.crash()
                    try daemon.start()
                }
                #expect(sandbox.statistics.total.tokenRequests == 1)
            }
        }
    }
}
