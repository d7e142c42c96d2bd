import Evidence
import Testing

@testable import Engine

@Suite("Whatever happens in whatever order")
struct InvariantTests {
    @Test("R1 R5 R7 R12 R16 R17: ten thousand random lives keep every invariant", arguments: 0..<20)
    func randomLives(block: UInt64) {
        var exchanges = 0
        var crashes = 0
        for seed in block * 500..<(block + 1) * 500 {
            var world = World(seed: seed)
            world.live(steps: 150)
            #expect(world.violations.isEmpty, "seed \(seed): \(world.violations)")
            exchanges += world.exchangesTotal
            crashes += world.crashes
        }
        #expect(exchanges > 500 * 10 && crashes > 500, "the worlds must be lively: \(exchanges), \(crashes)")
        for scenario in ["R1", "R7", "R12", "R16", "R17"] {
            Evidence.record(
                scenario, injected: "random lives of the engine: requests, answers, failures, crashes",
                times: 10_000, held: "all ten invariants of `World`, by name")
        }
    }
}
