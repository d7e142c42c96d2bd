// A machine that comes up before its network.

import Evidence
import Foundation
import SandboxProvider
import Testing

extension SystemTests {
    @Suite("A start without network")
    struct OfflineTests {
        private static func expectServing(
            _ daemon: RunningDaemon, _ tokens: [String: String]
        ) throws {
            let wire = try daemon.connect()
            for (provider, token) in tokens {
                #expect(try wire.ask("GET \(provider)/valid wait=0").hasSuffix(" Bearer \(token)"))
                let answer = try wire.ask("GET \(provider)/lapsed wait=1")
                #expect(answer.hasPrefix("ERR timeout ") || answer.hasPrefix("ERR try-again "), "\(answer)")
                let view = try wire.status(of: "\(provider)/lapsed")
                #expect(view.needs != "user" && view.needs != "operator", "\(view)")
            }
            #expect(daemon.process.isRunning)
        }

        @Test(
            "O1: serves what is stored and valid, without an end, and the rest once the provider is reached")
        func offline() async throws {
            let port = try freePort()
            try await withSandbox { sandbox in
                let daemon = try RunningDaemon(
                    providers: """
                        {"refused": \(RunningDaemon.provider("http://127.0.0.1:\(port)/token")),
                         "nameless": \(RunningDaemon.provider("https://tokend.invalid/token"))}
                        """)
                try daemon.start()
                var tokens: [String: String] = [:]
                let wire = try daemon.connect()
                for provider in ["refused", "nameless"] {
                    let grant = sandbox.createGrant(subject: provider, lifetime: 600)
                    tokens[provider] = grant.accessToken
                    let json =
                        #"{"refresh_token":"\#(grant.refreshToken)","access_token":"\#(grant.accessToken)","#
                        + #""expires_at":\#(grant.expiresAtRoundedDown)}"#
                    #expect(try wire.ask("ADD \(provider)/valid \(json)") == "OK ok")
                    let other = sandbox.createGrant(subject: provider, lifetime: 600).refreshToken
                    #expect(
                        try wire.ask("ADD \(provider)/lapsed {\"refresh_token\":\"\(other)\"}") == "OK new")
                }
                for _ in 0..<2 {
                    daemon.crash()
                    try daemon.start()
                    try Self.expectServing(daemon, tokens)
                }
                let server = try relay(from: port, to: sandbox.port)
                defer { server.terminate() }
                try eventually("the network is there") { accepts(port) }
                #expect(try daemon.connect().ask("REFRESH refused/lapsed").hasPrefix("OK "))
                #expect(sandbox.statistics.total.reuses == 0)
                #expect(daemon.stop() == 0)
            }
            Evidence.record(
                "O1", injected: "starts with the provider's port closed, and with its name unknown", times: 2,
                held: "READY, valid tokens served, no exit; well when the provider was there")
        }
    }
}
