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
    /// A key on P-256, made for these tests.
    static let curveKey = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgnbq/7DHEAu1dzmWG
        BfGN3g+RBXUH60/qP7ZSa4QBStChRANCAARKuntKaJunJINftmaZc46yJIhwNoG8
        tkdU/p8BMJt955ZlDHY83skQg/+Zya6PiVK1qzXbF/kxpScutHCel+3U
        -----END PRIVATE KEY-----

        """

    /// An RSA key of 2048 bits, made for these tests.
    static let pem = """
        -----BEGIN PRIVATE KEY-----
        MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQDItIQcIpwqjW4h
        Yu8VTg4tbV4eqV4XNVDHwS593KX8lIQMvgW2P0AQ41Uu+9VzoAtWTxjPw1OvNeds
        exHc40oLFoNvp8n03ndad6Xea0I+xX8S5wHOS1cZvDrGPPWxWZE7cqgk2o2jYE+O
        f4nW2P9FG031s79ThbhFNywArlCEMcDPjLcC2Xud27D/25YQh0DcHosLwwkp3lK5
        309Dmy70rdFBbM2EfrU4y5mNDQVp0gfcCdvOz18uHNi8o7QE4lONQaRABSMgn+Mr
        3sMU7rMFzJ/ig1dGyH4qvPyV62FdXw4fqlQnwF+4nsErjPvc/4R8XE0aXGxMp3DD
        KEtsTE/RAgMBAAECggEAMJmRofR5h05O/DOmPCz1/ucMUvVlLM6CvJQZS23qHaLi
        5OkAnhRr0YsS3fkqQ0DebexiUDD2qycs3lZgyXGaRNwTQK7LFwnlsdjmJ9kmJegR
        8MRSah9RPJCZVNZ/Eg5jvhbyA1aO1KBmM1XLzWQnUBcgBh6b9kAbklsdQx7yrUem
        V8JgFO8XoAdRrXG89fH2XyvMAuoRsXRR/t+06DLQaBFDLokribqQYH/rIWl4QICm
        EpRM68Sqh5TI1yXtKBpiLtllKC4dXjQUa7FrQcdyhaoFwxI456SbiQhgzj/eJJFW
        KhrvJKMXo+KBB/XP1TXBFQ+4i18GKCFcZ0kYlUCkKQKBgQD/8PvFib2TGNsIWqyA
        y9ftDuQ84pGG2Krq0uNsYyUL8gFlecXE/Ws9CQgjT/mRRo7FY8El4iVRfiLKf0MQ
        7Y57gse8z49Y/CUMVe2nYEDA6b6OTyGgo9wrAgeIFsghJGmFxdL7wRrH9FixS18d
        YMeC4tcyZVaKpU/vv/roP/krTQKBgQDIwEqxXHkArLQJ3bG1xDTJbEIV+rNuVn3i
        2p+2xkzxbpU8ZYrqL4+FApkx7qJ1GRfnoynufRzwDssIidAJa9kmjr7qMlMx1tTT
        whxTVRKJkS+CtoZKynxSCR3UNhVEO3OnUQHvzX1ppZrwjHuoq4HPwY/KL1TaZml1
        NbWe4viMlQKBgQCSNdmuxHw/DyD5icsoHMsyiqJKQeh+z0H8uhLftVfRliPEE6eu
        XFMp4AH9Ik/g9RzUmKMbgDBveI5pfgATKJKP7msqaqxqWkjT3jbQukTjr+SDKaN9
        QH6jNxqUXOdhP4rkt9lKpssk1WrhhbxFbScsl2f2SzwAImYjAVpV2U3/tQKBgGOP
        Kfvn9oKlI+y4q8ePdPZn4CZyXMZd0rTM4+SLV+FsjEqVuV0HFVBLx5oB1UPpm/de
        7g6+sblEPOERJ8FkYR9EL96J8sSG3KngXJffWwAqprtWticlYJ52svppkAZ0zZiv
        DhzVdlsMrFib8z/lPs3AGwWUj6p4m9hrOJWBzu45AoGBAItTp/2tjRK7teHOHNQ9
        TB5CpzO/eyha/BI+Ls95HQVOS1FRtj+A1Bkf37Wm9zm49pwNNUdlDeULj5K1XdCH
        Gac/EKT4gves5OF+53ELWHUK3tjJu3ywWnl+Dyl+/NL3DTQNmWExOtDEBVLtByZJ
        ZrXbd6ayTpvWe6Rug/1x+zUL
        -----END PRIVATE KEY-----

        """

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
            "CURVE_KEY": curveKey,
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
