// Refresh tokens that are dead or of no use, whoever is to blame: one try, a reason, and no hammering.

import Evidence
import Foundation
import SandboxProvider
import Testing

extension SystemTests {
    @Suite("A provider that gives nothing")
    struct RejectionTests {
        /// Nothing more reaches the provider for three seconds, though clients ask and the daemon is killed.
        private static func expectQuiet(_ daemon: RunningDaemon, _ sandbox: Sandbox) throws {
            let before = sandbox.statistics.total.tokenRequests
            for restart in 0..<2 {
                let end = Date(timeIntervalSinceNow: 1.5)
                let wire = try daemon.connect()
                while Date() < end {
                    _ = try wire.ask("GET sandbox/a wait=0 min-ttl=5000")
                    poll(nil, 0, 20)
                }
                let view = try wire.status("a")
                #expect(view.state == "login-needed" && view.reason == "reauthorization-required", "\(view)")
                daemon.crash()
                if restart == 0 { try daemon.start() }
            }
            #expect(sandbox.statistics.total.tokenRequests == before)
        }

        @Test(
            "R15: because a backup was put back is asked once; then a login is needed, also after a restart")
        func backup() async throws {
            try await withSandbox { sandbox in
                let daemon = try RunningDaemon(sandbox)
                try daemon.start()
                try daemon.add(["a"], from: sandbox, lifetime: 600)
                try daemon.connect().await("a", "has a token") { $0.state == "ok" }
                #expect(daemon.stop() == 0)
                let backup = daemon.directory + "/backup"
                try FileManager.default.copyItem(atPath: daemon.statePath, toPath: backup)
                try daemon.start()
                for _ in 0..<2 { #expect(try daemon.connect().refresh("a").hasPrefix("OK ")) }
                #expect(daemon.stop() == 0)
                try FileManager.default.removeItem(atPath: daemon.statePath)
                try FileManager.default.moveItem(atPath: backup, toPath: daemon.statePath)
                try daemon.start()
                #expect(try daemon.connect().refresh("a").hasPrefix("ERR login-needed "))
                try Self.expectQuiet(daemon, sandbox)
                #expect(sandbox.statistics.total.reuses == 1)
            }
            Evidence.record(
                "R15", injected: "the state directory of two rotations ago put back", times: 1,
                held: "one try, login-needed, not shown again, also not after kill -9")
        }

        @Test("R20: because another program has used the refresh token is asked once; then a login is needed")
        func otherProgram() async throws {
            try await withSandbox { sandbox in
                let daemon = try RunningDaemon(sandbox)
                try daemon.start()
                let grant = sandbox.createGrant(subject: "a", lifetime: 600)
                let expiry = grant.expiresAtRoundedDown
                let tokens =
                    #""refresh_token":"\#(grant.refreshToken)","access_token":"\#(grant.accessToken)""#
                #expect(
                    try daemon.connect().ask("ADD sandbox/a {\(tokens),\"expires_at\":\(expiry)}") == "OK ok")
                let client = RegisteredClient.standard
                let form = [
                    "grant_type=refresh_token", "refresh_token=\(grant.refreshToken)",
                    "client_id=\(client.id)",
                    "client_secret=\(client.secret)",
                ]
                let curl = try Programs.run(
                    try #require(Programs.installed("curl")),
                    ["-sS", sandbox.baseURL + "/token"] + form.flatMap { ["--data-urlencode", $0] })
                try #require(curl.output.contains("access_token"), "\(curl.output) \(curl.errors)")
                #expect(try daemon.connect().refresh("a").hasPrefix("ERR login-needed "))
                try Self.expectQuiet(daemon, sandbox)
                #expect(sandbox.statistics.total.reuses == 1)
            }
            Evidence.record(
                "R20", injected: "another program rotated the refresh token", times: 1,
                held: "one rejection, login-needed, no further presentation")
        }

        @Test(
            "C9: any more, though the access token lives, says so at once; the token is served until it lapses"
        )
        func deadGrant() async throws {
            try await withSandbox { sandbox in
                let daemon = try RunningDaemon(sandbox)
                try daemon.start()
                try daemon.add(["a"], from: sandbox, lifetime: 6)
                let wire = try daemon.connect()
                let token = try #require(try wire.token("a"))
                sandbox.revokeAll(subject: "a")
                #expect(try wire.refresh("a").hasPrefix("ERR login-needed "))
                #expect(try wire.status("a").state == "login-needed")
                #expect(try wire.token("a", "wait=0") == token)
                try eventually("the token lapses") { try wire.token("a", "wait=0") == nil }
                #expect(try wire.ask("GET sandbox/a").hasPrefix("ERR login-needed "))
                #expect(sandbox.statistics.total.tokenRequests == 2)
                #expect(daemon.stop() == 0)
            }
            Evidence.record(
                "C9", injected: "the user disconnects while the access token lives", times: 1,
                held: "login-needed at once, the token served until it lapsed, 1 rejection")
        }

        @Test("R19: new, or what has lapsed, is asked no more often than the minimum interval allows")
        func staleTokens() async throws {
            try await withSandbox { sandbox in
                let daemon = try RunningDaemon(sandbox)
                try daemon.start()
                let rest = #","refresh_token":"{{refresh_token}}""#
                let past = Int(Date().timeIntervalSince1970) - 60
                let bodies = [
                    "same": #"{"access_token":"same","expires_in":1\#(rest)}"#,
                    "lapsed": #"{"access_token":"{{access_token}}","expires_in":0\#(rest)}"#,
                    "past": #"{"access_token":"{{access_token}}","expires_at":\#(past)\#(rest)}"#,
                ]
                for (subject, body) in bodies {
                    sandbox.addFault(
                        Fault(.bodyOverride(ScriptedAnswer(status: 200, body: body)), subject: subject))
                }
                try daemon.add(bodies.keys.sorted(), from: sandbox, lifetime: 600)
                // Six seconds of clients that want more than there is.
                let end = Date(timeIntervalSinceNow: 6)
                let wire = try daemon.connect()
                while Date() < end {
                    for subject in bodies.keys {
                        _ = try wire.ask("GET sandbox/\(subject) wait=0 min-ttl=100")
                    }
                    poll(nil, 0, 20)
                }
                for subject in bodies.keys {
                    let times = sandbox.tokenRequests.filter { $0.subject == subject }.map(\.milliseconds)
                    let gaps = zip(times.dropFirst(), times).map(-)
                    // A second from sending to sending; what is recorded is the arrival.
                    #expect(gaps.allSatisfy { $0 >= 900 }, "\(subject): \(gaps)")
                    #expect((1...8).contains(times.count), "\(subject): \(times.count)")
                }
                #expect(sandbox.statistics.total.reuses == 0)
                daemon.crash()
            }
            Evidence.record(
                "R19", injected: "the same access token, or a lapsed one, in every answer, while clients ask",
                times: 3,
                held: "never two attempts within the minimum interval")
        }
    }
}
