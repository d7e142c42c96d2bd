// An issuer whose metadata cannot be read while its token endpoint works, and a daemon that starts meanwhile.

import Foundation
import SandboxProvider
import Testing

extension SystemTests {
    @Suite("An issuer's metadata")
    struct MetadataTests {
        /// The daemon's issuer lies at a port of its own, so that it can be away while the token endpoint is there.
        private struct Scene {
            let sandbox: Sandbox
            let daemon: RunningDaemon
            let port: Int

            init(_ sandbox: Sandbox) throws {
                self.sandbox = sandbox
                port = try freePort()
                let client = RegisteredClient.standard
                daemon = try RunningDaemon(
                    providers: """
                        {"sandbox": {"issuer": "http://127.0.0.1:\(port)", "client_id": "\(client.id)",
                          "client_secret": "\(client.secret)"}}
                        """)
            }

            /// From now on the issuer is there, and says that this is the token endpoint.
            func issue(_ tokenEndpoint: String) throws -> Process {
                let body = #"{"issuer":"http://127.0.0.1:\#(port)","token_endpoint":"\#(tokenEndpoint)"}"#
                answer(ScriptedAnswer(status: 200, body: body))
                return try serve(at: port)
            }

            func answer(_ answer: ScriptedAnswer) {
                sandbox.clearFaults()
                sandbox.addFault(Fault(.respond(answer), endpoints: [.metadata]))
            }

            func serve(at port: Int) throws -> Process {
                let server = try relay(from: port, to: sandbox.port)
                try eventually("somebody listens") { accepts(port) }
                return server
            }

            func end(_ server: Process) throws {
                server.terminate()
                server.waitUntilExit()
                #expect(!accepts(port))
            }

            /// As after a power cut: nothing that is in memory survives.
            func restart() throws {
                daemon.crash()
                try daemon.start()
            }

            /// Whether the account can be refreshed.
            func refreshes() throws -> Bool { try daemon.connect().refresh("a").hasPrefix("OK ") }

            /// Runs SQL on the store, which may be in use.
            func sql(_ statement: String) throws -> String {
                let sqlite = try #require(Programs.installed("sqlite3"))
                let result = try Programs.run(
                    sqlite, ["-bail", "-cmd", ".timeout 5000", daemon.statePath + "/grants.db", statement])
                #expect(result.status == 0, "\(result.errors)")
                return result.output
            }

            /// The lines of the log of the process that has ended that hold `text`.
            func logged(_ text: String) -> Int {
                (daemon.log?.text ?? "").split(separator: "\n").count { $0.contains(text) }
            }
        }

        private func withScene(_ body: @escaping @Sendable (Scene) throws -> Void) async throws {
            var options = Sandbox.Options()
            options.policy.accessTokenLifetime = 600
            try await withSandbox(options) { sandbox in
                let scene = try Scene(sandbox)
                let issuer = try scene.issue(sandbox.baseURL + "/token")
                defer { issuer.terminate() }
                try scene.daemon.start()
                try scene.daemon.add(["a"], from: sandbox, lifetime: 600)
                #expect(try scene.refreshes())
                try eventually("it is kept") { try scene.sql("SELECT provider FROM metadata") == "sandbox\n" }
                try scene.end(issuer)
                try body(scene)
                #expect(sandbox.statistics.total.reuses == 0)
                #expect(scene.daemon.stop() == 0)
            }
        }

        @Test(
            "that was read serves a restart, by kill -9, while it cannot be read; a later reading is taken up"
        )
        func outage() async throws {
            try await withScene { scene in
                try scene.restart()
                #expect(try scene.refreshes(), "connections refused")
                scene.answer(ScriptedAnswer(status: 503))
                let broken = try scene.serve(at: scene.port)
                try scene.restart()
                #expect(try scene.refreshes(), "status 503")
                try scene.end(broken)

                let before = try scene.sql("SELECT hex(sealed) FROM metadata")
                let moved = try freePort()
                let back = try scene.issue("http://127.0.0.1:\(moved)/token")
                defer { back.terminate() }
                try scene.restart()
                #expect(try scene.refreshes(), "the first use goes by what was kept")
                try eventually("the new endpoint is used, where nobody listens") { try !scene.refreshes() }
                try eventually("it is kept") { try scene.sql("SELECT hex(sealed) FROM metadata") != before }
                try scene.end(back)
                try scene.restart()
                #expect(try !scene.refreshes(), "the new endpoint is used, where nobody listens")
                let there = try scene.serve(at: moved)
                defer { there.terminate() }
                #expect(try scene.refreshes())
            }
        }

        @Test("that is more than a day old at a start serves only where the issuer cannot be read")
        func stale() async throws {
            try await withScene { scene in
                scene.daemon.crash()
                try Clocks.prepare(scene.daemon, step: .seconds(2 * 86_400))
                try scene.daemon.start()
                #expect(try scene.refreshes(), "the issuer is away")
                let back = try scene.issue("http://127.0.0.1:\(try freePort())/token")
                defer { back.terminate() }
                try scene.restart()
                #expect(try !scene.refreshes(), "the issuer says that the endpoint is where nobody listens")
            }
        }

        @Test("that somebody has written into the file is not used, and is said so once")
        func tampered() async throws {
            try await withScene { scene in
                scene.daemon.crash()
                _ = try scene.sql("UPDATE metadata SET confirmed_at_ns = confirmed_at_ns + 1")
                try scene.daemon.start()
                #expect(try !scene.refreshes())
                scene.daemon.crash()
                #expect(scene.logged("sandbox: what is stored of its issuer's metadata is not used: ") == 1)
                let issuer = try scene.issue(scene.sandbox.baseURL + "/token")
                defer { issuer.terminate() }
                try scene.daemon.start()
                #expect(try scene.refreshes())
            }
        }

        @Test("that cannot be kept costs no refresh, and is said so once")
        func unwritable() async throws {
            try await withScene { scene in
                scene.daemon.crash()
                _ = try scene.sql("DROP TABLE metadata")
                let issuer = try scene.issue(scene.sandbox.baseURL + "/token")
                defer { issuer.terminate() }
                try scene.daemon.start()
                for _ in 0..<3 { #expect(try scene.refreshes()) }
                #expect(scene.daemon.stop() == 0)
                #expect(scene.logged("what is stored of issuers' metadata cannot be read: ") == 1)
                #expect(scene.logged("sandbox: its issuer's metadata cannot be kept for a restart: ") == 1)
                try scene.daemon.start()
            }
        }
    }
}
