import OAuth
import Testing
import Vocabulary

@testable import DaemonConfiguration

@Suite("A configured provider")
struct EveryKnobTests {
    private func provider(_ members: String) throws(ConfigurationFailure) -> Provider? {
        try DaemonConfiguration(
            json: Array("{\"providers\":{\"p\":{\(members)}}}".utf8), environment: .fake()
        ).providers[ProviderName("p")!]
    }

    /// Every key but `preset`, none with the value it has without being there.
    private static let members = #"""
        "kind": "exchange_access_token", "issuer": "https://{realm}.as.example/i",
        "authorization_endpoint": "https://{shop}.as.example/{realm}/a", "token_endpoint": "https://as.example/t",
        "refresh_endpoint": "https://as.example/f", "first_exchange_endpoint": "https://as.example/{realm}/x",
        "revocation_endpoint": "https://as.example/{account}/r",
        "device_authorization_endpoint": "https://as.example/d",
        "variables": {"realm": "main"}, "account_variables": ["shop"],
        "client_id": "c", "private_key": {"env": "CURVE_KEY"}, "key_id": "k1", "signing_algorithm": "ES256",
        "token_endpoint_auth_method": "private_key_jwt", "redirect_uri": "com.example.app:/cb", "scopes": ["s"],
        "authorize_parameters": {"audience": "https://{realm}/", "claims": "{\"a\":{}}"},
        "scope_separator": ",", "scope_parameter": "user_scope", "pkce": false, "nonce": false, "request_method": "GET",
        "request_encoding": "query", "headers": {"X-Version": "{realm}-2"},
        "parameters": {"refresh_token": {"expiring": "1"}, "revocation": {"realm": "{realm}"}},
        "parameter_names": {"client_id": "app", "scope": null},
        "requests": {"authorization_code": {"request_method": "POST", "request_encoding": "form"},
            "first_exchange": {"token_endpoint_auth_method": "none", "parameter_names": {"client_id": null}}},
        "redirect_uri_on_refresh": true, "scope_on_refresh": true,
        "assertion": {"issuer": "i", "subject": "{account}@{realm}", "subject_is_issuer": false,
            "audience": "a", "scope_claim": true},
        "authorization_scheme": "Other", "refresh_token_lifetime": "60d", "min_refresh_interval": "1d",
        "keepalive": "7d",
        "rate": {"budget": "20/s", "concurrency": 8, "default_cooldown": "10m",
                 "reset_header": {"name": "X-Own-Reset", "remaining": "X-Left", "format": "delta_s"}},
        "replay_after_lost_response": "never", "not_earlier_than": "15m",
        "tls": {"ca_file": "/ca.pem", "certificate_file": "/client.pem", "key_file": "/client.key"}
        """#

    @Test("takes every key")
    func everyKey() throws {
        var expected = Provider(
            name: ProviderName("p")!, tokenEndpoint: "https://as.example/t", clientID: "c",
            clientSecret: nil, redirectURI: "com.example.app:/cb")
        expected.kind = .exchangeAccessToken
        expected.issuer = "https://main.as.example/i"
        expected.authorizationEndpoint = "https://{shop}.as.example/main/a"
        expected.refreshEndpoint = "https://as.example/f"
        expected.firstExchangeEndpoint = "https://as.example/main/x"
        expected.revocationEndpoint = "https://as.example/{account}/r"
        expected.deviceAuthorizationEndpoint = "https://as.example/d"
        expected.accountVariables = ["shop"]
        expected.signingKey = SigningKey(pem: Secret(Environment.curveKey), keyID: "k1", algorithm: .es256)
        expected.authMethod = .privateKeyJWT
        expected.scopes = ["s"]
        expected.authorization.parameters = ["audience": "https://main/", "claims": #"{"a":{}}"#]
        expected.authorization.scopeSeparator = ","
        expected.authorization.scopeParameter = "user_scope"
        expected.authorization.usesPKCE = false
        expected.authorization.usesNonce = false
        expected.request.method = .get
        expected.request.encoding = .query
        expected.request.headers = ["X-Version": "main-2"]
        expected.request.parameters = [.refreshToken: ["expiring": "1"], .revocation: ["realm": "main"]]
        expected.request.parameterNames = ["client_id": "app", "scope": nil]
        expected.request.own = [
            .authorizationCode: OwnRules(method: .post, encoding: .form),
            .firstExchange: OwnRules(
                authMethod: ClientAuthMethod.none, parameterNames: ["client_id": nil]),
        ]
        expected.request.sendsRedirectURIOnRefresh = true
        expected.request.sendsScopeOnRefresh = true
        expected.assertion.issuer = "i"
        expected.assertion.subject = "{account}@main"
        expected.assertion.audience = "a"
        expected.assertion.subjectIsIssuer = false
        expected.assertion.hasScopeClaim = true
        expected.authorizationScheme = "Other"
        expected.refreshTokenLifetime = .seconds(60 * 86_400)
        expected.clientRules = ClientRules(
            budget: Rate(20, per: .second), concurrency: 8, notEarlierThan: .seconds(900), replay: .never)
        expected.clientRules.minimumRefreshInterval = .seconds(86_400)
        expected.clientRules.keepalive = .seconds(7 * 86_400)
        expected.response.defaultCooldown = .seconds(600)
        expected.response.rateResetHeader = .init(
            name: "X-Own-Reset", remaining: "X-Left", format: .deltaSeconds)
        expected.tls = TLSFiles(caFile: "/ca.pem", certificateFile: "/client.pem", keyFile: "/client.key")
        #expect(try provider(Self.members) == expected)
    }

    @Test("takes every knob of an answer")
    func everyAnswerKnob() throws {
        let provider = try provider(
            #"""
            "token_endpoint": "https://as.example/t", "client_id": "c", "token_endpoint_auth_method": "none",
            "response": {
              "roots": ["/data", ""], "fields": {"access_token": ["accessToken", "token"], "scope": []},
              "success_status": [200, 201], "success_when": {"path": "/code", "equals": 0},
              "expires_at": {"field": "at", "format": "iso8601"}, "expires_in_fields": ["sec"],
              "expires_in_unit": "ms", "expires_in_zero": "expired", "expires_from_jwt": true,
              "default_lifetime_s": 7200, "issued_at": {"field": "iat", "format": "epoch_ms"},
              "refresh_expires_in": "rin", "refresh_expires_at": {"field": "rat", "format": "epoch_s"},
              "token_type_map": {"bot": "Bearer"}, "token_type_default": "Own",
              "error_code_paths": ["/a", "/b/0"], "reauth_codes": ["r"], "client_codes": ["c"],
              "rate_codes": ["l"], "transient_codes": ["t"], "interaction_codes": ["i", "r"],
              "status_class": {"401": "reauth_required", "500": "ambiguous"},
              "empty_body_class": {"400": "transient"},
              "rate_reset_header": {"name": "X-Reset", "format": "epoch_s"}, "default_cooldown_s": 600,
              "error_in_200": true, "error_text_paths": ["/message"], "note": "first listed field wins"}
            """#)
        var expected = AnswerFormat()
        expected.roots = ["/data", ""]
        expected.fields = [.accessToken: ["accessToken", "token"], .scope: []]
        expected.successStatus = [200, 201]
        expected.successWhen = .init(path: "/code", equals: 0)
        expected.expiresAt = .init(field: "at", format: .iso8601)
        expected.expiresInFields = ["sec"]
        expected.expiresInUnit = .milliseconds
        expected.expiresInZero = .expired
        expected.expiresFromJWT = true
        expected.defaultLifetime = .seconds(7200)
        expected.issuedAt = .init(field: "iat", format: .epochMilliseconds)
        expected.refreshExpiresIn = "rin"
        expected.refreshExpiresAt = .init(field: "rat", format: .epochSeconds)
        expected.tokenTypeMap = ["bot": "Bearer"]
        expected.tokenTypeDefault = "Own"
        expected.errorCodePaths = ["/a", "/b/0"]
        expected.codes = [
            "r": .reauthorizationRequired, "i": .reauthorizationRequired, "c": .clientConfiguration,
            "l": .rateLimited, "t": .transient,
        ]
        expected.statusClass = [401: .reauthorizationRequired, 500: .ambiguous]
        expected.emptyBodyClass = [400: .transient]
        expected.rateResetHeader = .init(name: "X-Reset", remaining: "X-Remaining", format: .epochSeconds)
        expected.defaultCooldown = .seconds(600)
        #expect(provider?.response == expected)
    }

    @Test("has the same keys over every preset: nothing of it is left", arguments: Preset.all.map(\.name))
    func overridesPreset(_ name: String) throws {
        let plain = try #require(try provider(Self.members))
        var over = try #require(try provider("\"preset\":\"\(name)\",\(Self.members)"))
        // What answers look like has its own keys.
        over.response = plain.response
        #expect(over == plain)
    }

    @Test("joins its error codes to the preset's, code by code, and replaces its other knobs")
    func joinsCodes() throws {
        let members = #""preset":"zoho","client_id":"c","client_secret":{"env":"SECRET"},"response":"#
        let changed = try provider(
            members + #"{"client_codes":["invalid_code"],"rate_codes":["slow"],"expires_in_fields":["sec"]}"#)
        let format = try #require(changed?.response)
        let preset = Preset.zoho.response
        #expect(format.codes["invalid_code"] == .clientConfiguration)
        #expect(format.codes["slow"] == .rateLimited)
        #expect(format.codes["Access Denied"] == preset.codes["Access Denied"])
        #expect(format.codes.count == preset.codes.count + 1)
        #expect(
            format.expiresInFields == ["sec"] && preset.expiresInFields == ["expires_in_sec", "expires_in"])
    }

    @Test("needs no token endpoint where its issuer tells it")
    func discovers() throws {
        let provider = try provider(
            #""issuer":"http://127.0.0.1:8080/realms/{realm}","variables":{"realm":"main"},"client_id":"c","token_endpoint_auth_method":"none""#
        )
        #expect(provider?.tokenEndpoint == nil)
        #expect(provider?.issuer == "http://127.0.0.1:8080/realms/main")
        #expect(provider?.sealedFor == "http://127.0.0.1:8080/realms/main")
    }

    @Test("with an authorization endpoint of its own does not take the preset's issuer for it")
    func ownAuthorizationEndpoint() throws {
        let members = #""preset":"google","client_id":"c","client_secret":{"env":"SECRET"}"#
        #expect(try provider(members)?.issuer == "https://accounts.google.com")
        let own = members + #","authorization_endpoint":"https://as.example/a""#
        #expect(try provider(own)?.issuer == nil)
        #expect(try provider(own + #","issuer":"https://as.example""#)?.issuer == "https://as.example")
    }

    @Test("needs a secret where one kind of request alone shows it, and its requests replace the preset's")
    func ownRequests() throws {
        let members = #"""
            "preset":"instagram","client_id":"c","client_secret":{"env":"SECRET"},"token_endpoint_auth_method":"none",
            "requests":{"first_exchange":{"token_endpoint_auth_method":"client_secret_basic"}}
            """#
        let provider = try #require(try provider(members))
        #expect(provider.clientSecret != nil && provider.authMethods == [.none, .clientSecretBasic])
        #expect(provider.request.own == [.firstExchange: OwnRules(authMethod: .clientSecretBasic)])
    }

    @Test("that signs its grant and shows no secret needs a key alone, whose algorithm is RS256")
    func signs() throws {
        let provider = try provider(
            #""preset":"google_service_account","client_id":"a@b.example","private_key":{"file":"/client.key"}"#
        )
        #expect(
            provider?.signingKey
                == SigningKey(pem: Secret(String(Environment.pem.dropLast())), algorithm: .rs256))
        #expect(provider?.clientSecret == nil)
    }

    @Test(
        "may fill a variable itself that accounts fill by the preset, or leave to them what the preset fills")
    func movesVariables() throws {
        let secret = #","client_id":"c","client_secret":{"env":"SECRET"}"#
        let own = try provider(#""preset":"shopify","variables":{"shop":"tea"}"# + secret)
        #expect(own?.tokenEndpoint == "https://tea.myshopify.com/admin/oauth/access_token")
        #expect(own?.accountVariables == [])
        let theirs = try provider(#""preset":"microsoft","account_variables":["tenant"]"# + secret)
        #expect(theirs?.tokenEndpoint == "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token")
        #expect(theirs?.accountVariables == ["tenant"])
    }
}
