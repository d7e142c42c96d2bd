// Decides what `get` prints: the token alone by default, so that `$(tokenctl get ACCOUNT)` is all a script needs.

import ArgumentParser
import StrictJSON
import TokenClient

/// Prints an access token.
struct GetCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "get", abstract: "Print an account's access token, refreshed first where needed.",
        discussion: """
            When the API refused a token, ask again with --not and its fingerprint (the first 16 hex digits of its \
            SHA-256): that token is not returned again.
            """)

    enum Form: EnumerableFlag {
        case header, json

        static func help(for value: Form) -> ArgumentHelp? {
            switch value {
            case .header: "Print an HTTP header field: Authorization: Bearer TOKEN."
            case .json: "Print an object with access_token, token_type and expires_at (epoch seconds)."
            }
        }
    }

    @Argument(help: "The account, <provider>/<name>.", transform: AccountName.argument)
    var account: AccountName

    @Flag var form: Form?

    @Option(help: ArgumentHelp("The life the token must have left.", valueName: "duration"))
    var minTtl: DurationArgument?

    @Option(
        help: ArgumentHelp(
            "How long the daemon may take to refresh, at most 60s (default: what --timeout allows, 10s of 15s).",
            valueName: "duration"))
    var wait: DurationArgument?

    @Option(
        name: .customLong("not"),
        help: ArgumentHelp("Not the token of this fingerprint.", valueName: "fingerprint"))
    var refused: Fingerprint?

    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        guard let wait = wait?.duration else { return }
        guard wait <= .seconds(GetOptions.longestWait) else {
            throw ValidationError("--wait is at most \(GetOptions.longestWait)s")
        }
        guard wait < connection.timeout.duration else {
            throw ValidationError("--wait must be shorter than --timeout, which bounds the whole call")
        }
    }

    /// The protocol's options that the command line asks for.
    var options: GetOptions {
        GetOptions(
            minTTL: minTtl?.duration.secondsRoundedUp ?? 0,
            wait: wait?.duration.secondsRoundedUp ?? GetOptions.wait(within: connection.timeout.duration),
            refused: refused)
    }

    func run() throws {
        let token = try connection.ask(about: account) { client throws(TokenClientError) in
            try client.token(for: account, options)
        }
        try StandardOutput.write(Self.render(token, as: form))
    }

    /// What is printed, LF included.
    static func render(_ token: AccessToken, as form: Form?) -> String {
        switch form {
        case nil: return token.secret.exposed + "\n"
        case .header: return "Authorization: \(token.type) \(token.secret.exposed)\n"
        case .json:
            let json: JSONValue = [
                "access_token": .string(token.secret.exposed),
                "token_type": .string(token.type),
                "expires_at": JSONValue(token.expiresAt.epochSeconds),
            ]
            return json.serialized + "\n"
        }
    }
}
