// Decides what is measured rather than tested: figures depend on the machine, so nothing here passes or fails on them.

import ArgumentParser
import Vocabulary

@main
struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tokend-bench",
        abstract: "Measures tokend: build it with -c release.",
        version: tokendVersion,
        subcommands: [WheelBench.self, SoakBench.self])
}
