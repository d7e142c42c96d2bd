import Foundation
import Testing
import Vocabulary

@testable import DaemonConfiguration

@Suite("Loading the configuration")
struct ConfigurationLoadTests {
    /// Runs `body` with the path of a file that holds `text` and has `mode`.
    private func withFile(_ text: String, mode: Int = 0o600, _ body: (String) throws -> Void) throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(at: directory) }
        let path = directory.appendingPathComponent("config.json").path
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        try body(path)
    }

    private let literal =
        #"{"providers":{"p":{"token_endpoint":"https://as.example/t","client_id":"c","client_secret":"x"}}}"#

    @Test("goes by the file's own permissions")
    func permissions() throws {
        try withFile(literal) { path in
            let configuration = try DaemonConfiguration.load(path: path)
            #expect(configuration.providers.count == 1)
        }
        try withFile(literal, mode: 0o644) { path in
            #expect(
                throws: ConfigurationFailure.invalid([
                    ConfigurationError(
                        path: "providers.p.client_secret", problem: .secret(.literalReadableByOthers))
                ])
            ) { try DaemonConfiguration.load(path: path) }
        }
    }

    @Test("reads secrets from real files and variables")
    func realSecrets() throws {
        try withFile("from a file\n") { secret in
            let json =
                #"{"encryption_key":{"env":"PATH"},"providers":{"p":{"token_endpoint":"https://as.example/t","#
                + #""client_id":"c","client_secret":{"file":"\#(secret)"}}}}"#
            try withFile(json, mode: 0o644) { path in
                let configuration = try DaemonConfiguration.load(path: path)
                #expect(configuration.providers.values.map(\.clientSecret) == [Secret("from a file")])
                let key = try configuration.encryptionKey?.resolve(in: .process(configurationMode: 0o644))
                #expect(key == ProcessInfo.processInfo.environment["PATH"].map(Secret.init))
            }
        }
    }

    @Test("names a file that cannot be read, and why")
    func unreadable() throws {
        try withFile("") { path in
            let directory = String(path.dropLast("/config.json".count))
            for (path, reason) in [
                ("\(directory)/none", "no such file or directory"), (directory, "not a regular file"),
                ("/dev/zero", "not a regular file"), ("\(path)/x", "not a directory"),
            ] {
                do {
                    _ = try DaemonConfiguration.load(path: path)
                    Issue.record("accepted \(path)")
                } catch let error as ConfigurationFailure {
                    #expect(error.description == "cannot read \(path): \(reason)")
                }
            }
        }
    }

    @Test("stops at a mebibyte")
    func tooLarge() throws {
        try withFile(String(repeating: " ", count: (1 << 20) + 1)) { path in
            #expect(throws: ConfigurationFailure.unreadable(path: path, .tooLarge)) {
                try DaemonConfiguration.load(path: path)
            }
        }
    }
}
