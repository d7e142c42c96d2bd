// Decides what the engine is judged by, at each step of a refresh: whether it may begin, whether it may present what it
// presents, and what it makes readers see.

import DequeModule
import Engine
import Schedule
import Vocabulary

extension Simulation {
    /// An attempt gets its slot.
    mutating func begun(_ index: Int) {
        let account = accounts[index]
        let client = account.client
        clients[client].slots += 1
        let due = max(0, latestPlan(account))
        // A tick of the wheel.
        let tolerance = TimerWheel.resolution.nanoseconds
        if account.failures == 0, account.isAlive, now > due + tolerance, !clients[client].hasExcuse(now) {
            note(.punctual, "\(name(index)) \(Duration.nanoseconds(now - due).inWords) late")
        }
    }

    /// When a refresh is planned at the latest.
    func latestPlan(_ account: VirtualAccount) -> Int64 {
        account.expiry - RefreshPolicy.margin(lifetime: .nanoseconds(account.lifetime)).nanoseconds
    }

    /// A request leaves.
    mutating func exchange(_ operation: Operation, _ index: Int, _ generation: Generation) {
        let client = accounts[index].client
        let stored = Generation(accounts[index].generation)
        guard stored == generation else {
            clients[client].slots -= 1
            return fleet.overtaken(operation, by: stored, moment, &actions)
        }
        if sabotage == .losesOperations, operation.number % 50 == 0 { return }
        for _ in 0..<(sabotage == .sendsTwice ? 2 : 1) { send(index) }
        let isLateReplay = checkReplay(index)
        let reply = clients[client].provider.respond(to: &accounts[index], now, using: &random)
        // One that was surely turned away unused does not count.
        if isLateReplay, case .failed(let failure) = reply.content, failure.reason.leavesDoubt {
            accounts[index].lastLateReplay = now
        }
        let delay = sabotage == .answersTooLate ? accounts[index].lifetime + reply.delay : reply.delay
        arrive(
            .answer(operation, account: Int32(index), sentAt: now, reply.content, reply.allowance),
            at: now + delay)
    }

    private mutating func send(_ index: Int) {
        let account = accounts[index]
        let client = account.client
        if let excess = clients[client].sent(now) {
            note(.budget, "\(situation.clients[client].name): \(excess)")
        }
        if clients[client].inFlight > clients[client].rules.concurrency {
            note(.bounded, "\(situation.clients[client].name): \(clients[client].inFlight)")
        }
        let gap = now - account.lastSent
        if gap < 1_000_000_000 { note(.spaced, "\(name(index)) after \(gap / 1_000_000) ms") }
        clients[client].lastSent = now
        accounts[index].lastSent = now
    }

    /// A token that was used up comes back outside its window: once, when nothing is left to serve or as late as possible,
    /// then every five minutes at most.
    /// - Returns: whether it is one.
    private mutating func checkReplay(_ index: Int) -> Bool {
        let account = accounts[index]
        let policy = situation.clients[account.client].rules.replay
        guard policy != .always, account.stored < account.live, !account.isRevoked else { return false }
        if case .within(let window) = policy, now - account.rotatedAt <= window.nanoseconds { return false }
        if !account.isUnheard { note(.reused, "\(name(index)), though its successor was answered") }
        let late = ReplayPlan.lateAt(
            expiry: moment(account.expiry).boot, lifetime: .nanoseconds(account.lifetime))
        if moment.boot < late {
            note(.reused, "\(name(index)) \((late - moment.boot).inWords) before it had to be")
        }
        if now - account.lastLateReplay < 300_000_000_000 { note(.reused, "\(name(index)) again too soon") }
        return true
    }

    /// An answer arrives, or that there will be none.
    mutating func answered(
        _ operation: Operation, _ index: Int, sentAt: Int64, _ content: VirtualProvider.Reply.Content,
        _ allowance: Allowance?
    ) {
        let client = accounts[index].client
        clients[client].inFlight -= sabotage == .sendsTwice ? 2 : 1
        clients[client].slots -= 1
        switch content {
        case .granted(let token):
            let account = accounts[index]
            let expiry = sentAt + account.lifetime
            cargo[operation] = Cargo(account: index, token: token, expiry: expiry, isLogin: false)
            let facts = facts(account, expiry: expiry)
            fleet.answered(operation, .success(facts), allowance: allowance, moment, &actions)
        case .failed(let failure):
            failed(index, failure)
            fleet.answered(operation, .failure(failure), allowance: allowance, moment, &actions)
        }
    }

    private mutating func failed(_ index: Int, _ failure: Failure) {
        let client = accounts[index].client
        clients[client].tally.failed(at: now)
        accounts[index].failures += 1
        // What one user did says nothing of the client.
        if failure.reason.need != .user { clients[client].lastFailure = now }
        for _ in 0..<(sabotage == .hammers ? 11 : 1) { count(failureOf: index) }
        if failure.reason.need == .user, !accounts[index].isUnheard, !accounts[index].isWithdrawn {
            note(.kept, "\(name(index))")
        }
    }

    private mutating func count(failureOf index: Int) {
        var times = failureTimes[index] ?? []
        if times.count == 10, now - times.removeFirst() < 60_000_000_000 { note(.attempts, "\(name(index))") }
        times.append(now)
        failureTimes[index] = times
    }

    /// Readers see another token.
    mutating func published(_ operation: Operation) {
        guard let cargo = cargo[operation] else { return note(.served, "a token that nobody granted") }
        let account = accounts[cargo.account]
        let client = account.client
        if cargo.expiry <= now { note(.served, "\(name(cargo.account)) is published lapsed") }
        checkLapse(cargo.account, at: now)
        clients[client].tally.replaced(due: latestPlan(account), expiry: account.expiry, at: now)
        if !cargo.isLogin { clients[client].tally.refreshed(at: now) }
        clients[client].longestGap = max(clients[client].longestGap, now - account.lastGrant)
        accounts[cargo.account].expiry = cargo.expiry
        accounts[cargo.account].lastGrant = now
        accounts[cargo.account].failures = 0
        if account.failures > 0 { failureTimes[cargo.account] = nil }
    }

    /// An account whose token lapsed before `time` needs a cause for it: a failure of its own, trouble of its client while the
    /// token lived, or a budget that nobody could keep to.
    mutating func checkLapse(_ index: Int, at time: Int64) {
        let account = accounts[index]
        guard account.expiry < time, account.expiry > 0 else { return }
        let client = clients[account.client]
        let since = account.expiry - account.lifetime - VirtualClient.troubleLasts
        guard account.failures == 0, account.isAlive, client.suffices, client.lastFailure < since else {
            return
        }
        note(.caused, "\(name(index)) for \(Duration.nanoseconds(time - account.expiry).inWords)")
    }

    // MARK: Logins

    /// The daemon has given the grant up: its user logs in again after a while.
    mutating func rejected(_ index: Int) {
        if accounts[index].isAlive {
            note(.kept, "\(name(index)) is given up although its grant is good")
        }
        guard !accounts[index].awaitsLogin else { return }
        accounts[index].awaitsLogin = true
        arrive(.login(account: Int32(index)), at: now + situation.loginDelay.nanoseconds)
    }

    mutating func logIn(_ index: Int) {
        accounts[index].awaitsLogin = false
        accounts[index].live += 1
        accounts[index].isRevoked = false
        accounts[index].isWithdrawn = false
        accounts[index].isUnheard = false
        let operation = fleet.newOperation()
        let expiry = now + accounts[index].lifetime
        cargo[operation] = Cargo(account: index, token: accounts[index].live, expiry: expiry, isLogin: true)
        logins += 1
        fleet.addRequested(
            callers.login(), operation, name(index), facts(accounts[index], expiry: expiry), replace: true,
            moment, &actions)
    }
}
