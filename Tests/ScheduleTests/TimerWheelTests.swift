// Decides what the wheel does at each edge that has a name; TimerWheelModelTests covers what nobody thought of.

import Testing
import Vocabulary

@testable import Schedule

private let tick: Int64 = 1 << 20

private func at(_ nanoseconds: Int64) -> BootTime { BootTime(nanoseconds: nanoseconds) }

extension TimerWheel {
    /// Advances until nothing is left for `now`, as often as `limit` demands; the ids in order of firing.
    fileprivate mutating func drain(to now: BootTime, limit: Int = TimerWheel.defaultLimit) -> [Int] {
        var due: [Int] = []
        while advance(to: now, limit: limit, into: &due) {}
        return due
    }

    /// Advances to each wake-up in turn, up to `end`, and counts them.
    fileprivate mutating func wakeUps(until end: BootTime) -> Int {
        var (wakeUps, due) = (0, [Int]())
        while let next = nextWakeUp, next <= end {
            wakeUps += 1
            while advance(to: next, into: &due) {}
        }
        return wakeUps
    }
}

@Suite("The timer wheel")
struct TimerWheelTests {
    @Test("an empty wheel wants no wake-up, fires nothing and moves nothing over any distance")
    func empty() {
        var wheel = TimerWheel()
        var due: [Int] = []
        for now in [0, 1, tick, 1 << 62, .max] as [Int64] {
            #expect(!wheel.advance(to: at(now), limit: 1, into: &due))
        }
        #expect(due.isEmpty && wheel.count == 0 && wheel.nextWakeUp == nil)
    }

    /// Either side of a tick, of a slot and of every level, and the ends of what BootTime holds.
    static let edges: [Int64] =
        [0, 1, tick - 1, tick, tick + 1, .max - tick, .max - 1, .max]
        + (1...7).flatMap { level -> [Int64] in
            let span = tick << (6 * Int64(level))
            return [span - tick - 1, span - tick, span - 1, span, span + 1, span + tick]
        } + [(1 << 62) - 1, 1 << 62, (1 << 62) + 1]

    @Test("a timer at an edge fires once, at its own tick and no earlier", arguments: edges)
    func firesAtEdge(deadline: Int64) throws {
        for start in [0, tick - 1, 5 * tick, 63 * tick, 64 * tick, 4095 * tick] where start <= deadline {
            var wheel = TimerWheel()
            #expect(wheel.drain(to: at(start)).isEmpty)
            wheel.schedule(3, at: at(deadline))
            #expect(wheel.deadline(of: 3) == at(deadline))
            if deadline > start {
                #expect(wheel.drain(to: at(deadline - 1)).isEmpty, "early, started at \(start)")
            }
            var wakeUps = 0
            var fired: [Int] = []
            while fired.isEmpty {
                let next = try #require(wheel.nextWakeUp)
                #expect(next.nanoseconds <= deadline || next - at(deadline) < TimerWheel.resolution)
                fired = wheel.drain(to: next)
                wakeUps += 1
                try #require(wakeUps <= 8, "a wake-up that brings the timer no nearer")
            }
            #expect(fired == [3] && wheel.count == 0 && wheel.nextWakeUp == nil)
            #expect(wheel.drain(to: .distantFuture).isEmpty)
        }
    }

    @Test("a jump of 10^9 ticks fires everything in the order of deadlines")
    func longJump() {
        var generator = SeededGenerator(seed: 11)
        var wheel = TimerWheel()
        let deadlines = (0..<5000).map { _ in Int64.random(in: 0...(1_000_000_000 * tick), using: &generator)
        }
        for (id, deadline) in deadlines.enumerated() { wheel.schedule(id, at: at(deadline)) }
        let fired = wheel.drain(to: at(1_000_000_001 * tick), limit: 7).map {
            (deadlines[$0] + tick - 1) / tick
        }
        #expect(fired.count == deadlines.count)
        #expect(fired == fired.sorted())
    }

    @Test("a jump costs at most one move per level and one firing for each timer, whatever its length")
    func jumpCost() {
        var wheel = TimerWheel()
        for id in 0..<100 { wheel.schedule(id, at: at((1 << 62) + Int64(id) << 40)) }
        var (turns, due) = (1, [Int]())
        while wheel.advance(to: .distantFuture, limit: 1, into: &due) { turns += 1 }
        #expect(due == Array(0..<100))
        #expect(turns <= 100 * 8)
    }

    @Test("no turn fires or moves more than its limit, and the work left over is done by the next ones")
    func boundedTurns() {
        var wheel = TimerWheel()
        for id in 0..<1000 { wheel.schedule(id, at: at(100 * tick)) }
        var due: [Int] = []
        var firedPerTurn: [Int] = []
        var more = true
        while more {
            let before = due.count
            more = wheel.advance(to: at(100 * tick), limit: 300, into: &due)
            firedPerTurn.append(due.count - before)
        }
        // 1000 moves out of the slot of level 1, then 1000 firings.
        #expect(firedPerTurn == [0, 0, 0, 200, 300, 300, 200])
        #expect(Set(due) == Set(0..<1000))
    }

    @Test("a slot that is half sorted takes cancellations, moves and new timers between turns")
    func changesBetweenTurns() {
        var wheel = TimerWheel()
        for id in 0..<100 { wheel.schedule(id, at: at(64 * tick + Int64(id % 4) * tick)) }
        var due: [Int] = []
        #expect(wheel.advance(to: at(68 * tick), limit: 10, into: &due))
        #expect(due.isEmpty)
        for id in 0..<50 { wheel.cancel(id) }
        for id in 50..<60 { wheel.schedule(id, at: at(200 * tick)) }
        wheel.schedule(100, at: at(66 * tick))
        wheel.schedule(101, at: at(0))
        #expect(wheel.nextWakeUp! <= at(68 * tick))
        #expect(Set(wheel.drain(to: at(68 * tick), limit: 10)) == Set(60...101))
        #expect(wheel.count == 10)
        #expect(wheel.drain(to: at(200 * tick)) == Array(50..<60))
    }

    @Test("cancelling all that a half-sorted slot holds leaves nothing to wake up for")
    func cancelHalfSorted() {
        var wheel = TimerWheel()
        for id in 0..<20 { wheel.schedule(id, at: at(64 * tick)) }
        var due: [Int] = []
        #expect(wheel.advance(to: at(70 * tick), limit: 5, into: &due))
        for id in 0..<20 { wheel.cancel(id) }
        #expect(wheel.nextWakeUp == nil)
        #expect(!wheel.advance(to: at(70 * tick), into: &due))
        #expect(due.isEmpty)
    }

    @Test("what is scheduled for the past fires at the next advance, and its wake-up has come")
    func past() {
        var wheel = TimerWheel()
        #expect(wheel.drain(to: at(1000 * tick)).isEmpty)
        for (id, deadline) in [Int64.min, -1, 0, 999 * tick, 1000 * tick].enumerated() {
            wheel.schedule(id, at: at(deadline))
        }
        #expect(wheel.nextWakeUp == at(1000 * tick))
        #expect(Set(wheel.drain(to: at(1000 * tick))) == Set(0..<5))
    }

    @Test("a time that runs backwards or is before boot is no time at all")
    func backwards() {
        var wheel = TimerWheel()
        #expect(wheel.drain(to: at(1000 * tick)).isEmpty)
        wheel.schedule(0, at: at(1001 * tick))
        wheel.schedule(1, at: at(10_000 * tick))
        #expect(wheel.drain(to: at(5 * tick)).isEmpty)
        #expect(wheel.drain(to: at(-1)).isEmpty)
        #expect(wheel.drain(to: .distantPast).isEmpty)
        #expect(wheel.drain(to: at(1001 * tick)) == [0])
        #expect(wheel.drain(to: at(10_000 * tick)) == [1])
    }

    @Test("an id has one timer: the last one set, and none once cancelled or fired")
    func oneTimerPerID() {
        var wheel = TimerWheel()
        wheel.cancel(7)
        wheel.cancel(-1)
        wheel.schedule(7, at: at(10 * tick))
        wheel.schedule(7, at: at(5000 * tick))
        wheel.schedule(7, at: at(20 * tick))
        #expect(wheel.count == 1)
        #expect(wheel.drain(to: at(19 * tick)).isEmpty)
        wheel.schedule(7, at: at(30 * tick))
        #expect(wheel.drain(to: at(30 * tick)) == [7])
        #expect(
            wheel.deadline(of: 7) == nil && wheel.deadline(of: -1) == nil && wheel.deadline(of: 99) == nil)
        wheel.schedule(7, at: at(40 * tick))
        wheel.cancel(7)
        wheel.cancel(7)
        #expect(wheel.count == 0 && wheel.drain(to: .distantFuture).isEmpty)
    }

    @Test("whoever reschedules what fired, from the list of what fired, is obeyed")
    func rescheduleWhatFired() {
        var wheel = TimerWheel()
        for id in 0..<10 { wheel.schedule(id, at: at(tick)) }
        for round in 1...100 as ClosedRange<Int64> {
            let fired = wheel.drain(to: at(round * tick), limit: 3)
            #expect(Set(fired) == Set(0..<10) && fired.count == 10)
            for id in fired { wheel.schedule(id, at: at((round + 1) * tick)) }
        }
    }

    @Test("one timer an hour ahead costs at most four wake-ups, one for each level it comes down")
    func wakeUpsOfOne() {
        var generator = SeededGenerator(seed: 3)
        for _ in 0..<100 {
            var wheel = TimerWheel()
            let start = Int64.random(in: 0...(1 << 50), using: &generator)
            #expect(wheel.drain(to: at(start)).isEmpty)
            let hour = at(start) + .seconds(3600)
            wheel.schedule(0, at: hour)
            let wakeUps = wheel.wakeUps(until: hour + TimerWheel.resolution)
            #expect(wheel.count == 0)
            // An hour is 2^21.7 ticks: four digits, unless a higher one turns over within it.
            #expect(wakeUps <= 8)
            if start == 0 || (start >> 44) == (hour.nanoseconds + tick) >> 44 { #expect(wakeUps <= 4) }
        }
    }

    @Test(
        "timers due within an hour cost one wake-up per slot they are in, on each level",
        arguments: [1, 100, 20_000])
    func wakeUpsOfMany(timers: Int) {
        var generator = SeededGenerator(seed: UInt64(timers))
        var wheel = TimerWheel()
        let hour: Int64 = 3_600_000_000_000
        var slots: [Set<Int64>] = [[], [], [], []]
        for id in 0..<timers {
            let deadline = Int64.random(in: 0...hour, using: &generator)
            wheel.schedule(id, at: at(deadline))
            let ticks = (deadline + tick - 1) / tick
            for level in 0..<4 { slots[level].insert(ticks >> (6 * Int64(level))) }
        }
        let wakeUps = wheel.wakeUps(until: at(hour + tick))
        #expect(wheel.count == 0)
        #expect(wakeUps >= slots[0].count)
        #expect(wakeUps <= slots.map(\.count).reduce(0, +))
    }

    @Test("with nothing due for six hours, 10,000 timers wake nobody more than once in four minutes")
    func idleHours() {
        var generator = SeededGenerator(seed: 6)
        var wheel = TimerWheel()
        let hour: Int64 = 3_600_000_000_000
        for id in 0..<10_000 {
            wheel.schedule(id, at: at(Int64.random(in: 6 * hour...12 * hour, using: &generator)))
        }
        #expect(wheel.wakeUps(until: at(6 * hour - 1)) <= 6 * 15)
        #expect(wheel.count == 10_000)
    }

    @Test("an entry is at most 32 bytes, and a wheel copied is another wheel")
    func valueSemantics() {
        var wheel = TimerWheel()
        wheel.schedule(0, at: at(tick))
        var copy = wheel
        copy.cancel(0)
        #expect(wheel.count == 1 && copy.count == 0)
        #expect(TimerWheel.entrySize <= 32)
        #expect(wheel.drain(to: at(tick)) == [0])
    }
}
