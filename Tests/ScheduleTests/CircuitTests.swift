// Decides when a provider counts as down and up again, and what may be sent meanwhile.

import Testing
import Vocabulary

@testable import Schedule

@Suite("A circuit")
struct CircuitTests {
    private let start = BootTime(nanoseconds: 1_000_000_000_000)

    private func opened() -> Circuit {
        var circuit = Circuit(concurrency: 64)
        for _ in 0..<20 { _ = circuit.failed(account: 1, isProbe: false, start) }
        return circuit
    }

    @Test("T8: opens at half of twenty in 30 s, and says so once")
    func opens() {
        var circuit = Circuit(concurrency: 64)
        for number in 0..<10 {
            let change = circuit.succeeded(start + .seconds(number))
            #expect(change == nil)
        }
        var changes: [Circuit.Change] = []
        for _ in 0..<12 {
            if let change = circuit.failed(account: 1, isProbe: false, start + .seconds(20)) {
                changes.append(change)
            }
        }
        #expect(changes == [.opened])
        #expect(circuit.isDown && circuit.limit == 0)
    }

    @Test("stays closed below half, below twenty, and when the failures are older than 30 s")
    func staysClosed() {
        var mostlyWell = Circuit(concurrency: 64)
        for number in 0..<1000 {
            _ =
                number % 5 < 3
                ? mostlyWell.succeeded(start) : mostlyWell.failed(account: 1, isProbe: false, start)
        }
        #expect(!mostlyWell.isDown)
        var rare = Circuit(concurrency: 64)
        for number in 0..<100 { _ = rare.failed(account: 1, isProbe: false, start + .seconds(2 * number)) }
        #expect(!rare.isDown)
    }

    @Test("opens at ten in a row of more than one account, however slowly they come")
    func streak() {
        var few = Circuit(concurrency: 64)
        var alone = few
        var interrupted = few
        for number in 0..<10 {
            let now = start + .seconds(100 * number)
            _ = few.failed(account: number % 2, isProbe: false, now)
            _ = alone.failed(account: 1, isProbe: false, now)
            _ =
                number == 5
                ? interrupted.succeeded(now) : interrupted.failed(account: number % 2, isProbe: false, now)
        }
        #expect(few.isDown && !alone.isDown && !interrupted.isDown)
    }

    @Test("T8: probes one at a time, 1, 2, 4 s and so on up to 30 s apart, counted from the sending")
    func probes() {
        var circuit = opened()
        var sent: [Duration] = []
        for _ in 0..<8 {
            let now = circuit.probeAt!
            sent.append(now - start)
            circuit.probe(now)
            #expect(circuit.probeAt == nil, "no second probe while one is out")
            _ = circuit.failed(account: 1, isProbe: false, now + .milliseconds(1))
            #expect(circuit.probeAt == nil, "what was sent before it opened does not count as the probe")
            _ = circuit.failed(account: 1, isProbe: true, now + .milliseconds(500))
        }
        #expect(sent == [1, 3, 7, 15, 31, 61, 91, 121].map { Duration.seconds($0) })
        circuit.probe(circuit.probeAt!)
        let hung = start + .seconds(151 + 20)
        _ = circuit.failed(account: 1, isProbe: true, hung)
        #expect(circuit.probeAt == start + .seconds(181), "a probe that hangs does not put the next one off")
    }

    @Test("T8: picks up speed with each good answer, halves with a bad one, and closes at the whole")
    func recovers() {
        var circuit = opened()
        let change = circuit.succeeded(start + .seconds(90))
        #expect(change == .recovered(since: start))
        #expect(circuit.limit == 2)
        var limits: [Int] = []
        for _ in 0..<10 {
            _ = circuit.succeeded(start + .seconds(91))
            limits.append(circuit.limit)
        }
        #expect(limits == Array(3...12))
        _ = circuit.failed(account: 1, isProbe: false, start + .seconds(91))
        #expect(circuit.limit == 6)
        for _ in 0..<100 { _ = circuit.succeeded(start + .seconds(92)) }
        #expect(circuit.state == .closed)
    }

    @Test("is probed at once for whoever asks, but not more than once a second")
    func hastened() {
        var circuit = opened()
        for _ in 0..<6 {
            let now = circuit.probeAt!
            circuit.probe(now)
            _ = circuit.failed(account: 1, isProbe: true, now)
        }
        let probed = start + .seconds(61)
        circuit.hasten(probed + .milliseconds(100))
        #expect(circuit.probeAt == probed + .seconds(1))
        circuit.hasten(probed + .seconds(5))
        #expect(circuit.probeAt == probed + .seconds(1))
    }

    @Test("a probe that was not sent is due again")
    func withdrawn() {
        var circuit = opened()
        circuit.probe(start + .seconds(1))
        circuit.withdrawProbe(start + .seconds(5))
        #expect(circuit.probeAt == start + .seconds(5))
    }
}

@Suite("A retry budget")
struct RetryBudgetTests {
    private let start = BootTime(nanoseconds: 1_000_000_000_000)

    @Test("lets a tenth of the requests of ten seconds be retries, or one a second")
    func share() {
        var budget = RetryBudget()
        var (retries, requests) = (0, 0)
        for millisecond in stride(from: 0, to: 60_000, by: 5) {
            let now = start + .milliseconds(millisecond)
            if budget.earliest(now) <= now {
                budget.spend(isRetry: true, now)
                retries += 1
            } else {
                budget.spend(isRetry: false, now)
                requests += 1
            }
        }
        #expect(Double(retries) / Double(retries + requests) <= 0.101)
        #expect(Double(retries) / Double(retries + requests) >= 0.09)

        var alone = RetryBudget()
        var now = start
        var sent = 0
        while now < start + .seconds(60) {
            now = alone.earliest(now)
            alone.spend(isRetry: true, now)
            sent += 1
        }
        #expect((60...70).contains(sent))
    }
}
