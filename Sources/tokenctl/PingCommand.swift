// Decides what `ping` measures: connecting and one answer, as a program that connects for each call has it.

import ArgumentParser
import TokenClient

/// Looks whether the daemon answers.
struct PingCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ping", abstract: "See whether the daemon answers, and how fast.")

    @OptionGroup var connection: ConnectionOptions

    func run() throws {
        let start = BootTime.now()
        try connection.ask { client throws(TokenClientError) in try client.ping() }
        let microseconds = (BootTime.now() - start).nanoseconds / 1000
        try StandardOutput.write("the daemon answered in \(microseconds.grouped) us\n")
    }
}
