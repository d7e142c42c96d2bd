// The table of malformed configurations, each with the exact text an operator reads.

@testable import DaemonConfiguration

extension ConfigurationRow {
    static let texts: [ConfigurationRow] = [
        .init("an empty file", "", is: "line 1, column 1: the text is empty"),
        .init(
            "a file cut in the middle", "{\n  \"log\": {",
            is: "line 2, column 11: the text ends in the middle of a value"),
        .init("a comma too many", "{\n  \"log\": {},\n}", is: "line 3, column 1: unexpected character"),
        .init("a comment", "// tokend\n{}", is: "line 1, column 1: unexpected character"),
        .init("text behind the document", "{}\n{}", is: "line 2, column 1: text after the value"),
        .init(
            "a provider twice", #"{"providers":{"p":{},"p":{}}}"#,
            is: "line 1, column 25: a name stands twice in one object"),
        .init(
            "a list instead of an object", "[]", is: "the configuration: expected an object, found an array"),
        .init(
            "an empty object", "{}", is: "providers: missing; expected an object with at least one provider"),
        .init(
            "no provider", #"{"providers":{}}"#,
            is: "providers: expected an object with at least one provider"),
        .init(
            "providers as a list", #"{"providers":[]}"#,
            is: "providers: expected an object with at least one provider, found an array"),
    ]

    static let top: [ConfigurationRow] = [
        .init(
            top: "a misspelt section", #""sockets":{}"#,
            is:
                "sockets: unknown key; the nearest known key is socket (expected one of encryption_key, log, providers, socket, state_directory)"
        ),
        .init(
            top: "a section of another program", #""http":{"port":1}"#,
            is:
                "http: unknown key; the nearest known key is log (expected one of encryption_key, log, providers, socket, state_directory)"
        ),
        .init(
            top: "a key that is no word", #""a \"b\"\n":1"#,
            is:
                #""a \"b\"\n": unknown key; the nearest known key is socket (expected one of encryption_key, log, providers, socket, state_directory)"#
        ),
        .init(
            top: "a section as a string", #""socket":"/run/x.sock""#,
            is: "socket: expected an object, found a string"),
        .init(top: "a null section", #""log":null"#, is: "log: expected an object, found null"),
        .init(
            top: "a misspelt key", #""socket":{"pth":"/x"}"#,
            is: "socket.pth: unknown key; the nearest known key is path (expected one of group, mode, path)"),
        .init(
            top: "swapped letters", #""socket":{"gruop":"x"}"#,
            is:
                "socket.gruop: unknown key; the nearest known key is group (expected one of group, mode, path)"
        ),
        .init(
            top: "a key in capitals", #""socket":{"Mode":"0600"}"#,
            is: "socket.Mode: unknown key; the nearest known key is mode (expected one of group, mode, path)"),
        .init(
            top: "a relative socket", #""socket":{"path":"tokend.sock"}"#,
            is: "socket.path: expected an absolute path of at most 107 bytes"),
        .init(
            top: "an abstract socket", #""socket":{"path":"@tokend"}"#,
            is: "socket.path: expected an absolute path of at most 107 bytes"),
        .init(
            top: "a socket's path with a NUL", #""socket":{"path":"/a\u0000b"}"#,
            is: "socket.path: expected an absolute path of at most 107 bytes"),
        .init(
            top: "a socket's path that sockaddr_un cannot hold",
            "\"socket\":{\"path\":\"/\(String(repeating: "x", count: 107))\"}",
            is: "socket.path: expected an absolute path of at most 107 bytes"),
        .init(
            top: "a mode as a number", #""socket":{"mode":660}"#,
            is: #"socket.mode: expected an octal mode from "0000" to "0777", found a number"#),
        .init(
            top: "a mode that is not octal", #""socket":{"mode":"0680"}"#,
            is: #"socket.mode: expected an octal mode from "0000" to "0777""#),
        .init(
            top: "a mode with set-uid", #""socket":{"mode":"4755"}"#,
            is: #"socket.mode: expected an octal mode from "0000" to "0777""#),
        .init(
            top: "a mode in letters", #""socket":{"mode":"rw-rw----"}"#,
            is: #"socket.mode: expected an octal mode from "0000" to "0777""#),
        .init(
            top: "a mode with a sign", #""socket":{"mode":"+660"}"#,
            is: #"socket.mode: expected an octal mode from "0000" to "0777""#),
        .init(
            top: "an empty group", #""socket":{"group":""}"#,
            is: "socket.group: expected a string that is not empty"),
        .init(
            top: "a relative state directory", #""state_directory":"state""#,
            is: "state_directory: expected an absolute path"),
        .init(
            top: "a state directory as an object", #""state_directory":{}"#,
            is: "state_directory: expected an absolute path, found an object"),
        .init(
            top: "an unknown log level", #""log":{"level":"warn"}"#,
            is:
                "log.level: unknown log level; the nearest known one is warning (expected one of critical, debug, error, info, notice, trace, warning)"
        ),
        .init(
            top: "a log level as a number", #""log":{"level":3}"#,
            is: "log.level: expected a string, found a number"),
        .init(
            top: "a duration where none is", #""log":{"interval":"5m"}"#,
            is: "log.interval: unknown key; the nearest known key is level (expected level)"),
        .init(
            top: "an encryption key that is not there", #""encryption_key":{"file":"/no/key"}"#,
            is: "encryption_key: expected a secret in the file /no/key: no such file or directory"),
    ]

    static let providers: [ConfigurationRow] = [
        .init(
            "a provider's name in capitals", #"{"providers":{"Seamless":{}}}"#,
            is: "providers.Seamless: expected a provider name of the form [a-z0-9][a-z0-9_-]{0,31}"),
        .init(
            "an empty provider's name", #"{"providers":{"":{}}}"#,
            is: #"providers."": expected a provider name of the form [a-z0-9][a-z0-9_-]{0,31}"#),
        .init(
            "a provider's name with a slash", #"{"providers":{"a/b":{}}}"#,
            is: #"providers."a/b": expected a provider name of the form [a-z0-9][a-z0-9_-]{0,31}"#),
        .init(
            "a provider's name of 33 bytes", "{\"providers\":{\"\(String(repeating: "p", count: 33))\":{}}}",
            is:
                "providers.\(String(repeating: "p", count: 33)): expected a provider name of the form [a-z0-9][a-z0-9_-]{0,31}"
        ),
        .init(
            "a provider as a string", #"{"providers":{"p":"seamless"}}"#,
            is: "providers.p: expected an object, found a string"),
        .init(
            provider: "an unknown preset", #""preset":"seemless""#,
            is:
                "providers.p.preset: unknown preset; the nearest known one is seamless (expected one of \(presets))"
        ),
        .init(
            provider: "a preset that there is not", #""preset":"goggle""#,
            is:
                "providers.p.preset: unknown preset; the nearest known one is google (expected one of \(presets))"
        ),
        .init(
            provider: "a preset as a boolean", #""preset":true"#,
            is: "providers.p.preset: expected a string, found a boolean"),
        .init(
            provider: "a misspelt key of a provider", #""clientid":"c""#,
            is:
                "providers.p.clientid: unknown key; the nearest known key is client_id (expected one of \(providerKeys))"
        ),
        .init(
            provider: "no client_id", without: "client_id", "",
            is: "providers.p.client_id: missing; expected a string that is not empty"),
        .init(
            provider: "an empty client_id", without: "client_id", #""client_id":"""#,
            is: "providers.p.client_id: expected a string that is not empty"),
        .init(
            provider: "a client_id as a number", without: "client_id", #""client_id":12"#,
            is: "providers.p.client_id: expected a string that is not empty, found a number"),
        .init(
            provider: "no token_endpoint", without: "token_endpoint", "",
            is: "providers.p.token_endpoint: missing; \(endpoint)"),
        .init(
            provider: "a token_endpoint in the clear", without: "token_endpoint",
            #""token_endpoint":"http://as.example/token""#, is: "providers.p.token_endpoint: \(endpoint)"),
        .init(
            provider: "a host that only begins like loopback", without: "token_endpoint",
            #""token_endpoint":"http://127.0.0.1.example/token""#,
            is: "providers.p.token_endpoint: \(endpoint)"),
        .init(
            provider: "a token_endpoint with credentials", without: "token_endpoint",
            #""token_endpoint":"https://u:p@as.example/""#, is: "providers.p.token_endpoint: \(endpoint)"),
        .init(
            provider: "a token_endpoint without scheme", without: "token_endpoint",
            #""token_endpoint":"as.example/token""#, is: "providers.p.token_endpoint: \(endpoint)"),
        .init(
            provider: "a revocation_endpoint of another scheme",
            #""revocation_endpoint":"ftp://as.example/""#, is: "providers.p.revocation_endpoint: \(endpoint)"),
        .init(
            provider: "an authorization_endpoint with a fragment",
            #""authorization_endpoint":"https://as.example/#a""#,
            is: "providers.p.authorization_endpoint: \(endpoint)"),
        .init(
            provider: "a redirect_uri in the clear", #""redirect_uri":"http://app.example/cb""#,
            is:
                "providers.p.redirect_uri: expected an absolute URI (http for a loopback host only) without fragment"
        ),
        .init(
            provider: "a relative redirect_uri", #""redirect_uri":"/cb""#,
            is:
                "providers.p.redirect_uri: expected an absolute URI (http for a loopback host only) without fragment"
        ),
        .init(
            provider: "Seamless without redirect_uri", #""preset":"seamless""#,
            is:
                "providers.p.redirect_uri: missing; expected an absolute URI (http for a loopback host only) without fragment"
        ),
        .init(
            provider: "scopes as a text", #""scopes":"a b""#,
            is: "providers.p.scopes: expected an array of strings, found a string"),
        .init(
            provider: "a scope with a space", #""scopes":["a","b c"]"#,
            is: "providers.p.scopes[1]: expected a scope without spaces, quotes and backslashes"),
        .init(
            provider: "a scope as a number", #""scopes":[1]"#,
            is:
                "providers.p.scopes[0]: expected a scope without spaces, quotes and backslashes, found a number"
        ),
        .init(
            provider: "an unknown authentication method", #""token_endpoint_auth_method":"basic""#,
            is:
                "providers.p.token_endpoint_auth_method: unknown client authentication method; the nearest known one is none (expected one of client_secret_as_username, client_secret_basic, client_secret_basic_raw, client_secret_post, none, private_key_jwt, tls_client_auth)"
        ),
        .init(
            provider: "an unknown encoding", #""request_encoding":"JSON""#,
            is:
                "providers.p.request_encoding: unknown request encoding; the nearest known one is json (expected one of form, json, query)"
        ),
        .init(
            provider: "tls as a path", #""tls":"/ca.pem""#,
            is: "providers.p.tls: expected an object, found a string"),
        .init(
            provider: "an unknown key of tls", #""tls":{"verify":false}"#,
            is:
                "providers.p.tls.verify: unknown key; the nearest known key is ca_file (expected one of ca_file, certificate_file, key_file)"
        ),
        .init(
            provider: "a replay policy without a unit", #""replay_after_lost_response":"30""#,
            is:
                "providers.p.replay_after_lost_response: expected \"never\", \"always\" or a duration from \"1s\" to \"365d\", such as \"30s\""
        ),
        .init(
            provider: "a replay window of nothing", #""replay_after_lost_response":"0s""#,
            is:
                "providers.p.replay_after_lost_response: expected \"never\", \"always\" or a duration from \"1s\" to \"365d\", such as \"30s\""
        ),
        .init(
            provider: "a rate as a text", #""rate":"60/min""#,
            is: "providers.p.rate: expected an object, found a string"),
        .init(
            provider: "a misspelt key of a rate", #""rate":{"budgets":"60/min"}"#,
            is:
                "providers.p.rate.budgets: unknown key; the nearest known key is budget (expected one of budget, concurrency, default_cooldown, reset_header)"
        ),
        .init(
            provider: "a budget without a unit", #""rate":{"budget":"60"}"#,
            is: "providers.p.rate.budget: \(rate)"),
        .init(
            provider: "a budget of nothing", #""rate":{"budget":"0/min"}"#,
            is: "providers.p.rate.budget: \(rate)"),
        .init(
            provider: "a budget as a number", #""rate":{"budget":60}"#,
            is: "providers.p.rate.budget: \(rate), found a number"),
        .init(
            provider: "a concurrency of nothing", #""rate":{"concurrency":0}"#,
            is: "providers.p.rate.concurrency: expected a whole number from 1 to 1024"),
        .init(
            provider: "a concurrency beyond all reason", #""rate":{"concurrency":1025}"#,
            is: "providers.p.rate.concurrency: expected a whole number from 1 to 1024"),
        .init(
            provider: "a concurrency with a fraction", #""rate":{"concurrency":1.5}"#,
            is: "providers.p.rate.concurrency: expected a whole number from 1 to 1024"),
        .init(
            provider: "a concurrency as a text", #""rate":{"concurrency":"8"}"#,
            is: "providers.p.rate.concurrency: expected a whole number from 1 to 1024, found a string"),
        .init(
            provider: "a lead without a unit", #""not_earlier_than":"600""#,
            is: "providers.p.not_earlier_than: expected a duration from \"1s\" to \"365d\", such as \"10m\""),
        .init(
            provider: "a lead of nothing", #""not_earlier_than":"0s""#,
            is: "providers.p.not_earlier_than: expected a duration from \"1s\" to \"365d\", such as \"10m\""),
        .init(
            provider: "a lead as a number", #""not_earlier_than":600"#,
            is:
                "providers.p.not_earlier_than: expected a duration from \"1s\" to \"365d\", such as \"10m\", found a number"
        ),
        .init(
            provider: "a CA file that is not there", #""tls":{"ca_file":"/no/ca.pem"}"#,
            is: "providers.p.tls.ca_file: cannot read /no/ca.pem: no such file or directory"),
    ]

    private static let presets =
        "atlassian, auth0, box, discord, dropbox, facebook, github, google, google_service_account, hubspot, "
        + "instagram, intuit, keycloak, linear, linkedin, microsoft, notion, okta, openai, salesforce, seamless, "
        + "shopify, slack, spotify, stripe, stripe_apps, x, xero, zoho"

    private static let providerKeys =
        "account_variables, assertion, authorization_endpoint, authorization_scheme, authorize_parameters, "
        + "client_id, client_secret, device_authorization_endpoint, first_exchange_endpoint, headers, issuer, keepalive, key_id, kind, "
        + "min_refresh_interval, nonce, not_earlier_than, parameter_names, parameters, pkce, preset, private_key, rate, "
        + "redirect_uri, redirect_uri_on_refresh, refresh_endpoint, refresh_token_lifetime, "
        + "replay_after_lost_response, request_encoding, request_method, requests, response, revocation_endpoint, "
        + "scope_on_refresh, scope_parameter, scope_separator, scopes, signing_algorithm, tls, token_endpoint, "
        + "token_endpoint_auth_method, variables"

    private static let rate =
        "expected a rate from \"1/d\" to \"1000000/s\", per s, min, h or d, such as \"60/min\""

    static let endpoint =
        "expected an https URL (http for a loopback host only) without user information and fragment"
}
