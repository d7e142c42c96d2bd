// Decides what `refresh` tells once the new grant is durable: until when it holds.

import ArgumentParser
import TokenClient

/// Gets an account a new token now.
struct RefreshCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "refresh",
        abstract: "Refresh an account now, also one that needs a login or an operator.")

    @Argument(help: "The account, <provider>/<name>.", transform: AccountName.argument)
    var account: AccountName

    @OptionGroup var connection: ConnectionOptions

    func run() throws {
        let expiresAt = try connection.ask(about: account) { client throws(TokenClientError) in
            try client.refresh(account)
        }
        let (expiry, now) = (expiresAt.epochSeconds, Moment.now().wall.epochSeconds)
        try StandardOutput.write(
            "refreshed \(account), expires \(RelativeTime.utc(expiry)) (\(RelativeTime.until(expiry, now: now)))\n"
        )
    }
}
