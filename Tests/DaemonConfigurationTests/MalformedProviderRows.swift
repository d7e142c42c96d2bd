// The table of providers whose endpoints, client or requests are malformed, each with the exact text an operator reads.

@testable import DaemonConfiguration

extension ConfigurationRow {
    static let endpoints: [ConfigurationRow] = [
        .init(
            provider: "a preset's variable that nobody gave", without: "token_endpoint", #""preset":"okta""#,
            is: "providers.p.variables: {domain} is not filled: add it to variables"),
        .init(
            provider: "one of two of a preset's variables", without: "token_endpoint",
            #""preset":"keycloak","variables":{"base_url":"https://sso.example"}"#,
            is: "providers.p.variables: {realm} is not filled: add it to variables"),
        .init(
            provider: "a variable of an endpoint of one's own", without: "token_endpoint",
            #""token_endpoint":"https://as.example/{realm}/token""#,
            is: "providers.p.token_endpoint: {realm} is not filled: add it to variables"),
        .init(
            provider: "a variable of the issuer that only accounts fill",
            #""issuer":"https://as.example/{realm}","account_variables":["realm"]"#,
            is: "providers.p.issuer: {realm} is not filled: add it to variables"),
        .init(
            provider: "braces around no name", without: "token_endpoint",
            #""token_endpoint":"https://as.example/{a realm}/token""#,
            is: "providers.p.token_endpoint: \(endpoint)"),
        .init(
            provider: "a brace that is never closed", without: "token_endpoint",
            #""token_endpoint":"https://as.example/{realm""#, is: "providers.p.token_endpoint: \(endpoint)"),
        .init(
            provider: "a variable that makes the endpoint a clear one", without: "token_endpoint",
            #""token_endpoint":"{base}/token","variables":{"base":"http://as.example"}"#,
            is: "providers.p.token_endpoint: \(endpoint)"),
        .init(
            provider: "a variable that decides the scheme for each account", without: "token_endpoint",
            #""token_endpoint":"{base}://as.example/token","account_variables":["base"]"#,
            is: "providers.p.token_endpoint: \(endpoint)"),
        .init(
            provider: "an account that decides the host", without: "token_endpoint",
            #""token_endpoint":"https://{host}/token","account_variables":["host"]"#,
            is: "providers.p.token_endpoint: \(fixedHost)"),
        .init(
            provider: "an account that decides the domain", without: "token_endpoint",
            #""token_endpoint":"https://as.{domain}/token","account_variables":["domain"]"#,
            is: "providers.p.token_endpoint: \(fixedHost)"),
        .init(
            provider: "an account's name in front of a top-level domain", without: "token_endpoint",
            #""token_endpoint":"https://{account}.example/token""#,
            is: "providers.p.token_endpoint: \(fixedHost)"),
        .init(
            provider: "an account's variable that is only a part of a label", without: "token_endpoint",
            #""token_endpoint":"https://{shop}-x.as.example/token","account_variables":["shop"]"#,
            is: "providers.p.token_endpoint: \(fixedHost)"),
        .init(
            provider: "an account's variable in front of an address", without: "token_endpoint",
            #""token_endpoint":"https://{shop}.0.0.1/token","account_variables":["shop"]"#,
            is: "providers.p.token_endpoint: \(fixedHost)"),
        .init(
            provider: "an account that decides the port", without: "token_endpoint",
            #""token_endpoint":"https://as.example:{port}/token","account_variables":["port"]"#,
            is: "providers.p.token_endpoint: \(endpoint)"),
        .init(
            provider: "a host that looks like two with a colon", without: "token_endpoint",
            #""token_endpoint":"https://{shop}:x.as.example/","account_variables":["shop"]"#,
            is: "providers.p.token_endpoint: \(endpoint)"),
        .init(
            provider: "an issuer with a query", #""issuer":"https://as.example/?a=b""#,
            is: "providers.p.issuer: \(issuer)"),
        .init(
            provider: "an issuer in the clear", #""issuer":"http://as.example""#,
            is: "providers.p.issuer: \(issuer)"),
        .init(
            provider: "an issuer as a number", #""issuer":1"#,
            is: "providers.p.issuer: \(issuer), found a number"),
        .init(
            provider: "a refresh_endpoint in the clear", #""refresh_endpoint":"http://as.example/""#,
            is: "providers.p.refresh_endpoint: \(endpoint)"),
        .init(
            provider: "a first exchange of refresh tokens",
            #""first_exchange_endpoint":"https://as.example/x""#,
            is:
                "providers.p.first_exchange_endpoint: expected no such key where kind is not exchange_access_token"
        ),
        .init(
            provider: "a first exchange in the clear",
            #""kind":"exchange_access_token","first_exchange_endpoint":"http://as.example/x""#,
            is: "providers.p.first_exchange_endpoint: \(endpoint)"),
        .init(
            provider: "a device_authorization_endpoint without a host",
            #""device_authorization_endpoint":"https:///device""#,
            is: "providers.p.device_authorization_endpoint: \(endpoint)"),
        .init(
            provider: "variables as a list", #""variables":["a"]"#,
            is: "providers.p.variables: expected an object, found an array"),
        .init(
            provider: "a variable's name in capitals", #""variables":{"Realm":"x"}"#,
            is:
                "providers.p.variables.Realm: expected a name of 1 to 32 of [a-z0-9_] other than account as the key"
        ),
        .init(
            provider: "the account's name as a variable", #""variables":{"account":"x"}"#,
            is:
                "providers.p.variables.account: expected a name of 1 to 32 of [a-z0-9_] other than account as the key"
        ),
        .init(
            provider: "a variable with an at sign", #""variables":{"host":"u@as.example"}"#,
            is: "providers.p.variables.host: expected 1 to 200 of [A-Za-z0-9._~:/-]"),
        .init(
            provider: "an empty variable", #""variables":{"host":""}"#,
            is: "providers.p.variables.host: expected 1 to 200 of [A-Za-z0-9._~:/-]"),
        .init(
            provider: "a variable as a number", #""variables":{"port":1}"#,
            is: "providers.p.variables.port: expected 1 to 200 of [A-Za-z0-9._~:/-], found a number"),
        .init(
            provider: "a misspelt variable that would leave a preset's usual value",
            without: "token_endpoint",
            #""preset":"microsoft","variables":{"tennant":"contoso"}"#,
            is:
                "providers.p.variables.tennant: unknown key; the nearest known key is tenant (expected tenant)"
        ),
        .init(
            provider: "a variable that stands nowhere", #""variables":{"realm":"main"}"#,
            is: "providers.p.variables.realm: expected a variable that stands somewhere as {realm}"),
        .init(
            provider: "an account's variable with a dot", #""account_variables":["shop","a.b"]"#,
            is: "providers.p.account_variables[1]: expected a name of 1 to 32 of [a-z0-9_] other than account"
        ),
        .init(
            provider: "a variable of both kinds",
            #""variables":{"shop":"a"},"account_variables":["shop"],"headers":{"X-Shop":"{shop}"}"#,
            is:
                "providers.p.account_variables[0]: expected a variable that does not stand in variables as well"
        ),
    ]

    static let clients: [ConfigurationRow] = [
        .init(
            provider: "an unknown kind", #""kind":"password""#,
            is:
                "providers.p.kind: unknown kind of grant; the nearest known one is jwt_bearer (expected one of client_credentials, exchange_access_token, jwt_bearer, refresh_token)"
        ),
        .init(
            provider: "a signing client without a key", without: "client_secret",
            #""token_endpoint_auth_method":"private_key_jwt""#,
            is: "providers.p.private_key: missing; \(secret)"),
        .init(
            provider: "a service account without a key", without: "client_secret",
            #""preset":"google_service_account""#, is: "providers.p.private_key: missing; \(secret)"),
        .init(
            provider: "a secret for a signing client",
            #""token_endpoint_auth_method":"private_key_jwt","private_key":{"env":"KEY"}"#,
            is:
                "providers.p.client_secret: expected no secret where token_endpoint_auth_method is private_key_jwt"
        ),
        .init(
            provider: "a grant that is signed, and a client that shows a secret it has not",
            without: "client_secret",
            #""kind":"jwt_bearer","private_key":{"env":"KEY"}"#,
            is: "providers.p.client_secret: missing; \(secret)"),
        .init(
            provider: "a key that is none", without: "client_secret",
            #""token_endpoint_auth_method":"private_key_jwt","private_key":{"env":"SECRET"}"#,
            is:
                "providers.p.private_key: expected a private key in PEM that signs by RS256; this one is not the PEM of one private key"
        ),
        .init(
            provider: "a certificate for a key", without: "client_secret",
            #""token_endpoint_auth_method":"private_key_jwt","private_key":{"file":"/client.pem"}"#,
            is:
                "providers.p.private_key: expected a private key in PEM that signs by RS256; this one is not the PEM of one private key"
        ),
        .init(
            provider: "a key that nothing is signed with", #""private_key":{"env":"KEY"}"#,
            is: "providers.p.private_key: \(unsigned)"),
        .init(
            provider: "a key's name without a key to sign with", #""key_id":"k""#,
            is: "providers.p.key_id: \(unsigned)"),
        .init(
            provider: "an unknown algorithm", without: "client_secret",
            #""token_endpoint_auth_method":"private_key_jwt","private_key":{"env":"KEY"},"signing_algorithm":"none""#,
            is:
                "providers.p.signing_algorithm: unknown signing algorithm; the nearest known one is RS256 (expected one of ES256, PS256, RS256)"
        ),
        .init(
            provider: "a TLS client without its certificate", without: "client_secret",
            #""token_endpoint_auth_method":"tls_client_auth","tls":{"key_file":"/client.key"}"#,
            is:
                "providers.p.tls.certificate_file: missing; expected the client's certificate, the absolute path of a PEM file"
        ),
        .init(
            provider: "a certificate without its key", #""tls":{"certificate_file":"/client.pem"}"#,
            is:
                "providers.p.tls.key_file: missing; expected the client's private key, the absolute path of a PEM file"
        ),
        .init(
            provider: "a key file that is not there",
            #""tls":{"certificate_file":"/client.pem","key_file":"/no.key"}"#,
            is: "providers.p.tls.key_file: cannot read /no.key: no such file or directory"),
        .init(
            provider: "a redirect_uri that has to go along and is not there",
            #""redirect_uri_on_refresh":true"#,
            is:
                "providers.p.redirect_uri: missing; expected an absolute URI (http for a loopback host only) without fragment"
        ),
        .init(
            provider: "a scheme of two words", #""authorization_scheme":"Zoho oauthtoken""#,
            is: #"providers.p.authorization_scheme: expected an authentication scheme, such as "Bearer""#),
        .init(
            provider: "a refresh token that lives eleven years", #""refresh_token_lifetime":"4015d""#,
            is:
                #"providers.p.refresh_token_lifetime: expected a duration from "1s" to "3650d", such as "60d""#
        ),
    ]

    static let fixedHost =
        "expected an account's variable only as the first label of a host, in front of a domain of at least two, "
        + "as in https://{shop}.example.com"
    private static let issuer =
        "expected an https URL (http for a loopback host only) without query and fragment"
    private static let secret = #"expected a secret reference such as {"credential": NAME}"#
    private static let unsigned =
        "expected no such key where kind is not jwt_bearer and token_endpoint_auth_method not private_key_jwt"
}
