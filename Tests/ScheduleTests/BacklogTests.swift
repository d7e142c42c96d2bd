// Decides that the planned start is late enough to waste nothing and early enough to miss nothing, against plain earliest
// deadline first over single accounts.

import Testing
import Vocabulary

@testable import Schedule

@Suite("A backlog")
struct BacklogTests {
    private let now = BootTime(nanoseconds: 1_000_000_000_000_000)

    @Test("T7: ten thousand that lapse together need 167 minutes at one a second")
    func lockstep() {
        var backlog = Backlog()
        let deadline = now + .seconds(6 * 3600 - 60)
        for id in 0..<10_000 { backlog.insert(id, TimeSlot(deadline, lifetime: .seconds(6 * 3600))) }
        let start = backlog.latestStart(interval: .seconds(1))
        let late = deadline - .seconds(10_000) - start
        #expect(late >= .zero && late < .seconds(6 * 3600) / 64, "too early by a slot at most: \(late)")
    }

    @Test(
        "begins for the last deadline no earlier than the accounts before it need, whatever their order",
        arguments: 0..<40)
    func latest(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let lifetime = Duration.seconds(Int64.random(in: 10...100_000, using: &random))
        let interval = Duration.nanoseconds(
            lifetime.nanoseconds / Int64.random(in: 50...5000, using: &random))
        var backlog = Backlog()
        var slots: [TimeSlot] = []
        for id in 0..<Int.random(in: 1...3000, using: &random) {
            let deadline = now + .nanoseconds(Int64.random(in: 0...lifetime.nanoseconds, using: &random))
            slots.append(TimeSlot(deadline, lifetime: lifetime))
            backlog.insert(id, slots[id])
        }
        for id in slots.indices.reversed() where Bool.random(using: &random) {
            backlog.remove(slots.remove(at: id))
        }
        // One account at a time, earliest deadline first.
        var start = BootTime.distantFuture
        for slot in slots.sorted(by: { $0.start > $1.start }) { start = min(start, slot.start) - interval }
        #expect(backlog.latestStart(interval: interval) == start)
        #expect(backlog.count == slots.count)
        guard !slots.isEmpty else { return }
        #expect(backlog.firstMissed(interval: interval, from: start) == nil)
        #expect(backlog.firstMissed(interval: interval, from: start + lifetime) != nil)
    }

    @Test("names an account of the earliest deadline, and forgets those that have left")
    func candidates() {
        var backlog = Backlog()
        let soon = TimeSlot(now + .seconds(60), lifetime: .seconds(3600))
        let late = TimeSlot(now + .seconds(3000), lifetime: .seconds(3600))
        backlog.insert(1, late)
        backlog.insert(2, soon)
        backlog.insert(3, soon)
        backlog.remove(soon)
        #expect(backlog.candidate()?.id == 3)
        backlog.discardCandidate(of: soon)
        #expect(backlog.candidate()?.id == 2)
        backlog.remove(soon)
        #expect(backlog.candidate()?.id == 1)
        #expect(backlog.latestStart(interval: .seconds(1)) == late.start - .seconds(1))
        backlog.remove(late)
        #expect(backlog.candidate() == nil && backlog.latestStart(interval: .seconds(1)) == .distantFuture)
    }

    @Test(
        "slots are between a 64th and a 128th of the lifetime, down to a millisecond",
        arguments: [1_000_000, 10_000_000_000, 3_600_000_000_000, 21_600_000_000_000, 31_536_000_000_000_000]
            as [Int64])
    func slots(lifetime: Int64) {
        let slot = TimeSlot(now, lifetime: .nanoseconds(lifetime))
        #expect(slot.start <= now && now < slot.end)
        let length = slot.length.nanoseconds
        #expect(length == 1 << 20 || (length <= lifetime / 64 && length > lifetime / 128))
    }

    @Test("a lifetime of nothing, or less, or more than there is makes a slot too")
    func oddLifetimes() {
        for lifetime in [Duration.zero, .seconds(-5), .seconds(1 << 40)] {
            let slot = TimeSlot(.distantFuture, lifetime: lifetime)
            #expect(slot.start <= .distantFuture)
        }
    }
}

@Suite("An agenda")
struct AgendaTests {
    private let now = BootTime(nanoseconds: 1_000_000_000_000_000)
    private let lifetime = Duration.seconds(6 * 3600)

    /// The refreshes of `count` accounts that were refreshed `apart` from each other, each placed as the engine does.
    private func place(_ count: Int, apart: Duration) -> [BootTime] {
        var agenda = Agenda(seed: 7)
        var random = SeededGenerator(seed: 9)
        let margin = RefreshPolicy.margin(lifetime: lifetime)
        for _ in 0..<count { agenda.join(lifetime: lifetime) }
        return (0..<count).map { number in
            let refreshed = now + apart * number
            let expiry = refreshed + lifetime
            let wish = RefreshPolicy.due(expiry: expiry, lifetime: lifetime, using: &random)
            return agenda.place(
                wish, refreshed, earliest: expiry - lifetime / 2, natural: expiry - margin - margin / 2,
                latest: expiry - margin,
                lifetime: lifetime, cycle: lifetime - margin - margin / 4
            ).at
        }
    }

    @Test("T7: the cycle after a wave is level: no minute has more than 1.2 times the mean")
    func level() {
        let times = place(10_000, apart: .seconds(1))
        var perMinute: [Int64: Int] = [:]
        for time in times { perMinute[time.nanoseconds / 60_000_000_000, default: 0] += 1 }
        let minutes = perMinute.keys.max()! - perMinute.keys.min()! + 1
        let mean = Double(times.count) / Double(minutes)
        #expect(
            Double(perMinute.values.max()!) / mean <= 1.2,
            "\(perMinute.values.max()!) at most, \(mean) in the mean")
    }

    @Test("nobody is refreshed before half its life, nor after its margin has begun")
    func bounds() {
        for (number, time) in place(10_000, apart: .milliseconds(1)).enumerated() {
            let refreshed = now + .milliseconds(number)
            #expect(time >= refreshed + lifetime / 2)
            #expect(time <= refreshed + lifetime - RefreshPolicy.margin(lifetime: lifetime))
        }
    }

    @Test("a few accounts are refreshed when they would be anyway")
    func few() {
        let margin = RefreshPolicy.margin(lifetime: lifetime)
        for time in place(4, apart: .zero) {
            #expect(time >= now + lifetime - margin - margin / 2 - .seconds(275))
        }
    }
}
