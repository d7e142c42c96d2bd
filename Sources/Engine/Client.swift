// Decides whether a client may send a token request now, and if so for which account. What the provider counts and what
// fails together is the client, not the account: budget, pause, circuit, parking and order stand here, once for each.

import Schedule
import Vocabulary

/// A provider's client and the accounts that were authorized for it.
struct Client: Sendable {
    let name: ProviderName
    let rules: ClientRules
    var lane = Lane()
    private(set) var budget: Budget
    private(set) var circuit: Circuit
    private(set) var parking = Parking()
    private var retries = RetryBudget()
    private(set) var inFlight = 0
    /// How long exchanges take, as a moving average; nil before the first.
    private var exchangeTime: Duration?

    /// Accounts of this client.
    var accounts = 0
    /// Those that are fresh, by the time until which each must be refreshed, and by when each is planned.
    private(set) var backlog = Backlog()
    var agenda: Agenda
    /// The latest start of the backlog is not before this, given `reckonedWith` between requests.
    private var startBound = BootTime.distantFuture
    private var reckonedWith = Duration.zero
    /// What keeping all fresh takes, in requests per 10^18 ns.
    private(set) var demand: Int64 = 0
    /// Accounts that failed and that time may heal.
    var failing: Set<Int> = []
    /// Accounts that were refused without a code and not granted since.
    var suspects: Set<Int> = []
    /// When the last request left that was granted: an answer that took long says nothing of what was refused meanwhile.
    private(set) var lastGrant: BootTime?
    /// The account to probe with, where somebody asked for it.
    private var probeWish: Int?
    private(set) var isOverloaded = false
    /// When the lane must be looked at again, if no event comes before.
    var wakeAt = BootTime.distantFuture

    init(_ name: ProviderName, _ rules: ClientRules, seed: UInt64) {
        self.name = name
        self.rules = rules
        budget = Budget(rules.budget)
        circuit = Circuit(concurrency: rules.concurrency)
        agenda = Agenda(seed: seed)
        reckonedWith = (rules.budget?.interval ?? .zero) * 10 / 9
    }

    // MARK: The next request

    enum Turn: Hashable, Sendable {
        /// This account's, which counts as in flight from now on until `finished`.
        case account(Int, isProbe: Bool)
        /// A request may leave, and nobody is due.
        case nobody
        /// Nothing may leave before then.
        case notBefore(BootTime)
        /// Only an answer changes anything.
        case afterAnswer
    }

    mutating func next(_ now: BootTime) -> Turn {
        guard inFlight < rules.concurrency else { return .afterAnswer }
        let earliest = budget.earliest(now)
        if let parked = parking.parked {
            guard !parked.isProbing else { return .afterAnswer }
            let probeAt = lane.hasFresh() ? min(parked.probeAt, parked.witnessAt) : parked.probeAt
            return probe(notBefore: max(probeAt, earliest), now, mayRetry: parked.probeAt <= now)
        }
        if circuit.isDown {
            // While a replay's window is open every second counts; there are no more of them than were in flight.
            if earliest <= now, let replay = lane.nextReplay() {
                return begin(replay, isProbe: false, now)
            }
            guard let probeAt = circuit.probeAt else { return .afterAnswer }
            return probe(notBefore: max(probeAt, earliest), now, mayRetry: true)
        }
        guard inFlight < circuit.limit else { return .afterAnswer }
        guard earliest <= now else {
            guard budget.mayProbe(now), let wish = takeProbeWish() else { return .notBefore(earliest) }
            return begin(wish, isProbe: false, now)
        }
        let retryAt = retries.earliest(now)
        guard let chosen = lane.next(now, mayRetry: retryAt <= now) else {
            return lane.count > 0 ? .notBefore(retryAt) : .nobody
        }
        return begin(chosen, isProbe: false, now)
    }

    private mutating func probe(
        notBefore probeAt: BootTime, _ now: BootTime, mayRetry: Bool
    ) -> Turn {
        guard probeAt <= now else { return .notBefore(probeAt) }
        guard let chosen = takeProbeWish() ?? lane.next(now, mayRetry: mayRetry) else { return .afterAnswer }
        return begin(chosen, isProbe: true, now)
    }

    private mutating func begin(_ chosen: Lane.Chosen, isProbe: Bool, _ now: BootTime) -> Turn {
        budget.spend(now)
        retries.spend(isRetry: chosen.isRetry, now)
        inFlight += 1
        if isProbe {
            circuit.probe(now)
            parking.probe(now)
        }
        return .account(chosen.index, isProbe: isProbe)
    }

    private mutating func takeProbeWish() -> Lane.Chosen? {
        guard let wish = probeWish else { return nil }
        probeWish = nil
        guard lane.contains(wish) else { return nil }
        lane.withdraw(wish)
        return Lane.Chosen(index: wish, isRetry: true)
    }

    /// Somebody wants the account refreshed now, whatever is known of the provider: it is the next probe.
    mutating func hasten(_ index: Int, _ now: BootTime) {
        probeWish = index
        parking.hasten(now)
        circuit.hasten(now)
    }

    /// What the client was parked for may be over: it is probed at once.
    mutating func retryParked(_ now: BootTime) {
        guard parking.parked != nil else { return }
        parking.hasten(now)
        wakeAt = now
    }

    mutating func forget(_ index: Int) {
        lane.withdraw(index)
        failing.remove(index)
        suspects.remove(index)
        parking.forget(index)
        if probeWish == index { probeWish = nil }
    }

    /// While no request leaves: until when at least, and why.
    func blocked(_ now: BootTime) -> BootTime? {
        if let parked = parking.parked { return parked.isProbing ? now : parked.probeAt }
        if circuit.isDown { return circuit.probeAt ?? now }
        return budget.pausedUntil > now ? budget.pausedUntil : nil
    }

    // MARK: Answers

    /// The slot of an exchange is free.
    mutating func finished() { inFlight -= 1 }

    /// The exchange was not sent after all.
    mutating func notSent(isProbe: Bool, _ now: BootTime) {
        guard isProbe else { return }
        circuit.withdrawProbe(now)
        parking.probeEnded(wasSent: false, now)
    }

    /// What an answer changed for the client.
    struct Consequences: Sendable {
        var notices: [Notice] = []
        /// Who failed for the client's sake, or was not decided, is due now.
        var hastened: Set<Int> = []
    }

    /// The provider granted a token.
    mutating func granted(sentAt: BootTime, _ now: BootTime) -> Consequences {
        lastGrant = max(lastGrant ?? .distantPast, sentAt)
        exchangeTime = ((exchangeTime ?? (now - sentAt)) * 7 + (now - sentAt)) / 8
        budget.succeeded()
        var consequences = isWell(now)
        if parking.granted() {
            consequences.notices.append(.unparked(name))
            consequences.hastened.formUnion(failing)
        }
        consequences.hastened.formUnion(suspects)
        return consequences
    }

    /// The provider answered, whatever it said: it is not down.
    private mutating func isWell(_ now: BootTime) -> Consequences {
        guard case .recovered(let since) = circuit.succeeded(now) else { return Consequences() }
        return Consequences(notices: [.providerRecovered(name, after: now - since)], hastened: failing)
    }

    /// The exchange ended without a grant.
    /// - Parameter index: of the account; nil where it was removed or replaced meanwhile.
    mutating func failed(
        _ failure: Failure, _ index: Int?, isProbe: Bool, isRepeated: Bool, sentAt: BootTime, _ now: Moment
    ) -> Consequences {
        if let retryAfter = failure.retryAfter, failure.reason.need == .time {
            budget.limit(retryAfter: retryAfter, sentAt: sentAt, now.boot)
        }
        var consequences = Consequences()
        switch failure.reason {
        case .transient, .inDoubt, .malformedAnswer:
            if circuit.failed(account: index ?? -1, isProbe: isProbe, now.boot) == .opened {
                consequences.notices.append(.providerFailing(name, failure.reason))
            }
            if isProbe { parking.probeEnded(wasSent: true, now.boot) }
        case .rateLimited:
            if failure.retryAfter == nil { budget.limit(retryAfter: nil, sentAt: sentAt, now.boot) }
            consequences = isWell(now.boot)
            if isProbe { parking.probeEnded(wasSent: true, now.boot) }
        case .unauthorized:
            consequences = isWell(now.boot)
            guard let index else {
                if isProbe { parking.probeEnded(wasSent: true, now.boot) }
                break
            }
            if parking.refusedSomebody(
                index, isRepeated: isRepeated, isProbe: isProbe, accounts: accounts, now)
            {
                consequences.notices.append(.parked(name, failure.reason))
            }
        case .clientConfiguration, .tls:
            if failure.reason == .clientConfiguration { consequences = isWell(now.boot) }
            if failure.isOfClient {
                if parking.refusedClient(failure.reason, isProbe: isProbe, now) {
                    consequences.notices.append(.parked(name, failure.reason))
                }
            } else if isProbe {
                parking.probeEnded(wasSent: true, now.boot)
            }
        case .reauthorizationRequired, .lostRotation:
            // Who judges a refresh token has accepted the client.
            consequences = isWell(now.boot)
            if parking.granted() {
                consequences.notices.append(.unparked(name))
                consequences.hastened.formUnion(failing)
            }
        case .storage, .recordDamaged: notSent(isProbe: isProbe, now.boot)
        }
        return consequences
    }

    /// What an answer's headers tell of the limit.
    mutating func learn(_ allowance: Allowance, _ now: BootTime) {
        budget.learn(allowance, inFlight: inFlight, now)
    }

    // MARK: Planning

    /// From one request to the next, as far as is known: the budget's, or what the slots give.
    func interval(_ now: BootTime) -> Duration? {
        let ofSlots = exchangeTime.map { max(.nanoseconds(1), $0 / rules.concurrency) }
        return [budget.interval(now), ofSlots].compactMap { $0 }.max()
    }

    /// An account whose tokens live so long is to be kept fresh.
    mutating func join(lifetime: Duration) {
        demand += Self.demand(lifetime: lifetime)
        agenda.join(lifetime: lifetime)
    }

    mutating func leave(lifetime: Duration) {
        demand -= Self.demand(lifetime: lifetime)
        agenda.leave(lifetime: lifetime)
    }

    mutating func enterBacklog(_ index: Int, _ deadline: TimeSlot) {
        backlog.insert(index, deadline)
        // One account more brings the start forward by one request at most.
        startBound = min(startBound, deadline.start) - reckonedWith
        wakeAt = min(wakeAt, startBound)
    }

    mutating func leaveBacklog(_ deadline: TimeSlot) { backlog.remove(deadline) }

    mutating func discardCandidate(of deadline: TimeSlot) { backlog.discardCandidate(of: deadline) }

    /// The latest moment to begin with accounts that are not due yet, a tenth of the budget kept for retries and clients.
    /// Reckoned anew only when it may have come.
    mutating func latestStart(_ now: BootTime) -> BootTime {
        guard let interval = interval(now), rules.plansAhead else { return .distantFuture }
        let reserved = interval * 10 / 9
        if startBound <= now || reserved > reckonedWith * 5 / 4 {
            reckonedWith = reserved
            startBound = backlog.latestStart(interval: reserved)
        }
        return startBound
    }

    /// Without that reserve: later than this an account would lapse.
    func latestStartWithoutReserve(_ now: BootTime) -> BootTime {
        interval(now).map { backlog.latestStart(interval: $0) } ?? .distantFuture
    }

    /// Judges whether the budget can keep all accounts fresh; a little slack keeps it from changing its mind all the time.
    /// - Returns: what to tell the operator, once.
    mutating func judgeLoad(_ now: BootTime) -> Notice? {
        guard let interval = budget.interval(now) else {
            isOverloaded = false
            return nil
        }
        let given = 1_000_000_000_000_000_000 / max(1, interval.nanoseconds)
        if !isOverloaded, demand > given {
            isOverloaded = true
            return .overloaded(
                name, accounts: accounts, demandPerHour: Self.perHour(demand),
                budgetPerHour: Self.perHour(given))
        }
        if isOverloaded, demand <= given - given / 20 {
            isOverloaded = false
            return .relieved(name)
        }
        return nil
    }

    /// Requests per 10^18 ns, in an hour.
    static func perHour(_ demand: Int64) -> Int64 { Int64((Double(demand) * 3.6e-6).rounded()) }

    /// What refreshing an account of this lifetime again and again takes, in requests per 10^18 ns.
    static func demand(lifetime: Duration) -> Int64 {
        let used = lifetime - RefreshPolicy.mandatoryWindow(lifetime: lifetime)
        return 1_000_000_000_000_000_000 / max(used.nanoseconds, 5_000_000_000)
    }
}
