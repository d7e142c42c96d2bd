// A state directory that is somebody else's, of another key or of another time.

import Evidence
import Foundation
import SandboxProvider
import Testing

extension SystemTests {
    @Suite("A state directory")
    struct StateDirectoryTests {
        /// Every file's bytes.
        private static func contents(_ path: String) throws -> [String: Data] {
            var contents: [String: Data] = [:]
            for name in try FileManager.default.contentsOfDirectory(atPath: path) {
                contents[name] = try Data(contentsOf: URL(fileURLWithPath: path + "/" + name))
            }
            return contents
        }

        private static func sql(_ daemon: RunningDaemon, _ statements: String) throws {
            let sqlite = try #require(Programs.installed("sqlite3"))
            let result = try Programs.run(sqlite, ["-bail", daemon.statePath + "/grants.db", statements])
            #expect(result.status == 0, "\(result.errors)")
        }

        @Test(
            "R14: has one daemon: a second exits 75 and says why; after kill -9 the next start works at once")
        func secondDaemon() async throws {
            try await withSandbox { sandbox in
                let daemon = try RunningDaemon(sandbox)
                try daemon.start()
                try daemon.add(["a"], from: sandbox, lifetime: 600)
                let other = daemon.directory + "/other.json"
                let config = try String(contentsOfFile: daemon.configPath, encoding: .utf8)
                    .replacingOccurrences(of: daemon.socketPath, with: daemon.directory + "/other.sock")
                #expect(
                    FileManager.default.createFile(
                        atPath: other, contents: Data(config.utf8), attributes: [.posixPermissions: 0o600]))
                let wire = try daemon.connect()
                for _ in 0..<3 {
                    let second = try Programs.run("tokend", ["--config", other])
                    #expect(second.status == 75)
                    #expect(
                        second.errors.contains("another tokend owns \(daemon.statePath)"), "\(second.errors)")
                    #expect(try wire.refresh("a").hasPrefix("OK "), "the first is untouched")
                }
                for _ in 0..<3 {
                    daemon.crash()
                    try daemon.start()
                    #expect(try daemon.connect().ask("PING") == "OK")
                }
                #expect(sandbox.statistics.total.reuses == 0)
                #expect(daemon.stop() == 0)
            }
            Evidence.record(
                "R14", injected: "a second daemon on the same directory; kill -9 and start", times: 6,
                held:
                    "the second exits 75 with a sentence, the first is untouched; each start after a kill works at once"
            )
        }

        @Test("O6: of another key is refused and left as it was; one damaged record is held back alone")
        func wrongKey() async throws {
            try await withSandbox { sandbox in
                let daemon = try RunningDaemon(sandbox)
                try daemon.start()
                try daemon.add(["a", "b", "c"], from: sandbox, lifetime: 600)
                let wire = try daemon.connect()
                for subject in ["a", "b", "c"] { try wire.await(subject, "is ok") { $0.state == "ok" } }
                daemon.crash()
                let key = URL(fileURLWithPath: daemon.statePath + "/key")
                let right = try Data(contentsOf: key)
                let wrong = Data(Data(repeating: 7, count: 32).base64EncodedString().utf8)
                for content in [wrong, right.dropLast(8)] {
                    try content.write(to: key)
                    let before = try Self.contents(daemon.statePath)
                    let refused = try Programs.run("tokend", ["--config", daemon.configPath])
                    #expect(refused.status == 78 && refused.errors.contains("key"), "\(refused.errors)")
                    #expect(try Self.contents(daemon.statePath) == before)
                }
                try right.write(to: key)
                try Self.sql(
                    daemon, "UPDATE grants SET sealed_access = zeroblob(99) WHERE account = 'sandbox/b'")
                try daemon.start()
                let after = try daemon.connect()
                #expect(try after.status("b").reason == "record-damaged")
                for subject in ["a", "c"] { #expect(try after.refresh(subject).hasPrefix("OK ")) }
                let login = sandbox.createGrant(subject: "b", lifetime: 600)
                #expect(try after.add("b", login.refreshToken, replace: true) == "OK new")
                #expect(try after.token("b") != nil)
                #expect(daemon.stop() == 0)
            }
            Evidence.record(
                "O6", injected: "another key, a truncated key, one damaged record", times: 3,
                held: "exit 78, every byte as it was; the bad record alone held back, mended by a login")
        }

        @Test(
            "O9: of the first layout is brought up to date; of a newer one it is refused and left as it was")
        func otherVersions() async throws {
            try await withSandbox { sandbox in
                let daemon = try RunningDaemon(sandbox)
                try daemon.start()
                try daemon.add(["a"], from: sandbox, lifetime: 600)
                try daemon.connect().await("a", "is ok") { $0.state == "ok" }
                #expect(daemon.stop() == 0)
                try Self.sql(
                    daemon,
                    "DROP TABLE marks; DROP TABLE logins; DROP TABLE metadata; PRAGMA user_version = 1")
                try daemon.start()
                #expect(try daemon.connect().refresh("a").hasPrefix("OK "))
                #expect(daemon.stop() == 0)
                try Self.sql(daemon, "PRAGMA user_version = 99")
                let before = try Self.contents(daemon.statePath)
                let refused = try Programs.run("tokend", ["--config", daemon.configPath])
                #expect(refused.status == 78 && refused.errors.contains("99"), "\(refused.errors)")
                #expect(try Self.contents(daemon.statePath) == before)
            }
            Evidence.record(
                "O9", injected: "a store of version 1; a store of version 99", times: 2,
                held: "brought up to date with its grant; refused with exit 78, every byte as it was")
        }
    }
}
