// Decides whether the wheel is right where no example reaches: random operations, side by side with a dictionary.

import Testing
import Vocabulary

@testable import Schedule

private let tick: Int64 = 1 << 20

/// What a wheel must do, the slow and obvious way.
private struct TimerModel {
    private(set) var deadlines: [Int: Int64] = [:]

    /// When the tick begins at which a timer for `deadline` fires.
    static func firing(_ deadline: Int64) -> Int64 {
        let (sum, overflow) = max(deadline, 0).addingReportingOverflow(tick - 1)
        return overflow ? .max : sum / tick * tick
    }

    mutating func schedule(_ id: Int, at deadline: Int64) { deadlines[id] = deadline }
    mutating func remove(_ id: Int) -> Int64? { deadlines.removeValue(forKey: id) }
    var earliestFiring: Int64? { deadlines.values.min().map(Self.firing) }
}

/// A wheel and its model under the same operations. Each step checks the invariants it touches.
private struct ModelledWheel {
    private var wheel = TimerWheel()
    private var model = TimerModel()
    private var now: Int64
    private var generator: SeededGenerator
    private let ids: Int

    init(seed: UInt64) {
        generator = SeededGenerator(seed: seed)
        ids = [1, 3, 20, 200].randomElement(using: &generator)!
        now = [0, 1, 63 << 20, (1 << 44) - 1, 1 << 50, 1 << 62].randomElement(using: &generator)!
    }

    mutating func run(steps: Int) throws {
        for _ in 0..<steps {
            switch Int.random(in: 0..<10, using: &generator) {
            case 0..<5: schedule()
            case 5: cancel()
            case 6: wait()
            default: try advance()
            }
            checkView()
        }
        try finish()
    }

    /// A distance of any magnitude, often exactly a span of slots, often one off.
    private mutating func distance() -> Int64 {
        let bits = Int64.random(in: 0...52, using: &generator)
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: return Int64.random(in: 0...(1 << bits), using: &generator)
        case 1: return (1 << bits) + Int64.random(in: -1...1, using: &generator)
        case 2: return Int64.random(in: 0...200, using: &generator) * tick
        default: return tick << (6 * Int64.random(in: 0...5, using: &generator))
        }
    }

    private mutating func schedule() {
        let id = Int.random(in: 0..<ids, using: &generator)
        let deadline: Int64
        switch Int.random(in: 0..<20, using: &generator) {
        case 0: deadline = [.min, -1, 0, 1 << 62, .max - 1, .max].randomElement(using: &generator)!
        case 1: deadline = now - distance()
        case 2...6:
            // The edge of a slot on some level.
            let span = tick << (6 * Int64.random(in: 0...5, using: &generator))
            deadline = (now / span + 1) * span + Int64.random(in: -1...1, using: &generator)
        default: deadline = now + distance()
        }
        wheel.schedule(id, at: BootTime(nanoseconds: deadline))
        model.schedule(id, at: deadline)
    }

    private mutating func cancel() {
        let id = Int.random(in: 0..<ids, using: &generator)
        wheel.cancel(id)
        _ = model.remove(id)
        #expect(wheel.deadline(of: id) == nil)
    }

    /// Time passes: some of it, to the wheel's next wake-up, or to the earliest timer exactly.
    private mutating func wait() {
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: now += distance()
        case 1: now += Int64.random(in: 0...tick, using: &generator)
        case 2: if let next = wheel.nextWakeUp, next < .distantFuture { now = max(now, next.nanoseconds) }
        default: if let next = model.earliestFiring, next < .max { now = max(now, next) }
        }
    }

    /// One turn, which may end anywhere inside a slot; then, if it says so, nothing may be left.
    private mutating func advance() throws {
        let limit = [1, 2, 5, 50, 2000].randomElement(using: &generator)!
        // An earlier reading of the clock is as good as none.
        let reading = Int.random(in: 0..<20, using: &generator) == 0 ? now - 3 * tick : now
        var due: [Int] = []
        let more = wheel.advance(to: BootTime(nanoseconds: reading), limit: limit, into: &due)
        #expect(due.count <= limit)
        for id in due {
            let removed = model.remove(id)
            let deadline = try #require(removed, "fired twice, or cancelled before")
            #expect(deadline <= now, "early by \(deadline - now) ns")
        }
        if !more, reading == now, let earliest = model.earliestFiring {
            #expect(earliest > now, "late by \(now - earliest) ns and a tick")
        }
        if more { #expect(wheel.nextWakeUp! <= BootTime(nanoseconds: now)) }
    }

    private func checkView() {
        #expect(wheel.count == model.deadlines.count)
        guard let earliest = model.earliestFiring else {
            #expect(wheel.nextWakeUp == nil)
            return
        }
        #expect(wheel.nextWakeUp != nil)
        #expect(wheel.nextWakeUp.map(\.nanoseconds) ?? .max <= max(earliest, now), "a wake-up too late")
    }

    /// From wake-up to wake-up until the wheel is empty: each timer fires, at its tick.
    private mutating func finish() throws {
        for (id, deadline) in model.deadlines { #expect(wheel.deadline(of: id)?.nanoseconds == deadline) }
        let atMost = 8 * model.deadlines.count
        var wakeUps = 0
        while let next = wheel.nextWakeUp {
            wakeUps += 1
            try #require(wakeUps <= atMost, "wake-ups without end")
            now = max(now, next.nanoseconds)
            var due: [Int] = []
            while wheel.advance(to: BootTime(nanoseconds: now), into: &due) {}
            let expected = model.deadlines.filter { TimerModel.firing($0.value) <= now }.keys
            #expect(Set(due) == Set(expected) && due.count == expected.count)
            for id in due { _ = model.remove(id) }
        }
        #expect(model.deadlines.isEmpty)
    }
}

@Suite("The timer wheel beside a plain dictionary of deadlines")
struct TimerWheelModelTests {
    @Test(
        "fires each timer once, never early, late by less than a tick, in turns of any size",
        arguments: 0..<400)
    func agreesWithModel(seed: Int) throws {
        var modelled = ModelledWheel(seed: UInt64(seed))
        try modelled.run(steps: 400)
    }
}
