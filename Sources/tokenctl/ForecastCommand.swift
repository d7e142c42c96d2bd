// Decides what is asked of the daemon to answer "what if": every account's expiry and every provider's budget. The answer is
// worked out here, so that no forecast, however long, takes anything from the daemon.

import ArgumentParser
import Simulation
import TokenClient

/// Tells what an outage of the providers would come to.
struct ForecastCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "forecast",
        abstract: "Tell which accounts lapse if a provider is down from now on, and when all are well again.",
        discussion: """
            Reads all accounts and runs the daemon's engine on them in virtual time. Nothing is sent to a provider and \
            nothing changes. Many accounts take a longer --timeout.
            """)

    @Option(help: ArgumentHelp("How long it is down: 2 or 0.5; 0 for no outage at all.", valueName: "hours"))
    var outage = 1.0

    @Option(
        help: ArgumentHelp("Only this provider is down; without it, all are.", valueName: "name"),
        transform: Self.provider)
    var provider: ProviderName?

    @Option(
        help: ArgumentHelp(
            "Draw refreshes and lapsed accounts per minute into this SVG file.", valueName: "file"),
        completion: .file())
    var plot: String?

    @OptionGroup var connection: ConnectionOptions

    /// How long the providers are down.
    var duration: Duration { .seconds(outage * 3600) }

    @Sendable private static func provider(_ text: String) throws -> ProviderName {
        guard let name = ProviderName(text) else {
            throw ValidationError("a provider's name is of small letters, digits, - and _")
        }
        return name
    }

    func validate() throws {
        guard (0...720).contains(outage) else { throw ValidationError("--outage is from 0 to 720 hours") }
        guard plot != "" else { throw ValidationError("--plot is empty") }
    }

    func run() throws {
        let filter = ListFilter(glob: provider.map { Glob("\($0)/*") })
        let (daemon, accounts) = try connection.ask { client throws(TokenClientError) in
            let deadline = BootTime.now() + client.timeout
            let daemon = try client.status()
            client.timeout = deadline - .now()
            return (daemon, try client.list(filter))
        }
        if let provider, accounts.isEmpty, !daemon.providers.contains(where: { $0.provider == provider }) {
            throw Complaint(.badRequest, "no provider \(provider); tokenctl status names the providers")
        }
        let table = ForecastTable(
            daemon: daemon, accounts: accounts, outage: duration, now: Moment.now().wall)
        let outcome = table.forecast.run()
        try StandardOutput.write(table.render(outcome, only: provider, Paint.forStandardOutput))
        guard let plot else { return }
        let file = try BackupFile(plot, overwrites: true)
        try file.write(Array(Plot(title: table.question(provider), outcome).svg.utf8))
        try file.publish()
    }
}
