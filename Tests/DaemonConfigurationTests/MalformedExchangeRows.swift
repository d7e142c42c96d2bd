// The table of providers whose requests or answers are described wrongly, each with the exact text an operator reads.

@testable import DaemonConfiguration

extension ConfigurationRow {
    static let requests: [ConfigurationRow] = [
        .init(
            provider: "a state of the operator's own", #""authorize_parameters":{"state":"x"}"#,
            is:
                "providers.p.authorize_parameters.state: expected a parameter's name other than state as the key"
        ),
        .init(
            provider: "a parameter as a boolean", #""authorize_parameters":{"consent":true}"#,
            is: "providers.p.authorize_parameters.consent: expected a string, found a boolean"),
        .init(
            provider: "parameters as a query", #""authorize_parameters":"a=b""#,
            is: "providers.p.authorize_parameters: expected an object, found a string"),
        .init(
            provider: "an empty separator", #""scope_separator":"""#,
            is: "providers.p.scope_separator: expected a string that is not empty"),
        .init(
            provider: "scopes for state", #""scope_parameter":"state""#,
            is: "providers.p.scope_parameter: expected a parameter's name other than state"),
        .init(
            provider: "PKCE as a method", #""pkce":"S256""#,
            is: "providers.p.pkce: expected true or false, found a string"),
        .init(
            provider: "an unknown method", #""request_method":"PUT""#,
            is:
                "providers.p.request_method: unknown request method; the nearest known one is POST (expected one of GET, POST)"
        ),
        .init(
            provider: "a GET with a body", #""request_method":"GET","request_encoding":"form""#,
            is: "providers.p.request_encoding: expected GET with request_encoding query only"),
        .init(
            provider: "a GET with the usual body", #""request_method":"GET""#,
            is: "providers.p.request_method: expected GET with request_encoding query only"),
        .init(
            provider: "a header's name with a colon", #""headers":{"X-A:":"b"}"#,
            is:
                #"providers.p.headers."X-A:": expected a header's name other than host, content-length, connection as the key"#
        ),
        .init(
            provider: "a header that frames the message", #""headers":{"Content-Length":"5"}"#,
            is:
                "providers.p.headers.Content-Length: expected a header's name other than host, content-length, connection as the key"
        ),
        .init(
            provider: "a header that begins another", #""headers":{"X-A":"b\r\nX-B: c"}"#,
            is: "providers.p.headers.X-A: expected a header's value in printable ASCII"),
        .init(
            provider: "parameters of no request", #""parameters":{"password":{}}"#,
            is:
                "providers.p.parameters.password: unknown key; the nearest known key is jwt_bearer (expected one of authorization_code, client_credentials, device_code, exchange_access_token, first_exchange, jwt_bearer, refresh_token, revocation)"
        ),
        .init(
            provider: "a request of no kind", #""requests":{"refresh":{}}"#,
            is:
                "providers.p.requests.refresh: unknown key; the nearest known key is refresh_token (expected one of authorization_code, client_credentials, device_code, exchange_access_token, first_exchange, jwt_bearer, refresh_token, revocation)"
        ),
        .init(
            provider: "a request's own headers", #""requests":{"revocation":{"headers":{}}}"#,
            is:
                "providers.p.requests.revocation.headers: unknown key; the nearest known key is parameter_names (expected one of parameter_names, request_encoding, request_method, token_endpoint_auth_method)"
        ),
        .init(
            provider: "a request's own GET with everybody's body",
            #""requests":{"revocation":{"request_method":"GET"}}"#,
            is:
                "providers.p.requests.revocation.request_method: expected GET with request_encoding query only"
        ),
        .init(
            provider: "everybody's GET with a request's own body",
            #""request_method":"GET","request_encoding":"query","requests":{"revocation":{"request_encoding":"json"}}"#,
            is:
                "providers.p.requests.revocation.request_encoding: expected GET with request_encoding query only"
        ),
        .init(
            provider: "a request's own unknown authentication",
            #""requests":{"revocation":{"token_endpoint_auth_method":"basic"}}"#,
            is:
                "providers.p.requests.revocation.token_endpoint_auth_method: unknown client authentication method; the nearest known one is none (expected one of client_secret_as_username, client_secret_basic, client_secret_basic_raw, client_secret_post, none, private_key_jwt, tls_client_auth)"
        ),
        .init(
            provider: "a request that signs, of a client without a key",
            #""requests":{"revocation":{"token_endpoint_auth_method":"private_key_jwt"}}"#,
            is:
                #"providers.p.private_key: missing; expected a secret reference such as {"credential": NAME}"#
        ),
        .init(
            provider: "parameters without their request", #""parameters":{"refresh_token":"a=b"}"#,
            is: "providers.p.parameters.refresh_token: expected an object, found a string"),
        .init(
            provider: "a parameter as a number", #""parameters":{"refresh_token":{"version":2}}"#,
            is: "providers.p.parameters.refresh_token.version: expected a string, found a number"),
        .init(
            provider: "an empty name", #""parameter_names":{"client_id":""}"#,
            is: "providers.p.parameter_names.client_id: expected another name, or null to leave it out"),
        .init(
            provider: "a name as a boolean", #""parameter_names":{"client_id":false}"#,
            is:
                "providers.p.parameter_names.client_id: expected another name, or null to leave it out, found a boolean"
        ),
        .init(
            provider: "a flag as a word", #""scope_on_refresh":"yes""#,
            is: "providers.p.scope_on_refresh: expected true or false, found a string"),
        .init(
            provider: "an unknown claim", #""assertion":{"aud":"x"}"#,
            is:
                "providers.p.assertion.aud: unknown key; the nearest known key is issuer (expected one of audience, issuer, scope_claim, subject, subject_is_issuer)"
        ),
        .init(
            provider: "an empty claim", #""assertion":{"subject":""}"#,
            is: "providers.p.assertion.subject: expected a string that is not empty"),
        .init(
            provider: "an interval without a unit", #""min_refresh_interval":"60""#,
            is:
                #"providers.p.min_refresh_interval: expected a duration from "1s" to "365d", such as "1d""#),
        .init(
            provider: "a keepalive of nothing", #""keepalive":"0d""#,
            is: #"providers.p.keepalive: expected a duration from "1s" to "365d", such as "1d""#),
        .init(
            provider: "a keepalive within the least interval",
            #""min_refresh_interval":"1d","keepalive":"24h""#,
            is: "providers.p.keepalive: expected keepalive to be longer than min_refresh_interval"),
        .init(
            provider: "a reset header without its format", #""rate":{"reset_header":{"name":"X-Reset"}}"#,
            is: "providers.p.rate.reset_header.format: missing; expected epoch_s or delta_s"),
        .init(
            provider: "a reset header of milliseconds",
            #""rate":{"reset_header":{"name":"X-Reset","format":"epoch_ms"}}"#,
            is:
                "providers.p.rate.reset_header.format: unknown time format; the nearest known one is epoch_s (expected one of delta_s, epoch_s)"
        ),
        .init(
            provider: "a cooldown of a day", #""rate":{"default_cooldown":"1d"}"#,
            is: #"providers.p.rate.default_cooldown: expected a duration from "1s" to "1h", such as "10m""#),
    ]

    static let responses: [ConfigurationRow] = [
        .init(
            response: "an unknown knob", #""root":["/data"]"#,
            is: "root: unknown key; the nearest known key is roots (expected one of \(knobs))"),
        .init(response: "no root", #""roots":[]"#, is: "roots: expected an array that is not empty"),
        .init(
            response: "a root that is no pointer", #""roots":["","data"]"#, is: "roots[1]: \(pointer)"),
        .init(
            response: "a member of one's own", #""fields":{"id_token":["x"]}"#,
            is:
                "fields.id_token: unknown key; the nearest known key is access_token (expected one of access_token, expires_in, refresh_token, scope, token_type)"
        ),
        .init(
            response: "a member's name outside a list", #""fields":{"scope":"scopes"}"#,
            is: "fields.scope: expected an array of strings, found a string"),
        .init(
            response: "a status as a text", #""success_status":["200"]"#, is: "success_status: \(statuses)"),
        .init(
            response: "a success that is a refusal", #""success_status":[200,400]"#,
            is: "success_status: \(statuses)"),
        .init(
            response: "a status outside a list", #""success_status":200"#,
            is: "success_status: \(statuses), found a number"),
        .init(
            response: "half a condition", #""success_when":{"path":"/ok"}"#,
            is: "success_when.equals: missing; expected any JSON value"),
        .init(
            response: "a condition on no place", #""success_when":{"path":"ok","equals":true}"#,
            is: "success_when.path: \(pointer)"),
        .init(
            response: "a time without its format", #""expires_at":{"field":"x"}"#,
            is: "expires_at.format: missing; expected epoch_s, epoch_ms or iso8601"),
        .init(
            response: "a time without its member", #""issued_at":{"format":"epoch_ms"}"#,
            is: "issued_at.field: missing; expected a string that is not empty"),
        .init(
            response: "an unknown format", #""refresh_expires_at":{"field":"x","format":"rfc3339"}"#,
            is:
                "refresh_expires_at.format: unknown time format; the nearest known one is epoch_s (expected one of epoch_ms, epoch_s, iso8601)"
        ),
        .init(
            response: "an unknown unit", #""expires_in_unit":"min""#,
            is: "expires_in_unit: unknown unit; the nearest known one is ms (expected one of ms, s)"),
        .init(
            response: "an unknown meaning", #""expires_in_zero":"never""#,
            is:
                "expires_in_zero: unknown meaning; the nearest known one is expired (expected one of expired, use_default)"
        ),
        .init(
            response: "a lifetime of nothing", #""default_lifetime_s":0"#,
            is: "default_lifetime_s: expected a whole number from 1 to 31536000"),
        .init(
            response: "a lifetime as a duration", #""default_lifetime_s":"1h""#,
            is: "default_lifetime_s: expected a whole number from 1 to 31536000, found a string"),
        .init(
            response: "a type that is no scheme", #""token_type_map":{"bot":"Bearer token"}"#,
            is: #"token_type_map.bot: expected an authentication scheme, such as "Bearer""#),
        .init(
            response: "an empty type", #""token_type_default":"""#,
            is: #"token_type_default: expected an authentication scheme, such as "Bearer""#),
        .init(
            response: "an error's place that is none", #""error_code_paths":["error"]"#,
            is: "error_code_paths[0]: \(pointer)"),
        .init(
            response: "a code as a number", #""rate_codes":[40100]"#,
            is: "rate_codes[0]: expected a string that is not empty, found a number"),
        .init(
            response: "a code with two meanings", #""reauth_codes":["a","b"],"client_codes":["c","b"]"#,
            is: "client_codes[1]: expected a code that stands in no other list"),
        .init(
            response: "a class of statuses", #""status_class":{"4xx":"transient"}"#,
            is: "status_class.4xx: expected a status from 200 to 599 as the key"),
        .init(
            response: "an unknown class", #""status_class":{"401":"reauth"}"#,
            is:
                "status_class.401: unknown class of answers; the nearest known one is tls (expected one of ambiguous, auth_ambiguous, client_config, malformed_success, rate_limited, reauth_required, tls, transient)"
        ),
        .init(
            response: "a class as a number", #""empty_body_class":{"400":1}"#,
            is: "empty_body_class.400: expected a string, found a number"),
        .init(
            response: "a reset header without a name", #""rate_reset_header":{"format":"epoch_s"}"#,
            is:
                "rate_reset_header.name: missing; expected a header's name other than host, content-length, connection"
        ),
        .init(
            response: "a cooldown of two hours", #""default_cooldown_s":7200"#,
            is: "default_cooldown_s: expected a whole number from 1 to 3600"),
        .init(
            response: "errors that are to be overlooked", #""error_in_200":false"#,
            is: "error_in_200: expected true: an error in a 200 is always recognized"),
    ]

    /// A row about members of a sound provider's `response`; `error` begins behind that path.
    private init(response sentence: String, _ members: String, is error: String) {
        self.init(
            provider: sentence, "\"response\":{\(members)}", is: "providers.p.response.\(error)")
    }

    private static let pointer = #"expected a JSON pointer, such as "/error/code""#
    private static let statuses = "expected an array of statuses from 200 to 299"
    private static let knobs =
        "client_codes, default_cooldown_s, default_lifetime_s, empty_body_class, error_code_paths, error_in_200, "
        + "error_text_paths, expires_at, expires_from_jwt, expires_in_fields, expires_in_unit, expires_in_zero, "
        + "fields, interaction_codes, issued_at, note, rate_codes, rate_reset_header, reauth_codes, "
        + "refresh_expires_at, refresh_expires_in, roots, status_class, success_status, success_when, "
        + "token_type_default, token_type_map, transient_codes"
}
