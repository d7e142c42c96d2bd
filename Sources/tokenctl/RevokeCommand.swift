// Decides what `revoke` tells: it asks nothing back, like `remove`, and is honest about a provider that did not revoke.

import ArgumentParser
import TokenClient

/// Ends an account's grant at the provider and forgets it.
struct RevokeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke",
        abstract:
            "Revoke an account's grant at its provider, then forget it. For root and the daemon's own user.",
        discussion: """
            The account is gone in either case, so the exit status is 0 in either case: nothing could be tried again. \
            A warning on standard error says when the provider did not revoke and the user should do it there.
            """)

    @Argument(help: "The account, <provider>/<name>.", transform: AccountName.argument)
    var account: AccountName

    @OptionGroup var connection: ConnectionOptions

    func run() throws {
        let revocation = try connection.ask(about: account) { client throws(TokenClientError) in
            try client.revoke(account)
        }
        let (output, warning) = Self.render(revocation, account)
        try StandardOutput.write(output)
        if let warning { StandardError.write(warning) }
    }

    /// What is printed, LF included: the outcome, and a warning where the provider did not revoke.
    static func render(_ revocation: Revocation, _ account: AccountName) -> (String, String?) {
        switch revocation {
        case .revoked: ("revoked at the provider and removed\n", nil)
        case .removedOnly(let why):
            (
                "removed \(account)\n",
                "tokenctl: \(account): not revoked at the provider (\(why.printable)); its user can disconnect it there\n"
            )
        }
    }
}
