import Schedule
import Testing
import Vocabulary
import WireProtocol

@testable import Engine

@Suite("Planning ahead")
struct PlanningTests {
    @Test("T7: accounts that lapse together begin early enough for their budget; without planning many lapse")
    func lockstep() {
        func run(plansAhead: Bool) -> Crowd {
            var rules = ClientRules(budget: Rate("60/min"))
            rules.plansAhead = plansAhead
            var crowd = Crowd(rules)
            crowd.provider = { _, _ in .grant(life: .seconds(3600)) }
            // A tenth of T7: 1,000 accounts of an hour at one a second need 17 of their 60 minutes.
            for number in 0..<1500 { crowd.add(number, lapsesIn: .seconds(3600)) }
            crowd.pass(.seconds(3700))
            return crowd
        }
        let planned = run(plansAhead: true)
        #expect(planned.lapses.isEmpty)
        #expect(planned.most(in: .seconds(1)) <= 2 && planned.most(in: .seconds(10)) <= 11)
        let start = Crowd().now.boot
        #expect(planned.exchanges[0].at >= start + .seconds(1790), "not before half the lifetime")
        #expect(!run(plansAhead: false).lapses.isEmpty)
    }

    @Test(
        "starts before half the lifetime, or the provider's not_earlier_than, only where accounts would lapse otherwise"
    )
    func levels() {
        func first(_ accounts: Int, notEarlierThan: Duration? = nil) -> (Duration, lapses: Int) {
            var crowd = Crowd(ClientRules(budget: Rate("60/min"), notEarlierThan: notEarlierThan))
            for number in 0..<accounts { crowd.add(number, lapsesIn: .seconds(3600)) }
            let start = crowd.now.boot
            crowd.pass(.seconds(3650))
            return (crowd.exchanges[0].at - start, crowd.lapses.count)
        }
        let half = first(1600)
        #expect(half.0 >= .seconds(1790) && half.lapses == 0)
        let earlier = first(2500)
        #expect(earlier.0 < .seconds(1100) && earlier.0 > .seconds(800), "\(earlier)")
        #expect(earlier.lapses == 0)
        let late = first(500, notEarlierThan: .seconds(1200))
        #expect(late.0 >= .seconds(2390) && late.lapses == 0)
    }

    @Test("T7: the next cycle is no longer in lockstep")
    func nextCycle() {
        var crowd = Crowd(ClientRules(budget: Rate("60/min")))
        for number in 0..<1500 { crowd.add(number, lapsesIn: .seconds(3600)) }
        crowd.pass(.seconds(3600))
        let done = crowd.exchanges.count
        #expect(done == 1500)
        crowd.pass(.seconds(3600))
        var perMinute: [Int64: Int] = [:]
        for exchange in crowd.exchanges[done...] {
            perMinute[exchange.at.nanoseconds / 60_000_000_000, default: 0] += 1
        }
        let minutes = perMinute.sorted { $0.key < $1.key }.map(\.value).dropFirst().dropLast()
        let mean = Double(minutes.reduce(0, +)) / Double(minutes.count)
        #expect(Double(minutes.max()!) / mean <= 1.25, "\(minutes)")
        #expect(crowd.lapses.isEmpty)
    }

    @Test(
        "where no schedule keeps all fresh, those asked for do not lapse, the rest gets what is left, and it is said once"
    )
    func overload() {
        let asked = Set((0..<100).map(Crowd.name))
        var crowd = Crowd(ClientRules(budget: Rate("20/min")), asked: asked)
        // 2,000 of an hour want 2,034 an hour; 20 a minute give 1,200.
        for number in 0..<2000 {
            crowd.add(number, lapsesIn: .seconds(1000 + Int64(number)), lifetime: .seconds(3600))
        }
        crowd.pass(.seconds(6 * 3600))
        #expect(crowd.lapses.filter { asked.contains($0) }.isEmpty)
        let told = crowd.notices.compactMap { notice -> (Int64, Int64)? in
            if case .overloaded(_, 2000, let demand, let budget) = notice { (demand, budget) } else { nil }
        }
        #expect(told.map(\.0) == [2034] && told.map(\.1) == [1200])
        #expect(
            crowd.client.state == .overloaded && !crowd.client.meetsDeadlines
                && crowd.client.needs == .operator)
        let everybody = Set(crowd.exchanges.map(\.name))
        #expect(everybody.count == 2000, "no refresh token dies of idleness")
        let get = crowd.get(1999)
        crowd.pass(.seconds(10))
        #expect(crowd.answers[get] == .token(Crowd.name(1999)), "who asks gets one")
    }

    @Test("the status tells whether every deadline can be met, and the first that cannot")
    func forecast() {
        var crowd = Crowd(ClientRules(budget: Rate("60/min")))
        for number in 0..<100 { crowd.add(number, lapsesIn: .seconds(1000), lifetime: .seconds(3600)) }
        #expect(crowd.client.meetsDeadlines && crowd.client.firstMissedAt == nil)
        #expect(crowd.client.budget == "60/min" && crowd.client.requestsPerHour == 3600)
        #expect(crowd.client.accounts == 100 && crowd.client.demandPerHour == 102)
        for number in 100..<2000 { crowd.add(number, lapsesIn: .seconds(1000), lifetime: .seconds(3600)) }
        #expect(!crowd.client.meetsDeadlines)
        let missed = crowd.client.firstMissedAt! - crowd.now.wall.epochSeconds
        #expect((900...1000).contains(missed))
    }

    @Test("T9: a restart refreshes nothing that is valid, and what has lapsed at no more than the budget")
    func restart() {
        var valid = Crowd(ClientRules(budget: Rate("10/s")))
        for number in 0..<1000 { valid.add(number, lapsesIn: .seconds(3000), lifetime: .seconds(3600)) }
        valid.pass(.seconds(60))
        #expect(valid.exchanges.isEmpty)
        var lapsed = Crowd(ClientRules(budget: Rate("10/s")))
        for number in 0..<1000 { lapsed.add(number, lapsesIn: .seconds(-1), lifetime: .seconds(3600)) }
        lapsed.pass(.seconds(1))
        #expect((10...20).contains(lapsed.exchanges.count))
        lapsed.pass(.seconds(120))
        #expect(lapsed.exchanges.count == 1000 && lapsed.most(in: .seconds(10)) <= 110)
    }

    @Test("T11: a hundred thousand accounts with nothing due wake the engine not once in a minute")
    func idle() {
        var crowd = Crowd(ClientRules(budget: Rate("100/s")))
        for number in 0..<20_000 { crowd.add(number, lapsesIn: .seconds(86_400)) }
        crowd.pass(.seconds(1))
        let wakeUp = crowd.fleet.nextWakeUp!
        #expect(wakeUp > crowd.now.boot + .seconds(60))
    }
}
