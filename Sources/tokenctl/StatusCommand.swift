// Decides what `status` asks for: never every account, so that it answers at once whatever their number.

import ArgumentParser
import StrictJSON
import TokenClient

/// Shows how the daemon or one account is.
struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show how the daemon and its accounts are.",
        discussion: """
            Without an account: a summary and the accounts that are not well, worst first. \
            With one: all that is known of it.
            """)

    @Argument(help: "An account, <provider>/<name>.", transform: AccountName.argument)
    var account: AccountName?

    @Flag(help: "Print the daemon's answer as JSON.")
    var json = false

    @OptionGroup var connection: ConnectionOptions

    func run() throws {
        if json { return try printJSON() }
        let paint = Paint.forStandardOutput
        guard let account else { return try printOverview(paint) }
        let status = try connection.ask(about: account) { client throws(TokenClientError) in
            try client.status(of: account)
        }
        try StandardOutput.write(AccountBlock.render(status, now: Moment.now().wall, paint))
    }

    private func printJSON() throws(Complaint) {
        let answer = try connection.ask(about: account) { client throws(TokenClientError) in
            try client.send(.status(account))
        }
        try StandardOutput.write(answer.text + "\n")
    }

    private func printOverview(_ paint: Paint) throws(Complaint) {
        let overview = try connection.ask { client throws(TokenClientError) in
            let deadline = BootTime.now() + client.timeout
            let daemon = try client.status()
            var accounts: [AccountStatus] = []
            for filter in Overview.filters(for: daemon) {
                // All questions of the command share one deadline.
                client.timeout = deadline - .now()
                accounts += try client.list(filter)
            }
            return Overview(daemon: daemon, accounts: accounts)
        }
        try StandardOutput.write(overview.render(now: Moment.now().wall, paint))
    }
}
