import Testing
import Vocabulary

@testable import OAuth

@Suite("A preset")
struct PresetTests {
    private func endpoints(_ preset: Preset) -> [String] {
        [
            preset.authorizationEndpoint, preset.tokenEndpoint, preset.refreshEndpoint,
            preset.firstExchangeEndpoint, preset.revocationEndpoint, preset.deviceAuthorizationEndpoint,
            preset.issuer,
        ].compactMap { $0 }
    }

    @Test("has a name of its own")
    func names() {
        let names = Preset.all.map(\.name)
        #expect(Set(names).count == names.count)
        #expect(!names.contains(Preset.rfc6749.name))
    }

    @Test("has the endpoints that its kind needs, over https", arguments: Preset.all.map(\.name))
    func endpoints(_ name: String) throws {
        let preset = try #require(Preset.all.first { $0.name == name })
        #expect(preset.tokenEndpoint != nil)
        if preset.kind.needsGrant { #expect(preset.authorizationEndpoint != nil) }
        for endpoint in endpoints(preset) {
            #expect(endpoint.hasPrefix("https://") || endpoint.hasPrefix("{base_url}/"))
            #expect(!endpoint.contains(" "))
        }
    }

    @Test("has a value only for what stands in one of its templates", arguments: Preset.all.map(\.name))
    func variables(_ name: String) throws {
        let preset = try #require(Preset.all.first { $0.name == name })
        for variable in preset.variables.keys + Array(preset.accountVariables) {
            #expect(endpoints(preset).contains { $0.contains("{\(variable)}") })
        }
    }

    @Test(
        "says whether a refresh token may be shown again: wrongly shown, it costs the account",
        arguments: [
            ("box", .never), ("x", .never), ("openai", .never), ("xero", .within(.seconds(1800))),
            ("atlassian", .within(.seconds(600))), ("shopify", .within(.seconds(30 * 86_400))),
            ("google", .always), ("salesforce", .always), ("zoho", .always), ("hubspot", .always),
            ("dropbox", .always), ("microsoft", .always), ("slack", .standard), ("github", .standard),
            ("okta", .standard), ("auth0", .standard), ("keycloak", .standard), ("seamless", .standard),
        ] as [(String, ReplayPolicy)])
    func replay(_ name: String, _ policy: ReplayPolicy) throws {
        #expect(try #require(Preset.all.first { $0.name == name }).clientRules.replay == policy)
    }

    @Test("gives a provider all of itself, but for the client")
    func provider() {
        let provider = Provider(
            name: ProviderName("p")!, preset: .xero, tokenEndpoint: nil, clientID: "c",
            clientSecret: Secret("s"))
        var expected = Provider(
            name: ProviderName("p")!, tokenEndpoint: "https://identity.xero.com/connect/token", clientID: "c",
            clientSecret: Secret("s"))
        expected.issuer = "https://identity.xero.com"
        expected.authorizationEndpoint = "https://login.xero.com/identity/connect/authorize"
        expected.revocationEndpoint = "https://identity.xero.com/connect/revocation"
        expected.authMethod = .clientSecretBasic
        expected.scopes = ["openid", "offline_access"]
        expected.refreshTokenLifetime = .seconds(60 * 86_400)
        expected.clientRules.replay = .within(.seconds(1800))
        #expect(provider == expected)
    }
}
