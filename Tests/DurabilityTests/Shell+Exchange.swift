// Decides what happens on the way to a provider and back, as the test has scripted it, and whether the daemon may present
// what it presents.

import Engine
import Schedule
import Vocabulary

@testable import GrantStore

extension Shell {
    /// As `Exchanger`.
    func exchange(_ operation: Operation, _ record: RecordID, _ generation: Generation, _ name: AccountName) {
        guard let (grant, found) = try? store.grant(of: record) else {
            return decide { $0.answered(operation, .failure(Failure(.transient)), $1, &$2) }
        }
        guard found == generation else { return decide { $0.overtaken(operation, by: found, $1, &$2) } }
        owners[operation] = name
        begun[name, default: 0] += 1
        if stage.sabotage == nil, !marked.contains(operation) {
            stage.violate(.withheld, "\(name) is not marked")
        }
        send(operation, name, grant, found, nextDelivery(name))
    }

    /// Lets time pass until so many exchanges of an account have ended, and what they brought is written.
    func runUntilEnded(_ count: Int, of name: AccountName) {
        if !run(until: { $0.ended[name, default: 0] >= count }) {
            stage.violate(.ended, "\(name) is not refreshed")
        }
    }

    private func nextDelivery(_ name: AccountName) -> Delivery {
        if stage.outside.now.wall < stage.outside.outageUntil { return .notSent }
        guard stage.outside.deliveries[name]?.isEmpty == false else { return .answered }
        return stage.outside.deliveries[name]!.removeFirst()
    }

    private func send(
        _ operation: Operation, _ name: AccountName, _ grant: Grant, _ generation: Generation,
        _ delivery: Delivery
    ) {
        guard delivery != .notSent else {
            return answer(operation, .failure(Failure(.transient)), after: .zero)
        }
        let token = RefreshToken(grant.refreshToken!.exposed)
        check(token, of: name)
        let earlier = stage.outside.presented[name].flatMap { $0.generation == generation ? $0.since : nil }
        stage.outside.presented[name] = .init(
            token: token, generation: generation, since: earlier ?? stage.outside.now.wall)
        stage.outside.onTheWay[name] = (token, stage.outside.now.wall)
        stage.note("sent \(name) \(token.text)")
        switch delivery {
        case .requestLost:
            stage.outside.onTheWay[name] = nil
            answer(operation, .failure(Failure(.inDoubt)), after: Self.timeout)
        case .refused:
            stage.outside.onTheWay[name] = nil
            let failure = Failure(.rateLimited, retryAfter: .seconds(3))
            answer(operation, .failure(failure), after: Self.roundTrip)
        case .answered, .answerLost, .notSent: arrive(token, operation, name, grant, delivery)
        }
    }

    private func arrive(
        _ token: RefreshToken, _ operation: Operation, _ name: AccountName, _ grant: Grant,
        _ delivery: Delivery
    ) {
        let answered = stage.outside.arrive(token, of: name)
        stage.note("the provider has seen \(token.text)")
        guard delivery == .answered else {
            return answer(operation, .failure(Failure(.inDoubt)), after: Self.timeout)
        }
        switch answered {
        case .rejected:
            answer(operation, .failure(Failure(.reauthorizationRequired)), after: Self.roundTrip)
        case .granted(let successor, let access):
            answer(operation, .success(pack(operation, grant, successor, access)), after: Self.roundTrip)
        }
    }

    private func pack(
        _ operation: Operation, _ old: Grant, _ successor: RefreshToken, _ access: String
    ) -> TokenFacts {
        let now = stage.outside.now
        let life = Duration.seconds(3600)
        var grant = old
        grant.refreshToken = Secret(successor.text)
        let token = AccessToken(secret: Secret(access), type: "Bearer", expiresAt: now.wall + life)
        grant.accessToken = token
        let facts = TokenFacts(
            expiry: now.boot + life, expiresAt: now.wall + life, lifetime: life,
            fingerprint: Fingerprint(of: token.secret), type: token.type, scope: grant.scope)
        cargo[operation] = Cargo(
            grant: grant, facts: facts, obtainedAt: now.wall, succeededAt: now.wall + Self.roundTrip)
        return facts
    }

    private func answer(
        _ operation: Operation, _ result: Result<TokenFacts, Failure>, after delay: Duration
    ) {
        arrivals.append(Arrival(at: stage.outside.now.wall + delay, content: .answer(operation, result)))
    }

    /// Whether the daemon may present the token now. A consumed one outside its window: only where the provider rotated
    /// unheard, when nothing is left to serve or as late as possible, and once for each crash that may have cut it off.
    private func check(_ token: RefreshToken, of name: AccountName) {
        if fleet.unsavedAccounts.contains(name) { stage.violate(.withheld, "\(name) is not durable") }
        let outside = stage.outside
        guard outside.authority.isSpent(token, outside.now.wall) else { return }
        guard outside.unheard.contains(name) else {
            return stage.violate(.presented, "\(token.text), though its successor is durable")
        }
        if outside.authority.reuses[token.family, default: 0] > outside.crashes {
            stage.violate(.presented, "\(token.text) again and again")
        }
        if let facts = table[name], facts.expiry > outside.now.boot,
            outside.now.boot < ReplayPlan.lateAt(expiry: facts.expiry, lifetime: facts.lifetime)
        {
            stage.violate(.presented, "\(token.text) \(facts.expiry - outside.now.boot) before its end")
        }
    }
}
