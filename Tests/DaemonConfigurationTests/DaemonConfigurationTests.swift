import Foundation
import OAuth
import StrictJSON
import Testing
import Vocabulary

@testable import DaemonConfiguration

@Suite("The configuration")
struct DaemonConfigurationTests {
    private func read(
        _ json: String, mode: UInt32 = 0o600, credentials: Bool = true
    ) throws(ConfigurationFailure) -> DaemonConfiguration {
        try DaemonConfiguration(
            json: Array(json.utf8), environment: .fake(mode: mode, credentials: credentials))
    }

    /// The configuration whose only provider `p` has `members`.
    private func provider(_ members: String, mode: UInt32 = 0o600) throws -> Provider {
        try #require(
            try read("{\"providers\":{\"p\":{\(members)}}}", mode: mode).providers[ProviderName("p")!])
    }

    private func errorText(_ row: ConfigurationRow) -> String {
        do {
            _ = try read(row.json, mode: row.mode)
            return "accepted"
        } catch {
            return error.description
        }
    }

    @Test("that is no object with providers is refused", arguments: ConfigurationRow.texts)
    func texts(_ row: ConfigurationRow) { #expect(errorText(row) == row.error) }

    @Test("with a mistake beside the providers is refused", arguments: ConfigurationRow.top)
    func top(_ row: ConfigurationRow) { #expect(errorText(row) == row.error) }

    @Test("with a mistake in a provider is refused", arguments: ConfigurationRow.providers)
    func providers(_ row: ConfigurationRow) { #expect(errorText(row) == row.error) }

    @Test("with endpoints or variables that do not fit is refused", arguments: ConfigurationRow.endpoints)
    func endpoints(_ row: ConfigurationRow) { #expect(errorText(row) == row.error) }

    @Test("with a client that cannot show who it is is refused", arguments: ConfigurationRow.clients)
    func clients(_ row: ConfigurationRow) { #expect(errorText(row) == row.error) }

    @Test("with a mistake in what is sent is refused", arguments: ConfigurationRow.requests)
    func requests(_ row: ConfigurationRow) { #expect(errorText(row) == row.error) }

    @Test("with a mistake in what answers mean is refused", arguments: ConfigurationRow.responses)
    func responses(_ row: ConfigurationRow) { #expect(errorText(row) == row.error) }

    @Test(
        "with a secret that cannot be had is refused, without showing it", arguments: ConfigurationRow.secrets
    )
    func secrets(_ row: ConfigurationRow) {
        #expect(errorText(row) == row.error)
        #expect(!errorText(row).contains("CANARY"))
    }

    @Test("tells every mistake at once")
    func allMistakes() {
        let json = #"""
            {"socket": {"mode": 1, "user": "x"}, "log": {"level": "loud"},
             "providers": {"a": {"preset": "semless"}, "B": {}, "c": {"client_id": ""}}}
            """#
        #expect(
            errorText(ConfigurationRow("", json, is: "")).split(separator: "\n").map {
                $0.prefix { $0 != ":" }
            } == [
                "socket.user", "socket.mode", "providers.a.preset", "providers.B",
                "providers.c.token_endpoint",
                "providers.c.client_id", "providers.c.client_secret", "log.level",
            ])
    }

    @Test("has defaults for all but the providers")
    func defaults() throws {
        let configuration = try read("{\(ConfigurationRow.soundProviders)}")
        #expect(configuration.socketPath == "/run/tokend/tokend.sock")
        #expect(configuration.socketMode == 0o660)
        #expect(configuration.socketGroup == nil)
        #expect(configuration.stateDirectory == "/var/lib/tokend")
        #expect(configuration.encryptionKey == nil)
        #expect(configuration.logLevel == "info")
        var expected = Provider(
            name: ProviderName("p")!, tokenEndpoint: "https://as.example/token", clientID: "c",
            clientSecret: Secret("from a variable"))
        #expect(configuration.providers == [expected.name: expected])
        expected.authMethod = .clientSecretBasic
        #expect(configuration.providers != [expected.name: expected])
    }

    @Test("takes every key")
    func everyKey() throws {
        let configuration = try read(
            #"""
            {"socket": {"path": "/s/t.sock", "mode": "600", "group": "users"}, "state_directory": "/s/state",
             "encryption_key": {"credential": "secret"}, "log": {"level": "trace"}, "providers": {"x-1_y": {
              "authorization_endpoint": "https://a.example/a", "token_endpoint": "https://a.example/t?v=2",
              "revocation_endpoint": "https://a.example/r", "client_id": "c", "client_secret": {"env": "SECRET"},
              "redirect_uri": "com.example.app:/cb", "scopes": ["a:b", "c"],
              "token_endpoint_auth_method": "client_secret_basic", "request_encoding": "json",
              "replay_after_lost_response": "10m", "rate": {"budget": "20/s", "concurrency": 8},
              "not_earlier_than": "15m", "tls": {"ca_file": "/ca.pem"}}}}
            """#)
        #expect(configuration.socketPath == "/s/t.sock")
        #expect(configuration.socketMode == 0o600)
        #expect(configuration.socketGroup == "users")
        #expect(configuration.stateDirectory == "/s/state")
        #expect(configuration.encryptionKey == .credential("secret"))
        #expect(configuration.logLevel == "trace")
        var expected = Provider(
            name: ProviderName("x-1_y")!, tokenEndpoint: "https://a.example/t?v=2", clientID: "c",
            clientSecret: Secret("from a variable"), redirectURI: "com.example.app:/cb")
        expected.authorizationEndpoint = "https://a.example/a"
        expected.revocationEndpoint = "https://a.example/r"
        expected.scopes = ["a:b", "c"]
        expected.authMethod = .clientSecretBasic
        expected.request.encoding = .json
        expected.clientRules = ClientRules(
            budget: Rate(20, per: .second), concurrency: 8, notEarlierThan: .seconds(900),
            replay: .within(.seconds(600)))
        expected.tls.caFile = "/ca.pem"
        #expect(configuration.providers == [expected.name: expected])
    }

    @Test("takes a preset's values and overrides each of them")
    func preset() throws {
        let sound =
            #""preset":"seamless","client_id":"c","client_secret":{"env":"SECRET"},"redirect_uri":"https://app.example/cb""#
        var expected = Provider(
            name: ProviderName("p")!, preset: .seamless,
            tokenEndpoint: "https://api.seamless.ai/api/client/v1/oauth/accessToken", clientID: "c",
            clientSecret: Secret("from a variable"), redirectURI: "https://app.example/cb")
        #expect(try provider(sound) == expected)
        #expect(expected.authorizationEndpoint == "https://login.seamless.ai/oauth/authorize")
        #expect(expected.request.encoding == .json && expected.request.sendsRedirectURIOnRefresh)
        #expect(expected.clientRules == ClientRules(budget: Rate(60, per: .minute)))

        expected.tokenEndpoint = "http://127.0.0.1:8089/t"
        expected.authorizationEndpoint = "http://[::1]:8089/a"
        expected.revocationEndpoint = "http://localhost/r"
        expected.request.encoding = .form
        expected.authMethod = .clientSecretBasic
        expected.scopes = ["s"]
        expected.clientRules.budget = Rate(5000, per: .hour)
        #expect(
            try provider(
                sound
                    + #","token_endpoint":"http://127.0.0.1:8089/t","authorization_endpoint":"http://[::1]:8089/a","#
                    + #""revocation_endpoint":"http://localhost/r","request_encoding":"form","#
                    + #""token_endpoint_auth_method":"client_secret_basic","scopes":["s"],"#
                    + #""rate":{"budget":"5000/h"}"#) == expected)
    }

    @Test("knows a public client")
    func publicClient() throws {
        let provider = try provider(
            #""token_endpoint":"https://as.example/t","client_id":"c","token_endpoint_auth_method":"none""#)
        #expect(provider.clientSecret == nil)
        #expect(provider.authMethod == .none)
    }

    @Test(
        "finds a secret in each of its places",
        arguments: [
            (#"{"credential":"secret"}"#, "from a credential"),
            (#"{"file":"/secrets/plain"}"#, "from a file"),
            (#"{"file":"/secrets/lf"}"#, "from a file"), (#"{"file":"/secrets/crlf"}"#, "from a file"),
            (#"{"file":"/secrets/two-lf"}"#, "from a file\n"), (#"{"env":"SECRET"}"#, "from a variable"),
            (#""a literal""#, "a literal"),
        ])
    func secretPlaces(_ reference: String, _ secret: String) throws {
        let members = #""token_endpoint":"https://as.example/t","client_id":"c","client_secret":"# + reference
        #expect(try provider(members).clientSecret == Secret(secret))
    }

    @Test(
        "takes a literal secret while others cannot read the file",
        arguments: [0o600, 0o640, 0o460, 0o602] as [UInt32])
    func closedFile(_ mode: UInt32) throws {
        let members = #""token_endpoint":"https://as.example/t","client_id":"c","client_secret":"x""#
        #expect(try provider(members, mode: mode).clientSecret == Secret("x"))
        #expect(throws: ConfigurationFailure.self) { try provider(members, mode: mode | 0o004) }
    }

    @Test("says that credentials come from systemd")
    func noCredentials() {
        #expect(
            throws: ConfigurationFailure.invalid([
                ConfigurationError(
                    path: "encryption_key", problem: .secret(.noCredentialsDirectory("secret")))
            ])
        ) {
            try read(
                "{\"encryption_key\":{\"credential\":\"secret\"},\(ConfigurationRow.soundProviders)}",
                credentials: false)
        }
        #expect(
            SecretProblem.noCredentialsDirectory("secret").description
                == "expected a secret in the credential secret, but CREDENTIALS_DIRECTORY is not set")
    }

    @Test("that ships as the example is sound, and fits the sandbox but for its URLs")
    func example() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let json = try Data(contentsOf: root.appendingPathComponent("config.example.json"))
        // README has it installed so: its literal secrets count while others cannot read it.
        let configuration = try DaemonConfiguration(json: Array(json), environment: .fake(mode: 0o640))
        #expect(configuration.encryptionKey == nil)
        #expect(configuration.providers.keys.sorted().map(\.text) == ["sandbox", "seamless"])
        for provider in configuration.providers.values {
            #expect(provider.clientID == "sandbox-client")
            #expect(provider.clientSecret == Secret("sandbox-secret"))
        }
        let seamless = try #require(configuration.providers[ProviderName("seamless")!])
        #expect(seamless.response == Preset.seamless.response)
        #expect(seamless.tokenEndpoint == Preset.seamless.tokenEndpoint)
        #expect(seamless.authorizationEndpoint == Preset.seamless.authorizationEndpoint)
        let sandbox = try #require(configuration.providers[ProviderName("sandbox")!])
        #expect(sandbox.authMethod == .clientSecretBasic && sandbox.request.encoding == .form)
        #expect(sandbox.tokenEndpoint == "http://127.0.0.1:8089/token")
    }
}
