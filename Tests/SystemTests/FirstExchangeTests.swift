import Foundation
import Testing

extension SystemTests {
    /// Facebook and Instagram, as their presets have it but for the host.
    @Suite("A login at a provider that first gives a short-lived token")
    struct FirstExchangeTests {
        /// Nobody waits a day here for the next exchange.
        private static let client = """
            "client_id": "c-1", "client_secret": "hush", "redirect_uri": "http://127.0.0.1:1/cb",
            "min_refresh_interval": "1s"
            """

        private static func providers(_ base: String) -> String {
            """
            {"instagram": {"preset": "instagram", "authorization_endpoint": "\(base)/authorize",
               "token_endpoint": "\(base)/code", "first_exchange_endpoint": "\(base)/first",
               "refresh_endpoint": "\(base)/refresh", \(client)},
             "facebook": {"preset": "facebook", "authorization_endpoint": "\(base)/authorize",
               "token_endpoint": "\(base)/code", "first_exchange_endpoint": "\(base)/code",
               "response": {"roots": ["/data/0", ""]}, \(client)}}
            """
        }

        private func withDaemon(
            _ body: @escaping @Sendable (GraphServer, RunningDaemon) throws -> Void
        ) async throws {
            let result = await withThread {
                Result {
                    let server = try GraphServer()
                    defer { server.stop() }
                    let daemon = try RunningDaemon(providers: Self.providers(server.baseURL))
                    try daemon.start()
                    try body(server, daemon)
                    #expect(daemon.stop() == 0)
                }
            }
            try result.get()
        }

        /// Logs in; the code is the provider's to judge.
        private static func logIn(_ account: String, _ daemon: RunningDaemon) throws {
            let url = try daemon.connect().ask("AUTHORIZE \(account)")
            let state = try #require(url.components(separatedBy: "state=").last?.split(separator: "&").first)
            let done = try daemon.connect().ask("CALLBACK code=c-2&state=\(state)")
            #expect(done.hasPrefix("OK \(account) "))
        }

        private static func serves(_ token: String, _ account: String, _ daemon: RunningDaemon) throws -> Bool
        {
            try daemon.connect().ask("GET \(account)").hasSuffix(" Bearer \(token)")
        }

        private static let instagram = [
            "POST /code?client_id=c-1&client_secret=hush&redirect_uri=http%3A%2F%2F127.0.0.1%3A1%2Fcb"
                + "&grant_type=authorization_code&code=c-2",
            "GET /first?client_secret=hush&grant_type=ig_exchange_token&access_token=short",
            "GET /refresh?grant_type=ig_refresh_token&access_token=long",
        ]
        private static let facebook =
            "GET /code?client_id=c-1&client_secret=hush&grant_type=fb_exchange_token"

        @Test("exchanges it at once, and what it brought later, as Instagram wants it")
        func instagram() async throws {
            try await withDaemon { server, daemon in
                try Self.logIn("instagram/a", daemon)
                try eventually("the token is exchanged") { try Self.serves("long", "instagram/a", daemon) }
                let status = try daemon.connect().ask("STATUS instagram/a")
                #expect(
                    status.contains(#""state":"ok""#) && status.contains(#""lifetime":5183944"#),
                    "\(status)")
                // By hand, for the regular one is a month away.
                #expect(server.requests == Array(Self.instagram.prefix(2)))
                daemon.crash()
                try daemon.start()
                #expect(try Self.serves("long", "instagram/a", daemon))
                #expect(try daemon.connect().ask("REFRESH instagram/a").hasPrefix("OK "))
                #expect(try Self.serves("longer", "instagram/a", daemon))
                #expect(server.requests == Self.instagram)
            }
        }

        @Test("exchanges it at once, and what it brought later, as Facebook wants it")
        func facebook() async throws {
            try await withDaemon { server, daemon in
                try Self.logIn("facebook/a", daemon)
                try eventually("the token is exchanged") { try Self.serves("long", "facebook/a", daemon) }
                #expect(try daemon.connect().ask("REFRESH facebook/a").hasPrefix("OK "))
                #expect(try Self.serves("longer", "facebook/a", daemon))
                #expect(server.requests.count == 3 && server.requests[0].contains("&code=c-2"))
                #expect(
                    server.requests.dropFirst() == [
                        Self.facebook + "&fb_exchange_token=short", Self.facebook + "&fb_exchange_token=long",
                    ])
            }
        }

        @Test("goes on with the exchange after a kill that came before its answer, and serves meanwhile")
        func killed() async throws {
            try await withDaemon { server, daemon in
                server.drop("/first")
                try Self.logIn("instagram/a", daemon)
                try eventually("the exchange is tried") { server.requests.count > 1 }
                daemon.crash()
                try daemon.start()
                let tried = server.requests.count
                #expect(try Self.serves("short", "instagram/a", daemon))
                server.drop(nil)
                try eventually("the token is exchanged") { try Self.serves("long", "instagram/a", daemon) }
                let later = server.requests.dropFirst(tried)
                #expect(!later.isEmpty && later.allSatisfy { $0 == Self.instagram[1] })
            }
        }
    }
}
