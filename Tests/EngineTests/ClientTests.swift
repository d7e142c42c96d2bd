import Schedule
import Testing
import Vocabulary
import WireProtocol

@testable import Engine

@Suite("A client's trouble")
struct ClientTests {
    private let refused = Crowd.Reply.failure(Failure(.unauthorized))
    private let down = Crowd.Reply.failure(Failure(.transient))
    private let granted = Crowd.Reply.grant(life: .seconds(3600))

    @Test(
        "C4: 401 for all accounts parks the client: one alarm, one probe in 5 minutes, nobody is logged out")
    func clientWide() {
        var crowd = Crowd(ClientRules(concurrency: 4))
        let refused = refused
        crowd.provider = { _, _ in refused }
        for number in 0..<50 { crowd.add(number, lapsesIn: .seconds(600), lifetime: .seconds(3600)) }
        crowd.pass(.seconds(60))
        // Three prove it, what was in flight beside them, and one that was not asked yet.
        #expect(crowd.exchanges.count <= 3 + 3 + 1)
        #expect(crowd.client.state == .parked && crowd.client.needs == .operator)
        #expect(crowd.client.reason == "unauthorized")
        let before = crowd.exchanges.count
        crowd.pass(.seconds(3000))
        #expect((9...11).contains(crowd.exchanges.count - before))
        #expect(crowd.notices.filter { $0 == .parked(Crowd.provider, .unauthorized) }.count == 1)
        for number in 0..<50 {
            #expect(crowd.status(number).state == .operatorNeeded && crowd.status(number).needs == .operator)
        }
        let get = crowd.get(7)
        guard case .refused(let error) = crowd.answers[get] else {
            return #expect(Bool(false), "GET is answered at once")
        }
        #expect(error.code == .operatorNeeded)

        let granted = granted
        crowd.provider = { _, _ in granted }
        crowd.pass(.seconds(301))
        crowd.pass(.seconds(60))
        #expect((0..<50).allSatisfy { crowd.status($0).state == .ok })
        #expect(crowd.client.state == .ok)
        #expect(
            crowd.notices.last == .unparked(Crowd.provider)
                || crowd.notices.contains(.unparked(Crowd.provider)))
    }

    @Test("C4: invalid_client parks at once; REFRESH and a login probe at once")
    func invalidClient() {
        var crowd = Crowd()
        crowd.provider = { _, _ in .failure(Failure(.clientConfiguration, isOfClient: true)) }
        for number in 0..<5 {
            crowd.add(number, lapsesIn: .seconds(100 * Int64(number) - 50), lifetime: .seconds(3600))
        }
        crowd.pass(.seconds(20))
        #expect(crowd.client.state == .parked)
        let parkedAfter = crowd.exchanges.count
        crowd.pass(.seconds(100))
        #expect(crowd.exchanges.count == parkedAfter)
        let granted = granted
        crowd.provider = { _, _ in granted }
        let refresh = crowd.refresh(3)
        crowd.pass(.seconds(2))
        guard case .refreshed = crowd.answers[refresh] else {
            return #expect(Bool(false), "REFRESH did not probe")
        }
        crowd.pass(.seconds(10))
        #expect(crowd.client.state == .ok && (0..<5).allSatisfy { crowd.status($0).state == .ok })
    }

    @Test("C4: one account's 401 stays undecided until a sibling is granted; the next one is its own")
    func oneAccount() {
        var crowd = Crowd()
        let (refused, granted) = (refused, granted)
        crowd.provider = { name, _ in name == Crowd.name(0) ? refused : granted }
        crowd.add(0, lapsesIn: .seconds(700), lifetime: .seconds(3600))
        crowd.add(1, lapsesIn: .seconds(1100), lifetime: .seconds(3600))
        crowd.add(2, lapsesIn: .seconds(3600))
        crowd.pass(.seconds(5))
        #expect(crowd.status(0).state == .retrying && crowd.status(0).needs == .time)
        crowd.pass(.seconds(600))
        #expect(!crowd.calls(of: 1).isEmpty)
        #expect(crowd.status(0).state == .loginNeeded)
        #expect(crowd.client.state == .ok)
        #expect(!crowd.notices.contains(.parked(Crowd.provider, .unauthorized)))
    }

    @Test("C4: three dead accounts in a row do not hold up the well ones")
    func threeDead() {
        var crowd = Crowd()
        let (refused, granted) = (refused, granted)
        crowd.provider = { name, _ in [0, 1, 2].map(Crowd.name).contains(name) ? refused : granted }
        for number in 0..<3 {
            crowd.add(number, lapsesIn: .seconds(10 + Int64(number)), lifetime: .seconds(600))
        }
        for number in 3..<10 { crowd.add(number, lapsesIn: .seconds(150), lifetime: .seconds(600)) }
        crowd.pass(.seconds(140))
        #expect(
            (3..<10).allSatisfy { crowd.status($0).state == .ok }, "the first witness proves the client well")
        #expect(crowd.lapses.isEmpty)
        crowd.pass(.seconds(60))
        #expect((0..<3).allSatisfy { crowd.status($0).state == .loginNeeded })
        #expect(crowd.client.state == .ok)
    }

    @Test("C6: a 429 pauses the client, not the account; one probe at most goes out before the named reset")
    func pause() {
        var crowd = Crowd(ClientRules(budget: Rate("10/s"), concurrency: 1))
        let (start, granted) = (crowd.now.boot, granted)
        crowd.provider = { _, now in
            now < start + .seconds(60)
                ? .failure(Failure(.rateLimited, retryAfter: start + .seconds(60) - now)) : granted
        }
        for number in 0..<30 { crowd.add(number, lapsesIn: .seconds(-1), lifetime: .seconds(3600)) }
        crowd.pass(.seconds(59))
        #expect(crowd.exchanges.count == 1)
        #expect(
            crowd.client.state == .paused && crowd.client.nextAttemptAt == crowd.now.wall.epochSeconds + 1)
        let refresh = crowd.refresh(5)
        let second = crowd.refresh(6)
        crowd.pass(.milliseconds(500))
        #expect(crowd.exchanges.count == 2)
        #expect(
            crowd.answers[refresh] != nil && crowd.answers[second] == nil, "the other one waits for the reset"
        )
        crowd.pass(.seconds(20))
        #expect((0..<30).allSatisfy { crowd.status($0).state == .ok })
        #expect(crowd.most(in: .seconds(1)) <= 20 && crowd.most(in: .seconds(10)) <= 110)
    }

    @Test(
        "T8: a provider that is down is probed, not stormed; all is well within a minute of its return; two events"
    )
    func outage() {
        var crowd = Crowd()
        let (start, down, granted) = (crowd.now.boot, down, granted)
        let end = start + .seconds(7200)
        crowd.provider = { _, now in now < end ? down : granted }
        for number in 0..<2000 {
            crowd.add(number, lapsesIn: .seconds(Int64(number)), lifetime: .seconds(3600))
        }
        crowd.pass(.seconds(60))
        #expect(crowd.client.state == .failing)
        let before = crowd.exchanges.count
        #expect(before <= 64 + 40)
        crowd.pass(.seconds(7200 - 60))
        #expect(crowd.exchanges.count - before <= 7200 / 30 + 10, "a probe each 30 s")
        #expect(crowd.notices.filter { if case .providerFailing = $0 { true } else { false } }.count == 1)
        crowd.pass(.seconds(60))
        #expect((0..<2000).allSatisfy { crowd.status($0).state == .ok })
        #expect(crowd.notices.filter { if case .providerRecovered = $0 { true } else { false } }.count == 1)
    }

    @Test(
        "T8: whoever is waited for comes first when the provider is back; a wait that would end before is told so"
    )
    func waitersFirst() {
        var crowd = Crowd(ClientRules(budget: Rate("1/s")))
        let (down, granted) = (down, granted)
        crowd.provider = { _, _ in down }
        for number in 0..<300 { crowd.add(number, lapsesIn: .seconds(-10), lifetime: .seconds(3600)) }
        crowd.pass(.seconds(300))
        #expect(crowd.client.state == .failing)
        let impatient = crowd.get(250, wait: 1)
        let patient = crowd.get(251, wait: 60)
        crowd.pass(.milliseconds(10))
        if case .refused(let error) = crowd.answers[impatient] { #expect(error.code == .tryAgain) }
        crowd.provider = { _, _ in granted }
        crowd.pass(.seconds(45))
        #expect(crowd.answers[patient] == .token(Crowd.name(251)))
    }

    @Test(
        "C8: whatever the error, at most ten attempts of an account in a minute, REFRESH or not",
        arguments: [
            Reason.transient, .rateLimited, .unauthorized, .clientConfiguration, .tls, .malformedAnswer,
            .inDoubt,
            .reauthorizationRequired,
        ])
    func hammered(reason: Reason) {
        var crowd = Crowd(ClientRules(budget: Rate("5/s"), replay: .always))
        crowd.latency = .milliseconds(1)
        crowd.provider = { _, _ in .failure(Failure(reason)) }
        for number in 0..<5 { crowd.add(number, lapsesIn: .seconds(60), lifetime: .seconds(3600)) }
        for _ in 0..<600 {
            _ = crowd.refresh(0)
            crowd.pass(.milliseconds(500))
        }
        for number in 0..<5 {
            let calls = crowd.calls(of: number)
            for (first, call) in calls.enumerated() {
                let inMinute = calls[first...].prefix { $0 < call + .seconds(60) }.count
                #expect(inMinute <= 10, "\(reason): account \(number)")
            }
        }
        #expect(crowd.most(in: .seconds(60)) <= 300 + 5)
        #expect(!crowd.calls(of: 0).isEmpty)
    }

    @Test(
        "C7: a 500, or a 200 that grants nothing, for ever after the token has lapsed, while siblings are granted, ends as login-needed; REFRESH still tries",
        arguments: [Reason.transient, .malformedAnswer])
    func deadBehind500(reason: Reason) {
        var crowd = Crowd()
        let (down, granted) = (Crowd.Reply.failure(Failure(reason)), Crowd.Reply.grant(life: .seconds(600)))
        crowd.provider = { name, _ in name == Crowd.name(0) ? down : granted }
        for number in 0..<10 { crowd.add(number, lapsesIn: .seconds(600)) }
        crowd.pass(.seconds(1200))
        let troubled: [AccountState] = reason == .transient ? [.expired, .retrying] : [.inDoubt]
        #expect(troubled.contains(crowd.status(0).state))
        crowd.pass(.seconds(3600))
        #expect(crowd.status(0).state == .loginNeeded)
        let calls = crowd.calls(of: 0).count
        #expect(calls < 40)
        crowd.pass(.seconds(5 * 3600))
        #expect(
            (4...6).contains(crowd.calls(of: 0).count - calls),
            "seldom, for the provider has not said that it is dead")
        #expect(crowd.status(0).state == .loginNeeded)
        crowd.provider = { _, _ in granted }
        _ = crowd.refresh(0)
        crowd.pass(.seconds(10))
        #expect(crowd.status(0).state == .ok)
    }

    @Test("retries are a tenth of the requests, or one a second, where a third fails")
    func retryShare() {
        final class Tally {
            var failed: Set<AccountName> = []
            var (retries, requests) = (0, 0)
            var random = SplitMix64(seed: 3)
        }
        let tally = Tally()
        let lifetime = Duration.seconds(60)
        var crowd = Crowd()
        crowd.provider = { name, _ in
            tally.requests += 1
            if tally.failed.remove(name) != nil { tally.retries += 1 }
            guard Int.random(in: 0..<3, using: &tally.random) == 0 else { return .grant(life: lifetime) }
            tally.failed.insert(name)
            return .failure(Failure(.transient))
        }
        for number in 0..<1000 {
            crowd.add(number, lapsesIn: .milliseconds(60_000 + 60 * number), lifetime: lifetime)
        }
        crowd.pass(.seconds(180))
        #expect(tally.requests > 3000 && tally.retries > 100)
        #expect(
            Double(tally.retries) <= Double(tally.requests) * 0.11, "\(tally.retries) of \(tally.requests)")
    }
}
