// The table of secrets that cannot be had.

@testable import DaemonConfiguration

extension ConfigurationRow {
    static let secrets: [ConfigurationRow] = [
        .init(
            provider: "no secret", without: "client_secret", "",
            is:
                #"providers.p.client_secret: missing; expected a secret reference such as {"credential": NAME}"#
        ),
        .init(
            provider: "a secret for a public client", #""token_endpoint_auth_method":"none""#,
            is: "providers.p.client_secret: expected no secret where token_endpoint_auth_method is none"),
        .init(
            provider: "a secret as a number", without: "client_secret", #""client_secret":1"#,
            is:
                #"providers.p.client_secret: expected a secret reference such as {"credential": NAME}, found a number"#
        ),
        .init(
            provider: "a literal in a file that others can read", without: "client_secret",
            #""client_secret":"CANARY""#, mode: 0o644,
            is:
                #"providers.p.client_secret: expected a secret reference such as {"credential": NAME}; a literal secret is accepted only while others cannot read the configuration file (chmod o-r)"#
        ),
        .init(
            provider: "an empty literal", without: "client_secret", #""client_secret":"""#,
            is: "providers.p.client_secret: expected a secret, but the text is empty"),
        .init(
            provider: "no kind of reference", without: "client_secret", #""client_secret":{}"#,
            is: "providers.p.client_secret: expected exactly one of credential, file, env"),
        .init(
            provider: "two kinds of reference", without: "client_secret",
            #""client_secret":{"file":"/secrets/lf","env":"SECRET"}"#,
            is: "providers.p.client_secret: expected exactly one of credential, file, env"),
        .init(
            provider: "an unknown kind of reference", without: "client_secret",
            #""client_secret":{"path":"/x"}"#,
            is:
                "providers.p.client_secret.path: unknown key; the nearest known key is file (expected one of credential, env, file)"
        ),
        .init(
            provider: "a credential with a slash", without: "client_secret",
            #""client_secret":{"credential":"../x"}"#,
            is: "providers.p.client_secret.credential: expected a plain file name"),
        .init(
            provider: "a credential that is a directory", without: "client_secret",
            #""client_secret":{"credential":".."}"#,
            is: "providers.p.client_secret.credential: expected a plain file name"),
        .init(
            provider: "a credential that was not loaded", without: "client_secret",
            #""client_secret":{"credential":"other"}"#,
            is:
                "providers.p.client_secret: expected a secret in the file /run/credentials/tokend/other: no such file or directory"
        ),
        .init(
            provider: "a relative file", without: "client_secret", #""client_secret":{"file":"secret"}"#,
            is: "providers.p.client_secret.file: expected an absolute path"),
        .init(
            provider: "a file as null", without: "client_secret", #""client_secret":{"file":null}"#,
            is: "providers.p.client_secret.file: expected an absolute path, found null"),
        .init(
            provider: "an empty file", without: "client_secret",
            #""client_secret":{"file":"/secrets/empty"}"#,
            is: "providers.p.client_secret: expected a secret, but the file /secrets/empty is empty"),
        .init(
            provider: "a file with a newline alone", without: "client_secret",
            #""client_secret":{"file":"/secrets/newline"}"#,
            is: "providers.p.client_secret: expected a secret, but the file /secrets/newline is empty"),
        .init(
            provider: "a file that is no text", without: "client_secret",
            #""client_secret":{"file":"/secrets/binary"}"#,
            is: "providers.p.client_secret: expected a secret, but the file /secrets/binary is not UTF-8 text"
        ),
        .init(
            provider: "a variable that is not set", without: "client_secret",
            #""client_secret":{"env":"UNSET"}"#,
            is:
                "providers.p.client_secret: expected a secret in the environment variable UNSET, which is not set"
        ),
        .init(
            provider: "an empty variable", without: "client_secret", #""client_secret":{"env":"EMPTY"}"#,
            is: "providers.p.client_secret: expected a secret, but the environment variable EMPTY is empty"),
        .init(
            provider: "a variable's assignment", without: "client_secret",
            #""client_secret":{"env":"A=CANARY"}"#,
            is: "providers.p.client_secret.env: expected the name of an environment variable"),
    ]
}
