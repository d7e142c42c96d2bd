// Decides how the simulator is called and how it ends: a scenario by name, a report on standard output, a plot where one is
// wanted, and a status that CI can go by.

import ArgumentParser
import Dispatch
import Foundation
import Simulation
import Synchronization
import Vocabulary

@main
struct TokendSimulate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tokend-simulate",
        abstract: "Run tokend's engine through a scenario in virtual time.",
        discussion: """
            The engine is the daemon's own; clock, store and providers are simulated. Scenarios:

            \(Scenario.allCases.map { "  \($0.rawValue): \($0.abstract)" }.joined(separator: "\n"))

            Exit status: 0 when all requirements and invariants held, 1 otherwise, 64 for wrong usage.
            """,
        version: tokendVersion)

    @Argument(help: "One of the scenarios above.")
    var scenario: Scenario

    @Option(help: ArgumentHelp("Of every random choice.", valueName: "n"))
    var seed: UInt64 = 1

    @Option(help: ArgumentHelp("Run so many times, with consecutive seeds.", valueName: "n"))
    var seeds = 1

    @Option(help: ArgumentHelp("How many accounts there are.", valueName: "n"))
    var accounts: Int?

    @Flag(help: "Refresh at the planned age alone, however long the queue: for comparison.")
    var withoutPlanning = false

    @Option(
        help: ArgumentHelp(
            "Draw refreshes per minute, budget and lapsed accounts into this SVG file.", valueName: "file"),
        completion: .file())
    var plot: String?

    func validate() throws {
        guard seeds >= 1, seeds <= 1_000_000 else {
            throw ValidationError("--seeds is from 1 to 1000000")
        }
        guard accounts ?? 1 >= 1, accounts ?? 1 <= 10_000_000 else {
            throw ValidationError("--accounts is from 1 to 10000000")
        }
        guard seeds == 1 || plot == nil else {
            throw ValidationError("--plot draws one run: leave --seeds out")
        }
    }

    func run() throws {
        let holds = seeds == 1 ? try runOnce() : runMany()
        if !holds { throw ExitCode(1) }
    }

    private func options(_ seed: UInt64) -> Scenario.Options {
        var options = Scenario.Options()
        options.seed = seed
        options.accounts = accounts
        options.plansAhead = !withoutPlanning
        return options
    }

    private func runOnce() throws -> Bool {
        var holds = true
        for (index, trial) in scenario.trials(options(seed)).enumerated() {
            let verdict = trial.run()
            holds = holds && verdict.holds
            print((index > 0 ? "\n" : "") + Report.render(verdict), terminator: "")
            guard let plot else { continue }
            // A second run of the scenario gets a picture of its own.
            let file = URL(fileURLWithPath: index == 0 ? plot : "\(plot).\(index + 1).svg")
            try Data(Plot(title: trial.title, verdict.outcome).svg.utf8).write(to: file)
        }
        return holds
    }

    /// Every run is a value of its own: as many at once as there are processors.
    private func runMany() -> Bool {
        let summaries = Mutex<[Summary]>([])
        DispatchQueue.concurrentPerform(iterations: seeds) { index in
            for trial in scenario.trials(options(seed &+ UInt64(index))) {
                let summary = Summary(trial.run())
                summaries.withLock { $0.append(summary) }
            }
        }
        let sorted = summaries.withLock { $0 }.sorted { $0.seed < $1.seed }
        print(Report.render(scenario, sorted), terminator: "")
        return sorted.allSatisfy(\.holds)
    }
}

extension Scenario: ExpressibleByArgument {}
