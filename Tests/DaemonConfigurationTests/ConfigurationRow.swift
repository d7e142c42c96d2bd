// Decides what the configurations of these tests can refer to: a handful of files and variables, none of them real.

import StrictJSON
import Testing

@testable import DaemonConfiguration

/// A malformed configuration and the whole text of its error.
struct ConfigurationRow: Sendable, CustomTestStringConvertible {
    let sentence: String
    let json: String
    let mode: UInt32
    let error: String

    init(_ sentence: String, _ json: String, mode: UInt32 = 0o600, is error: String) {
        self.sentence = sentence
        self.json = json
        self.mode = mode
        self.error = error
    }

    /// A row about one member of an otherwise sound provider; `member` comes last, a double name being an error.
    init(
        provider sentence: String, without: String = "", _ member: String, mode: UInt32 = 0o600,
        is error: String
    ) {
        let sound = [
            ("token_endpoint", #""https://as.example/token""#), ("client_id", #""c""#),
            ("client_secret", #"{"env":"SECRET"}"#),
        ]
        let members =
            sound.filter { $0.0 != without }.map { "\"\($0.0)\":\($0.1)" } + (member.isEmpty ? [] : [member])
        self.init(
            sentence, "{\"providers\":{\"p\":{\(members.joined(separator: ","))}}}", mode: mode, is: error)
    }

    /// A row about members of the document beside a sound provider.
    init(top sentence: String, _ members: String, is error: String) {
        self.init(sentence, "{\(members),\(Self.soundProviders)}", is: error)
    }

    static let soundProviders =
        #""providers":{"p":{"token_endpoint":"https://as.example/token","client_id":"c","client_secret":{"env":"SECRET"}}}"#

    var testDescription: String { sentence }
}

extension Environment {
    /// A private key by its looks; nothing signs with it here.
    static let pem = "-----BEGIN PRIVATE KEY-----\nMA==\n-----END PRIVATE KEY-----\n"

    /// Files and variables that exist for these tests alone.
    static func fake(mode: UInt32 = 0o600, credentials: Bool = true) -> Environment {
        let files: [String: [UInt8]] = [
            "/run/credentials/tokend/secret": Array("from a credential\n".utf8),
            "/run/credentials/tokend/seamless-client-secret": Array("sandbox-secret\n".utf8),
            "/etc/tokend/encryption.key": Array("0123456789abcdef0123456789abcdef\n".utf8),
            "/secrets/plain": Array("from a file".utf8),
            "/secrets/lf": Array("from a file\n".utf8),
            "/secrets/crlf": Array("from a file\r\n".utf8),
            "/secrets/two-lf": Array("from a file\n\n".utf8),
            "/secrets/empty": [],
            "/secrets/newline": [0x0A],
            "/secrets/binary": [0x80, 0xFF, 0x00],
            "/ca.pem": Array("-----BEGIN CERTIFICATE-----".utf8),
            "/client.pem": Array("-----BEGIN CERTIFICATE-----".utf8),
            "/client.key": Array(pem.utf8),
        ]
        var variables = [
            "SECRET": "from a variable", "EMPTY": "", "SANDBOX_CLIENT_SECRET": "sandbox-secret", "KEY": pem,
        ]
        if credentials { variables["CREDENTIALS_DIRECTORY"] = "/run/credentials/tokend" }
        let known = variables
        return Environment(
            file: { path throws(FileError) in
                guard let bytes = files[path] else { throw .system(errno: 2) }
                return bytes
            },
            variable: { known[$0] }, configurationMode: mode)
    }
}
