// Decides how `list` shows accounts: a table for people once all are known, JSON lines for programs as they come.

import ArgumentParser
import TokenClient

/// Lists accounts.
struct ListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List accounts in name order.",
        discussion: "In the pattern * stands for any run of characters, slashes too, and ? for one.")

    @Argument(help: "A pattern over whole names, such as 'seamless/*'.")
    var glob: String?

    @Option(help: "Only accounts in this state.")
    var state: AccountState?

    @Option(help: "Only accounts that need this one to act.")
    var needs: Need?

    @Option(help: ArgumentHelp("At most so many.", valueName: "n"))
    var limit: Int?

    @Flag(help: "Print the daemon's object for each account, one a line.")
    var json = false

    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        guard limit ?? 1 >= 1 else { throw ValidationError("--limit is at least 1") }
        guard glob != "" else { throw ValidationError("the pattern is empty") }
    }

    func run() throws {
        let filter = ListFilter(glob: glob.map { Glob($0) }, state: state, needs: needs, limit: limit)
        if json { return try printJSON(filter) }
        let accounts = try connection.ask { client throws(TokenClientError) in try client.list(filter) }
        guard !accounts.isEmpty else { return }
        let table = AccountTable.render(accounts, now: Moment.now().wall, Paint.forStandardOutput)
        try StandardOutput.write(table + "\n")
    }

    private func printJSON(_ filter: ListFilter) throws(Complaint) {
        var lines: [UInt8] = []
        // Written as it comes, so that a reader can begin; but not line by line.
        var failure: Complaint?
        func flush() {
            do { if failure == nil { try StandardOutput.write(lines) } } catch { failure = error }
            lines.removeAll(keepingCapacity: true)
        }
        try connection.ask { client throws(TokenClientError) in
            _ = try client.list(filter) { _, json in
                json.write(to: &lines)
                lines.append(UInt8(ascii: "\n"))
                if lines.count >= 1 << 16 { flush() }
            }
        }
        flush()
        if let failure { throw failure }
    }
}
