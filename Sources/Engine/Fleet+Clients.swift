// Decides how accounts and their clients know of each other: what an account stands for in its client's plan, when it is
// queued, and how exchanges begin while the client may send. Where nobody is due, those that would be too late otherwise
// are refreshed ahead of their time.

import Schedule
import Vocabulary
import WireProtocol

extension Fleet {
    /// Queues the account in its client's lane.
    /// - Returns: the client.
    mutating func enqueue(_ index: Int, isWaitedFor: Bool, _ now: BootTime) -> Int {
        guard let machine = machines[index] else {
            preconditionFailure("only an account of the fleet is queued")
        }
        let client = machine.client
        clients[client].lane.enqueue(index, due(index, machine, isWaitedFor: isWaitedFor, now))
        if machine.isForced { clients[client].hasten(index, now) }
        return client
    }

    private func due(
        _ index: Int, _ machine: AccountMachine, isWaitedFor: Bool, _ now: BootTime
    ) -> Lane.Due {
        if let doubt = machine.doubt,
            ReplayPlan.isOpen(replayPolicy(of: machine.client), since: doubt.presentation.since.boot, now)
        {
            let since = doubt.presentation.since.boot
            return Lane.Due(urgency: .replay, expiry: since, mandatoryFrom: since)
        }
        var urgency = Lane.Urgency.planned
        if isWaitedFor || !machine.waiters.isEmpty {
            urgency = .waitedFor
        } else if clients[machine.client].isOverloaded, !isAskedFor(index, now) {
            urgency = .idle
        }
        let expiry = machine.token?.expiry ?? .distantPast
        let window = RefreshPolicy.mandatoryWindow(lifetime: machine.token?.lifetime ?? .zero)
        return Lane.Due(
            urgency: urgency, expiry: expiry, mandatoryFrom: expiry - window,
            // What failed because the provider was down has its first try when it is up again.
            isRetry: machine.trouble != nil && machine.doubt == nil
                && machine.lastAttempt > clients[machine.client].circuit.lastDownAt,
            isStale: machine.trouble.map { $0.since + .seconds(3600) < now } ?? false)
    }

    /// Begins exchanges while the client may send and an account is due, or must be refreshed ahead of its time.
    mutating func start(_ client: Int, _ now: Moment, _ actions: inout [Action]) {
        guard !isStopping else { return }
        if let notice = clients[client].judgeLoad(now.boot) { actions.append(.log(notice)) }
        while true {
            switch clients[client].next(now.boot) {
            case .account(let index, let isProbe): begin(index, client, isProbe: isProbe, now, &actions)
            case .nobody:
                guard pull(client, now.boot) else { return }
            case .notBefore(let time):
                let isDue = clients[client].lane.count > 0
                clients[client].wakeAt = isDue ? time : max(time, clients[client].latestStart(now.boot))
                return
            case .afterAnswer:
                clients[client].wakeAt = .distantFuture
                return
            }
        }
    }

    private mutating func begin(
        _ index: Int, _ client: Int, isProbe: Bool, _ now: Moment, _ actions: inout [Action]
    ) {
        let policy = replayPolicy(of: client)
        if machines[index]!.mustPostpone(policy, now.boot) {
            machines[index]!.postpone(policy, now.boot)
            clients[client].finished()
            clients[client].notSent(isProbe: isProbe, now.boot)
        } else {
            let operation = newOperation()
            flights[operation] = Flight(index: index, client: client, isProbe: isProbe, sentAt: now.boot)
            machines[index]!.began(operation, policy, now, &actions)
        }
        reschedule(index)
    }

    // MARK: Ahead of time

    /// Queues the fresh account that lapses first, where the budget could not refresh all that follow if it waited until
    /// it is due. Not before its earliest time, unless accounts would lapse otherwise.
    /// - Returns: whether there was one; if not, the client wakes when there may be.
    private mutating func pull(_ client: Int, _ now: BootTime) -> Bool {
        while true {
            let latest = clients[client].latestStart(now)
            guard latest <= now, let (index, slot) = clients[client].backlog.candidate() else {
                clients[client].wakeAt = latest
                return false
            }
            guard let machine = machines[index], machine.entries.deadline == slot, let token = machine.token
            else {
                clients[client].discardCandidate(of: slot)
                continue
            }
            if clients[client].isOverloaded, !isAskedFor(index, now) {
                // It is refreshed when it is due, as the budget allows.
                clients[client].leaveBacklog(slot)
                machines[index]!.entries.deadline = nil
                continue
            }
            let earliest = max(
                Self.earliest(token, clients[client].rules), machine.earliestAttempt(.distantPast))
            if now < earliest {
                let exact = clients[client].latestStartWithoutReserve(now)
                guard exact <= now, machine.earliestAttempt(now) <= now else {
                    clients[client].wakeAt = max(min(earliest, exact), machine.earliestAttempt(now))
                    return false
                }
            }
            machines[index]!.pull(now)
            reschedule(index)
            _ = enqueue(index, isWaitedFor: false, now)
            return true
        }
    }

    /// Before this a refresh only throws lifetime away: half of it, or as the provider's configuration says.
    private static func earliest(_ token: TokenFacts, _ rules: ClientRules) -> BootTime {
        token.expiry - (rules.notEarlierThan ?? max(.zero, token.lifetime) / 2)
    }

    // MARK: What a client knows of an account

    /// Enters the account in its client's lists as it stands now.
    mutating func enter(_ index: Int) {
        guard let machine = machines[index] else { return }
        let client = machine.client
        let isPlannedAnew = machine.plannedAt != nil
        if isPlannedAnew || !machine.isFresh { strikePlan(index) }
        let isRefreshed = machine.verdict == nil && machine.token?.isRenewable == true
        enterDemand(index, isRefreshed ? machine.token?.lifetime : nil)
        if machine.isFresh, let token = machine.token, isPlannedAnew {
            let deadline = token.expiry - RefreshPolicy.mandatoryWindow(lifetime: token.lifetime)
            let slot = TimeSlot(deadline, lifetime: token.lifetime)
            clients[client].enterBacklog(index, slot)
            machines[index]!.entries.deadline = slot
            place(index, token)
        }
        machines[index]!.plannedAt = nil
        enterHealth(index, client)
    }

    /// What the account takes of its client's budget, as long as it lives.
    private mutating func enterDemand(_ index: Int, _ lifetime: Duration?) {
        let (client, entered) = (machines[index]!.client, machines[index]!.entries.lifetime)
        guard lifetime != entered else { return }
        if let entered { clients[client].leave(lifetime: entered) }
        if let lifetime { clients[client].join(lifetime: lifetime) }
        machines[index]!.entries.lifetime = lifetime
    }

    private mutating func enterHealth(_ index: Int, _ client: Int) {
        let (isFailing, isSuspect) = (machines[index]!.isFailing, machines[index]!.refusedAt != nil)
        if isFailing != machines[index]!.entries.isFailing {
            machines[index]!.entries.isFailing = isFailing
            if isFailing {
                clients[client].failing.insert(index)
            } else {
                clients[client].failing.remove(index)
            }
        }
        if isSuspect != machines[index]!.entries.isSuspect {
            machines[index]!.entries.isSuspect = isSuspect
            if isSuspect {
                clients[client].suspects.insert(index)
            } else {
                clients[client].suspects.remove(index)
            }
        }
    }

    /// Moves a newly planned refresh to where fewer others are.
    private mutating func place(_ index: Int, _ token: TokenFacts) {
        let machine = machines[index]!
        let margin = RefreshPolicy.margin(lifetime: token.lifetime)
        let natural = token.expiry - margin - margin / 2
        let soonest = machine.earliestAttempt(machine.plannedAt ?? .distantPast)
        guard machine.attemptAt > soonest, clients[machine.client].rules.plansAhead else { return }
        let earliest = max(soonest, min(natural, Self.earliest(token, clients[machine.client].rules)))
        let (time, slot) = clients[machine.client].agenda.place(
            machine.attemptAt, machine.plannedAt ?? .distantPast, earliest: earliest, natural: natural,
            latest: max(earliest, token.expiry - margin),
            lifetime: token.lifetime, cycle: token.lifetime - margin - margin / 4)
        machines[index]!.attemptAt = time
        machines[index]!.entries.plan = slot
    }

    private mutating func strikePlan(_ index: Int) {
        let (client, entries) = (machines[index]!.client, machines[index]!.entries)
        if let slot = entries.deadline { clients[client].leaveBacklog(slot) }
        if let slot = entries.plan { clients[client].agenda.remove(slot) }
        machines[index]!.entries.deadline = nil
        machines[index]!.entries.plan = nil
    }

    /// Takes the account out of its client's lists.
    mutating func strike(_ index: Int) {
        strikePlan(index)
        enterDemand(index, nil)
        machines[index]!.entries = .init()
    }

    // MARK: What an answer means for the client

    /// The answer changed what is known of the client: tells it, and lets those go on who waited for it.
    mutating func apply(
        _ consequences: Client.Consequences, _ client: Int, _ now: Moment, _ actions: inout [Action]
    ) {
        for notice in consequences.notices {
            actions.append(.log(notice))
            if case .parked = notice { dismissParked(client, &actions) }
        }
        for index in consequences.hastened {
            machines[index]?.hasten(now.boot)
            reschedule(index)
        }
    }

    // MARK: Whoever waits for a client that may not send

    /// Clients whose wait would end before the next request leaves are told so now.
    mutating func dismissBlocked(_ index: Int, _ now: BootTime, _ actions: inout [Action]) {
        guard let machine = machines[index], machine.exchange == .queued, !machine.waiters.isEmpty,
            let until = clients[machine.client].blocked(now)
        else { return }
        if let reason = clients[machine.client].parking.parked?.reason {
            machines[index]!.refuseAll(Self.parkedRefusal(reason), &actions)
        } else {
            machines[index]!.refuseWaiters(
                before: until,
                RequestError(
                    .tryAgain, retryAfter: max(1, (until - now).secondsRoundedUp),
                    "the provider is down or wants fewer requests; it is tried again"), &actions)
        }
    }

    private mutating func dismissParked(_ client: Int, _ actions: inout [Action]) {
        guard let reason = clients[client].parking.parked?.reason else { return }
        for index in clients[client].lane.waitedFor {
            machines[index]?.refuseAll(Self.parkedRefusal(reason), &actions)
            reschedule(index)
        }
    }

    /// Why a token that cannot be served now will not come while the client is parked.
    func parkedRefusal(_ index: Int, _ options: GetOptions, _ now: BootTime) -> RequestError? {
        guard let machine = machines[index], let parked = clients[machine.client].parking.parked,
            machine.verdict == nil,
            !machine.serves(minTTL: .seconds(options.minTTL), refused: options.refused, now: now)
        else { return nil }
        switch machine.exchange {
        case .none, .queued: return Self.parkedRefusal(parked.reason)
        case .marking, .inFlight, .saving, .unsaved, .revoking: return nil
        }
    }

    private static func parkedRefusal(_ reason: Reason) -> RequestError {
        RequestError(
            .operatorNeeded,
            "the provider refuses the client (\(reason.rawValue)), not the account; see tokenctl status")
    }
}
