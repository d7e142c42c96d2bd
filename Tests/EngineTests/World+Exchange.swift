// What happens on the way to a provider and back, and what the engine is judged by: whether it may present what it
// presents, and whether what it says of an account in the end is true.

import Schedule
import Vocabulary

@testable import Engine

extension World {
    /// A request leaves: it may be lost, it may be processed and its answer lost, it may be answered.
    mutating func begin(
        _ operation: Operation, _ record: RecordID, _ generation: Generation, _ name: AccountName
    ) {
        if exchanges.contains(where: { $0.name == name && $0.operation == operation }) {
            violate(.single, "\(name)")
        }
        guard let stored = store.records[record], stored.generation == generation else {
            // As the shell does: what was overtaken is not sent.
            let outcome: Outcome =
                store.records[record].map { .overtaken(by: $0.generation) } ?? .failed(Failure(.transient))
            return exchanges.append(.init(operation: operation, name: name, key: nil, outcome: outcome))
        }
        if !store.isMarked(record, generation) { violate(.marked, "\(name)") }
        if exchanges.contains(where: { $0.name == name && $0.key?.family == stored.family }) {
            violate(.single, "\(name)")
        }
        let key = TokenKey(family: stored.family, token: stored.token)
        let outcome = send(key, stored, presentedAt: presentation(record))
        exchanges.append(.init(operation: operation, name: name, key: key, outcome: outcome))
        let inFlight = exchanges.count { $0.name.provider == name.provider }
        if inFlight > ClientRules.standardConcurrency { violate(.bounded, "\(inFlight)") }
    }

    /// A consumed token that comes back outside its window: once, when nothing is left to serve or as late as possible;
    /// once more where a crash cut it off; then every five minutes at most. Whoever forces it may.
    private mutating func checkReplay(
        _ key: TokenKey, _ stored: WorldStore.Record, isForced: Bool, presentedAt: BootTime
    ) {
        let name = stored.name
        guard let provider = providers[name.provider], provider.isConsumed(key.family, key.token) else {
            return
        }
        let rotatedAt = provider.families[key.family]!.rotatedAt
        if kind(name) == .withGrace, presentedAt - rotatedAt <= .seconds(30) { return }
        let earlier = lateReplays[key] ?? []
        lateReplays[key, default: []].append(LateReplay(at: presentedAt))
        guard !isForced else { return }
        if let facts = stored.facts,
            now.boot < ReplayPlan.lateAt(expiry: facts.expiry, lifetime: facts.lifetime)
        {
            violate(.replayed, "\(name) early, \(facts.expiry - now.boot) before the access token lapses")
        }
        guard let last = earlier.last else { return }
        if presentedAt - last.at < .seconds(300), earlier.count > 1 || !last.wasCutOff {
            violate(.replayed, "\(name) again after \(presentedAt - last.at)")
        }
    }

    /// When the mark says that the token is presented.
    private func presentation(_ record: RecordID) -> BootTime {
        guard case .inDoubt(let presentation, _)? = store.marks[record]?.standing else { return now.boot }
        return presentation.last.boot
    }

    private mutating func send(
        _ key: TokenKey, _ stored: WorldStore.Record, presentedAt: BootTime
    ) -> Outcome {
        let name = stored.name
        let isForced = forced.remove(name) != nil
        let die = isCalm ? 0 : Int.random(in: 0..<16, using: &random)
        switch die {
        case 13: return .failed(Failure(.transient))
        case 14: return .failed(Failure(.rateLimited, retryAfter: .seconds(3)))
        case 15: return .failed(Failure(.clientConfiguration))
        default: break
        }
        checkReplay(key, stored, isForced: isForced, presentedAt: presentedAt)
        if die == 12 { return .failed(Failure(.inDoubt)) }
        switch providers[name.provider]!.present(key.family, key.token, kind(name), now.boot) {
        case .rejected: return .failed(Failure(.reauthorizationRequired))
        case .granted(_, let token):
            guard die < 10 else {
                if token != key.token { unheard.insert(key.family) }
                return .failed(Failure(die == 11 ? .malformedAnswer : .inDoubt))
            }
            return .granted(token: token)
        }
    }

    mutating func answerExchange(at index: Int) {
        let exchange = exchanges.remove(at: index)
        switch exchange.outcome {
        case .overtaken(let found): enter { $0.overtaken(exchange.operation, by: found, $1, &$2) }
        case .failed(let failure): enter { $0.answered(exchange.operation, .failure(failure), $1, &$2) }
        case .granted(let token):
            let life = isCalm ? Duration.seconds(100_000) : .seconds(Int64.random(in: 0...60, using: &random))
            let facts = facts(life)
            cargo[exchange.operation] = .init(family: exchange.key!.family, token: token, facts: facts)
            enter { $0.answered(exchange.operation, .success(facts), $1, &$2) }
        }
    }

    /// After everything has settled: each account is well, or was lost in a way that no client could have helped.
    mutating func judge() {
        for record in store.records.values {
            guard let status = fleet.status(of: record.name, now) else { continue }
            let isAlive =
                providers[record.name.provider]!.isLive(record.family, record.token)
                || (kind(record.name) == .withoutRotation)
            if !isAlive, !unheard.contains(record.family) {
                violate(.lost, "\(record.name): \(status.state) \(status.reason ?? "-")")
            }
            if isAlive != (status.state != .loginNeeded) || (!isAlive && status.reason != "lost-rotation") {
                violate(.told, "\(record.name): \(status.state) \(status.reason ?? "-"), alive: \(isAlive)")
            }
        }
    }
}
