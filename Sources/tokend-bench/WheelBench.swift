// Decides how the timer wheel is measured: next to the best heap at hand, with the same work for both.

import ArgumentParser
import Glibc
import HeapModule
import Schedule
import Vocabulary

struct WheelBench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wheel", abstract: "The timer wheel next to swift-collections' Heap.")

    @Option(help: "How many timers.")
    var entries = 1_000_000

    /// A heap has no handles: what is moved or cancelled stays in it as a void entry.
    private struct Timer: Comparable {
        let deadline: BootTime
        let id: Int
        let stamp: UInt32

        static func < (left: Self, right: Self) -> Bool { left.deadline < right.deadline }
    }

    private struct LazyHeap {
        var heap = Heap<Timer>()
        var stamps: [UInt32]
        private var lastStamp: UInt32 = 0

        init(_ count: Int) { stamps = Array(repeating: 0, count: count) }

        mutating func schedule(_ id: Int, at deadline: BootTime) {
            lastStamp += 1
            stamps[id] = lastStamp
            heap.insert(Timer(deadline: deadline, id: id, stamp: lastStamp))
        }

        mutating func cancel(_ id: Int) { stamps[id] = 0 }

        mutating func advance(to now: BootTime, into due: inout [Int]) {
            while let timer = heap.min, timer.deadline <= now {
                heap.removeMin()
                guard stamps[timer.id] == timer.stamp else { continue }
                stamps[timer.id] = 0
                due.append(timer.id)
            }
        }
    }

    func run() {
        var random = SystemRandomNumberGenerator()
        let hour: Int64 = 3_600_000_000_000
        let deadlines = (0..<entries).map { _ in
            BootTime(nanoseconds: Int64.random(in: 0..<hour, using: &random))
        }
        let moved = deadlines.shuffled()
        let order = Array(0..<entries).shuffled()

        var wheel = TimerWheel()
        wheel.reserveCapacity(entries)
        var heap = LazyHeap(entries)
        print("\(entries) timers, ns each     wheel     heap")
        report(
            "insert", measure { for id in order { wheel.schedule(id, at: deadlines[id]) } },
            measure { for id in order { heap.schedule(id, at: deadlines[id]) } })
        report(
            "reschedule", measure { for id in order { wheel.schedule(id, at: moved[id]) } },
            measure { for id in order { heap.schedule(id, at: moved[id]) } })
        let half = order.prefix(entries / 2)
        report(
            "cancel", measure { for id in half { wheel.cancel(id) } } * 2,
            measure { for id in half { heap.cancel(id) } } * 2)
        var fired: [Int] = []
        fired.reserveCapacity(entries)
        var turns: [Duration] = []
        var now = BootTime(nanoseconds: 0)
        let wheelTime = measure {
            // As the daemon turns it: from one occupied slot to the next, 2,000 entries a turn at most.
            while let next = wheel.nextWakeUp {
                now = max(now, next)
                let clock = ContinuousClock.now
                _ = wheel.advance(to: now, into: &fired)
                turns.append(ContinuousClock.now - clock)
            }
        }
        let firedByWheel = fired.count
        fired.removeAll(keepingCapacity: true)
        let heapTime = measure { heap.advance(to: BootTime(nanoseconds: hour), into: &fired) }
        report(
            "fire", wheelTime * (Double(entries) / Double(firedByWheel)),
            heapTime * (Double(entries) / Double(max(1, fired.count))))

        var jump = TimerWheel()
        for id in order { jump.schedule(id, at: deadlines[id]) }
        var jumpTurns: [Duration] = []
        var hasMore = true
        while hasMore {
            let clock = ContinuousClock.now
            hasMore = jump.advance(to: BootTime(nanoseconds: hour), into: &fired)
            jumpTurns.append(ContinuousClock.now - clock)
        }
        print(
            """
            bytes an entry              \(TimerWheel.entrySize)     \(MemoryLayout<Timer>.stride) and 4 for the stamp
            worst turn                  \(milliseconds(turns.max()!)) ms of \(turns.count), p99.9 \(milliseconds(turns.sorted()[turns.count * 999 / 1000])) ms
            a jump over all of them     \(jumpTurns.count) turns, the worst \(milliseconds(jumpTurns.max()!)) ms
            """)
    }

    private func measure(_ body: () -> Void) -> Double {
        let start = ContinuousClock.now
        body()
        return Double((ContinuousClock.now - start).nanoseconds) / Double(entries)
    }

    private func report(_ name: String, _ wheel: Double, _ heap: Double) {
        func pad(_ text: String, _ width: Int) -> String {
            String(repeating: " ", count: max(0, width - text.count)) + text
        }
        print(name + pad("\(Int(wheel))", 33 - name.count) + pad("\(Int(heap))", 9))
    }

    private func milliseconds(_ duration: Duration) -> Double {
        (Double(duration.nanoseconds) / 1e4).rounded() / 100
    }
}
