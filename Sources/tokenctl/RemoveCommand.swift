// Decides that `remove` asks nothing back: the daemon keeps no copy, and a script cannot answer.

import ArgumentParser
import TokenClient

/// Makes the daemon forget an account.
struct RemoveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Forget an account and its grant. For root and the daemon's own user.")

    @Argument(help: "The account, <provider>/<name>.", transform: AccountName.argument)
    var account: AccountName

    @OptionGroup var connection: ConnectionOptions

    func run() throws {
        try connection.ask(about: account) { client throws(TokenClientError) in try client.remove(account) }
        try StandardOutput.write("removed \(account)\n")
    }
}
