import Foundation
import ProtocolTranscripts
import SandboxProvider
import Testing

extension SystemTests {
    @Suite("tokenctl backup and restore")
    struct BackupTests {
        private func tokenctl(_ daemon: RunningDaemon, _ arguments: String...) throws -> Programs.Result {
            try Programs.run(
                "tokenctl", arguments, environment: ["TOKEND_SOCKET": daemon.socketPath])
        }

        /// Leaves nothing in the state directory but the key, as on a new machine.
        private func wipe(_ daemon: RunningDaemon) throws {
            for name in try FileManager.default.contentsOfDirectory(atPath: daemon.statePath)
            where name != "key" {
                try FileManager.default.removeItem(atPath: daemon.statePath + "/" + name)
            }
        }

        private func modes(in directory: String) throws -> [String: Int] {
            try Dictionary(
                uniqueKeysWithValues: FileManager.default.contentsOfDirectory(atPath: directory).map {
                    let attributes = try FileManager.default.attributesOfItem(atPath: directory + "/" + $0)
                    return ($0, attributes[.posixPermissions] as? Int ?? -1)
                })
        }

        @Test("S1 R15: 200 accounts under load are backed up, lost, and restored; what is newer is kept")
        func disaster() async throws {
            try await withSandbox { sandbox in
                let daemon = try RunningDaemon(sandbox)
                try daemon.start()
                let subjects = (0..<200).map { "user\($0)" }
                // The first fifty rotate all the time, the others not for an hour.
                try daemon.add(Array(subjects[..<50]), from: sandbox, lifetime: 4)
                try daemon.add(Array(subjects[50...]), from: sandbox, lifetime: 3600)
                let wire = try daemon.connect()
                try eventually("all have a token") {
                    try wire.ask("LIST state=new limit=1").hasPrefix("OK 0")
                }
                let served = try subjects.map { try Self.token($0, wire) }

                let directory = daemon.directory + "/backups"
                try FileManager.default.createDirectory(
                    atPath: directory, withIntermediateDirectories: false)
                let file = directory + "/tokens"
                let backup = try tokenctl(daemon, "backup", file)
                #expect(backup.status == 0, "\(backup.errors)")
                #expect(backup.output == "backed up 200 accounts\n")
                #expect(try modes(in: directory) == ["tokens": 0o600], "one file, and no draft")
                #expect(try tokenctl(daemon, "backup", file).status == 65, "not without --force")
                let again = try tokenctl(daemon, "backup", "--force", file)
                #expect(again.status == 0, "\(again.errors)")
                let content = try String(contentsOfFile: file, encoding: .utf8)
                #expect(content.split(separator: "\n").count == 202)
                #expect(!served.contains { content.contains($0) }, "no token in clear")
                // Whatever the provider ever issued begins so; base64 has no dots.
                #expect(served[0].contains(/^at\.[0-9a-z]+\./))
                #expect(!content.contains(/\b(at|rt)\.[0-9a-z]+\./), "nor one that was not served")

                let before = sandbox.statistics
                try eventually("the first fifty have rotated since") {
                    let now = sandbox.statistics
                    return subjects[..<50].allSatisfy { now[$0].refreshes > before[$0].refreshes }
                }
                daemon.crash()
                try wipe(daemon)
                try daemon.start()
                try Self.expectRestored(daemon, sandbox, subjects, file)
                #expect(daemon.stop() == 0)
            }
        }

        private static func token(_ subject: String, _ wire: Wire) throws -> String {
            let answer = try wire.ask("GET sandbox/\(subject)").split(separator: " ")
            return String(try #require(answer.count == 4 ? answer[3] : nil, "\(answer)"))
        }

        /// Restores all, checks who is well, and that a second restoration changes nothing.
        private static func expectRestored(
            _ daemon: RunningDaemon, _ sandbox: Sandbox, _ subjects: [String], _ file: String
        ) throws {
            let environment = ["TOKEND_SOCKET": daemon.socketPath]
            let wire = try daemon.connect()
            // A login since the loss starts at generation 1 and is the newer grant all the same.
            let login = sandbox.createGrant(subject: "user199", lifetime: 3600)
            _ = try wire.ask("ADD sandbox/user199 {\"refresh_token\":\"\(login.refreshToken)\"}")
            let newToken = try token("user199", wire)
            let before = sandbox.statistics
            let restore = try Programs.run("tokenctl", ["restore", file], environment: environment)
            #expect(restore.output.hasSuffix("restored 199, kept 1 as new or newer, failed 0\n"))
            #expect(restore.output.hasPrefix("kept sandbox/user199: the stored grant"))
            #expect(restore.status == 65 && restore.errors.contains("--force"))
            #expect(try wire.ask("LIST limit=1000") == "OK 200")
            #expect(try token("user199", wire) == newToken, "a new login is not overwritten")
            for subject in subjects[50..<199] {
                let access = try token(subject, wire)
                guard case .valid(subject, _) = sandbox.check(accessToken: access) else {
                    Issue.record("\(subject) is served what the provider does not take")
                    continue
                }
                #expect(try wire.ask("REFRESH sandbox/\(subject)").hasPrefix("OK "))
            }
            // Those that had rotated since the backup have one try; then a user must log in.
            try eventually("the rotated accounts are settled") {
                try wire.ask("LIST state=login-needed limit=100") == "OK 50"
            }
            let after = sandbox.statistics
            #expect(subjects[..<50].allSatisfy { after[$0].tokenRequests - before[$0].tokenRequests == 1 })
            let second = try Programs.run("tokenctl", ["restore", file], environment: environment)
            #expect(second.output.hasSuffix("restored 0, kept 200 as new or newer, failed 0\n"))
            #expect(second.errors.split(separator: "\n").count == 1)
            #expect(try wire.ask("LIST limit=1000") == "OK 200")
            #expect(
                sandbox.statistics.total.tokenRequests == after.total.tokenRequests, "nothing is started anew"
            )
            let forced = try Programs.run(
                "tokenctl", ["restore", "--force", file], environment: environment)
            #expect(forced.status == 0, "\(forced.output) \(forced.errors)")
        }

        @Test("S3 O6: another key's backup, a changed one and one cut short are refused, and nothing changes")
        func refusals() async throws {
            try await withSandbox { sandbox in
                let daemon = try RunningDaemon(sandbox)
                try daemon.start()
                try daemon.add(["alice", "bob"], from: sandbox, lifetime: 3600)
                let file = daemon.directory + "/tokens"
                #expect(try tokenctl(daemon, "backup", file).status == 0)
                let content = try String(contentsOfFile: file, encoding: .utf8)
                let wire = try daemon.connect()
                for account in ["alice", "bob"] {
                    #expect(try wire.ask("REMOVE sandbox/\(account)") == "OK")
                }
                func restore(_ text: String) throws -> Programs.Result {
                    try Programs.run(
                        "tokenctl", ["restore", "-"], input: text,
                        environment: ["TOKEND_SOCKET": daemon.socketPath])
                }
                #expect(try restore(String(content.dropLast(30))).status == 65)
                let swapped = content.replacingOccurrences(of: "sandbox/alice", with: "sandbox/carol")
                let result = try restore(swapped)
                #expect(result.status == 65)
                #expect(result.output.contains("failed sandbox/carol: it was changed"))
                #expect(try wire.ask("LIST") == "OK 1", "only bob's record is what it claims to be")
                #expect(try restore(content).status == 0, "bob is there already, as in the backup")
                #expect(try wire.ask("LIST") == "OK 2")
                daemon.crash()
                try FileManager.default.removeItem(atPath: daemon.statePath)
                try daemon.start()
                let otherKey = try restore(content)
                #expect(otherKey.status == 65)
                #expect(otherKey.output.contains("sealed with another encryption key"))
                #expect(try daemon.connect().ask("LIST") == "OK 0")
                #expect(daemon.stop() == 0)
            }
        }

        @Test(
            "S3: a client that is neither root nor the daemon's user is denied both",
            .enabled(if: getuid() == 0))
        func denied() async throws {
            try await withSandbox { sandbox in
                let daemon = try RunningDaemon(sandbox)
                try daemon.start()
                try daemon.add(["alice"], from: sandbox, lifetime: 3600)
                let setpriv = try #require(Programs.installed("setpriv"))
                let socat = try #require(Programs.installed("socat"))
                chmod(daemon.directory, 0o711)
                chmod(daemon.socketPath, 0o666)
                let line = try #require(
                    WellFormedRequest.all.map(\.line).first { $0.hasPrefix("RESTORE ") })
                let result = try Programs.run(
                    setpriv,
                    [
                        "--reuid=65534", "--clear-groups", socat, "-",
                        "UNIX-CONNECT:\(daemon.socketPath)",
                    ],
                    input: "BACKUP\n\(line)\nPING\n")
                let replies = result.output.split(separator: "\n")
                #expect(replies.count == 3 && replies.last == "OK", "\(result.output) \(result.errors)")
                #expect(replies.prefix(2).allSatisfy { $0.hasPrefix("ERR denied - ") })
                #expect(daemon.stop() == 0)
            }
        }

        @Test("2,000 accounts are backed up and restored in seconds")
        func many() async throws {
            try await withSandbox { sandbox in
                let daemon = try RunningDaemon(sandbox)
                try daemon.start()
                let expiry = Int(Date().timeIntervalSince1970) + 7 * 86_400
                let token = String(repeating: "t", count: 200)
                let lines = (0..<2_000).map { number in
                    #"{"account":"sandbox/u\#(number)","refresh_token":"\#(token)\#(number)","#
                        + #""access_token":"\#(token)\#(number)","expires_at":\#(expiry)}"#
                }
                let environment = ["TOKEND_SOCKET": daemon.socketPath]
                let imported = try Programs.run(
                    "tokenctl", ["import", "-"], input: lines.joined(separator: "\n") + "\n",
                    environment: environment)
                #expect(imported.status == 0)
                let file = daemon.directory + "/tokens"
                let began = Date()
                #expect(try tokenctl(daemon, "backup", file).status == 0)
                let backupTook = Date().timeIntervalSince(began)
                daemon.crash()
                try wipe(daemon)
                try daemon.start()
                let again = Date()
                let restored = try tokenctl(daemon, "restore", file)
                #expect(restored.status == 0, "\(restored.errors)")
                #expect(restored.output == "restored 2,000, kept 0 as new or newer, failed 0\n")
                let size = try FileManager.default.attributesOfItem(atPath: file)[.size] as? Int ?? 0
                print(
                    "backup: 2,000 accounts, \(size) bytes in \(backupTook) s;",
                    "restored in \(Date().timeIntervalSince(again)) s")
                #expect(daemon.stop() == 0)
            }
        }
    }
}
