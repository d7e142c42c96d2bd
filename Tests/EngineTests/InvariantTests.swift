import Testing

@testable import Engine

@Suite("Whatever happens in whatever order")
struct InvariantTests {
    @Test(
        "R1 R12 R16 R17: one exchange per account, no reuse, no lost grant, every caller answered once",
        arguments: 0..<20)
    func randomLives(block: UInt64) {
        var exchanges = 0
        for seed in block * 50..<(block + 1) * 50 {
            var world = World(seed: seed)
            world.live(steps: 400)
            #expect(world.violations.isEmpty, "seed \(seed): \(world.violations)")
            exchanges += world.exchangesTotal
        }
        #expect(exchanges > 50 * 20, "the worlds must be lively: \(exchanges) exchanges")
    }
}
