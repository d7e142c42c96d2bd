// Decides what STATUS and LIST say. They look and change nothing.

import Schedule
import Vocabulary
import WireProtocol

extension Fleet {
    /// The account as `STATUS <account>` shows it; nil when there is none.
    public func status(of name: AccountName, _ now: Moment) -> AccountStatus? {
        indices[name].flatMap { machines[$0] }.map { status($0, now) }
    }

    /// How many accounts are in each state and need whom, and the earliest planned attempt. O(accounts), some ns each.
    public func summary(_ now: Moment) -> (
        accounts: [AccountState: Int64], needs: [Need: Int64], nextRefreshAt: WallTime?
    ) {
        var counts: [AccountState: Int64] = [:]
        var needs: [Need: Int64] = [:]
        var next = BootTime.distantFuture
        for case let machine? in machines {
            let state = state(machine, now.boot)
            counts[state, default: 0] += 1
            needs[need(machine, state), default: 0] += 1
            if machine.exchange == .none { next = min(next, machine.attemptAt) }
        }
        return (counts, needs, next == .distantFuture ? nil : max(now.wall, now.wall(at: next)))
    }

    /// A page of accounts in name order.
    public mutating func list(_ options: ListOptions, _ now: Moment) -> (
        accounts: [AccountStatus], more: Bool
    ) {
        var page: [AccountStatus] = []
        for entry in names.entries(after: options.after) {
            guard let machine = machines[entry.index], options.glob?.matches(entry.name.text) ?? true,
                options.state.map({ $0 == state(machine, now.boot) }) ?? true,
                options.needs.map({ $0 == need(machine, state(machine, now.boot)) }) ?? true
            else { continue }
            guard page.count < options.limit else { return (page, true) }
            page.append(status(machine, now))
        }
        return (page, false)
    }

    /// Every client, by name.
    public func clients(_ now: Moment) -> [ClientStatus] {
        clients.map { $0.status(now) }.sorted { $0.provider < $1.provider }
    }

    // MARK: An account whose client is parked

    private func state(_ machine: AccountMachine, _ now: BootTime) -> AccountState {
        heldBy(machine, now) == nil ? machine.state(now) : .operatorNeeded
    }

    private func need(_ machine: AccountMachine, _ state: AccountState) -> Need {
        state == .operatorNeeded ? .operator : machine.need(state)
    }

    private func status(_ machine: AccountMachine, _ now: Moment) -> AccountStatus {
        var status = machine.status(now)
        guard let parked = heldBy(machine, now.boot) else { return status }
        status.state = .operatorNeeded
        status.needs = .operator
        status.reason = parked.reason.rawValue
        return status
    }

    /// The parking that keeps the account from being refreshed, where it is due, has failed or has lapsed.
    private func heldBy(_ machine: AccountMachine, _ now: BootTime) -> Parking.Parked? {
        guard let parked = clients[machine.client].parking.parked, machine.verdict == nil else { return nil }
        let lacksToken = machine.token.map { $0.expiry <= now } ?? true
        return machine.exchange == .queued || machine.isFailing || lacksToken ? parked : nil
    }
}

extension Client {
    func status(_ now: Moment) -> ClientStatus {
        var status = ClientStatus(provider: name)
        func wall(_ time: BootTime) -> Int64 { now.wall(at: time).epochSeconds }
        if let parked = parking.parked {
            (status.state, status.needs, status.reason) = (.parked, .operator, parked.reason.rawValue)
            status.since = wall(parked.since.boot)
            status.nextAttemptAt = parked.isProbing ? nil : wall(max(now.boot, parked.probeAt))
        } else if let since = circuit.downSince {
            (status.state, status.needs, status.reason) = (.failing, .time, Reason.transient.rawValue)
            status.since = wall(since)
            status.nextAttemptAt = circuit.probeAt.map { wall(max(now.boot, $0)) }
        } else if budget.pausedUntil > now.boot {
            (status.state, status.needs, status.reason) = (.paused, .time, Reason.rateLimited.rawValue)
            status.since = budget.pausedSince.map(wall)
            status.nextAttemptAt = wall(budget.pausedUntil)
        } else if case .recovering = circuit.state {
            status.state = .recovering
        } else if isOverloaded {
            (status.state, status.needs) = (.overloaded, .operator)
        }
        status.accounts = Int64(accounts)
        status.backlog = Int64(lane.count)
        status.inFlight = Int64(inFlight)
        status.budget = rules.budget?.description
        status.requestsPerHour = budget.interval(now.boot).map {
            Int64((3.6e12 / Double(max(1, $0.nanoseconds))).rounded())
        }
        status.demandPerHour = Self.perHour(demand)
        let missed = firstMissed(now.boot)
        status.firstMissedAt = missed.map(wall)
        status.meetsDeadlines = !isOverloaded && missed == nil
        return status
    }

    /// The first of the fresh accounts that lapses before its turn comes, were all sent one after another from now on.
    private func firstMissed(_ now: BootTime) -> BootTime? {
        guard let interval = interval(now) else { return nil }
        let start = max(now, blocked(now) ?? now) + interval * lane.count
        return backlog.firstMissed(interval: interval, from: start)
    }
}
