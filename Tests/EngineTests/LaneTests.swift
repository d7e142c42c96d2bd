import Schedule
import Testing
import Vocabulary

@testable import Engine

@Suite("A lane's order")
struct LaneTests {
    private let now = BootTime(nanoseconds: 1_000_000_000_000)

    private func due(
        _ urgency: Lane.Urgency, lapsesIn left: Duration, isRetry: Bool = false, isStale: Bool = false
    ) -> Lane.Due {
        Lane.Due(
            urgency: urgency, expiry: now + left, mandatoryFrom: now + left - .seconds(60), isRetry: isRetry,
            isStale: isStale)
    }

    /// Everything, in the order in which it is refreshed.
    private func drain(_ lane: Lane, mayRetry: Bool = true) -> [Int] {
        var lane = lane
        var order: [Int] = []
        while let next = lane.next(now, mayRetry: mayRetry) { order.append(next.index) }
        return order
    }

    @Test("replays, waited-on, about to lapse, by expiry, lapsed and unattended, failing for an hour")
    func ranks() {
        var lane = Lane()
        lane.enqueue(7, due(.planned, lapsesIn: .seconds(-5000), isRetry: true, isStale: true))
        lane.enqueue(6, due(.planned, lapsesIn: .seconds(-1)))
        lane.enqueue(4, due(.planned, lapsesIn: .seconds(900)))
        lane.enqueue(3, due(.planned, lapsesIn: .seconds(30)))
        lane.enqueue(2, due(.waitedFor, lapsesIn: .seconds(40)))
        lane.enqueue(1, due(.waitedFor, lapsesIn: .seconds(-100)))
        lane.enqueue(0, due(.replay, lapsesIn: .seconds(3000)))
        lane.enqueue(5, due(.waitedFor, lapsesIn: .seconds(1000)))
        // The fifth is an unattended one, for its share: 3 has its turn anyway.
        #expect(drain(lane) == [0, 1, 2, 3, 4, 5, 6, 7])
    }

    @Test("waiters without end leave a fifth to the unattended, and a twentieth to what has lapsed")
    func shares() {
        var lane = Lane()
        for index in 0..<1000 { lane.enqueue(index, due(.waitedFor, lapsesIn: .seconds(-1))) }
        for index in 1000..<1300 { lane.enqueue(index, due(.planned, lapsesIn: .seconds(900))) }
        for index in 2000..<2300 { lane.enqueue(index, due(.planned, lapsesIn: .seconds(-900))) }
        let first = drain(lane).prefix(400)
        #expect(first.count { $0 < 1000 } == 320)
        #expect(first.count { (1000..<2000).contains($0) } == 60)
        #expect(first.count { $0 >= 2000 } == 20)
    }

    @Test("what nobody has asked for comes behind what somebody has, even if it lapses sooner")
    func idle() {
        var lane = Lane()
        for index in 0..<10 { lane.enqueue(index, due(.idle, lapsesIn: .seconds(60))) }
        for index in 10..<14 { lane.enqueue(index, due(.planned, lapsesIn: .seconds(600 + Int64(index)))) }
        #expect(drain(lane).prefix(4) == [10, 11, 12, 13])
    }

    @Test("retries wait while none is allowed, and hold nobody up")
    func retries() {
        var lane = Lane()
        lane.enqueue(1, due(.waitedFor, lapsesIn: .seconds(-1), isRetry: true))
        lane.enqueue(2, due(.planned, lapsesIn: .seconds(900)))
        #expect(drain(lane, mayRetry: false) == [2])
        let retry = lane.next(now, mayRetry: true)
        #expect(retry == .init(index: 1, isRetry: true))
        let hasFresh = lane.hasFresh()
        #expect(hasFresh)
    }

    @Test("what lapses in the queue gives way to what may still be in time, and a waiter brings it back")
    func lapsing() {
        var lane = Lane()
        lane.enqueue(1, due(.planned, lapsesIn: .seconds(10)))
        lane.enqueue(2, due(.planned, lapsesIn: .seconds(900)))
        lane.enqueue(3, due(.planned, lapsesIn: .seconds(20)))
        let later = now + .seconds(30)
        var waited = lane
        let first = lane.next(later, mayRetry: true)
        #expect(first?.index == 2)
        waited.enqueue(3, due(.waitedFor, lapsesIn: .seconds(20)))
        let second = waited.next(later, mayRetry: true)
        #expect(second?.index == 3)
        #expect(waited.count == 2)
    }

    @Test("an account is queued once, wherever it was moved to, and not at all once withdrawn")
    func once() {
        var lane = Lane()
        lane.enqueue(1, due(.planned, lapsesIn: .seconds(900)))
        lane.enqueue(1, due(.waitedFor, lapsesIn: .seconds(900)))
        lane.enqueue(1, due(.replay, lapsesIn: .seconds(900)))
        lane.enqueue(1, due(.planned, lapsesIn: .seconds(1)))
        lane.enqueue(2, due(.planned, lapsesIn: .seconds(1)))
        lane.withdraw(2)
        #expect(lane.count == 1)
        #expect(drain(lane) == [1])
    }
}
