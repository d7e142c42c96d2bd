// Decides how a refresh is carried out between the engine's order and its report: the grant is opened, the request built
// and sent, the answer read. Runs beside the loop's queue, so a slow disk or a large answer never delays the engine.

import Dispatch
import Engine
import GrantStore
import Logging
import OAuth
import OAuthSender
import Vocabulary

/// Carries out exchanges for a `FleetLoop`.
final class Exchanger: Sendable {
    private let providers: [ProviderName: Provider]
    private let sender: OAuthSender
    private let log: Logger
    private let queue = DispatchQueue(label: "tokend.exchange", qos: .userInitiated)

    init(providers: [ProviderName: Provider], log: Logger) {
        self.providers = providers
        self.log = log
        // All of them: two providers may be at one host, and one that hangs must not hold the other's connections (T10).
        sender = OAuthSender(concurrency: providers.values.reduce(0) { $0 + $1.clientRules.concurrency })
    }

    /// Refreshes the account's access token (RFC 6749 §6) and reports `answered` to `loop`.
    func exchange(
        _ loop: FleetLoop, _ operation: Operation, _ record: RecordID, _ generation: Generation,
        _ name: AccountName, since: Moment?
    ) {
        queue.async { self.send(loop, operation, record, generation, name, since) }
    }

    private func send(
        _ loop: FleetLoop, _ operation: Operation, _ record: RecordID, _ generation: Generation,
        _ name: AccountName, _ since: Moment?
    ) {
        guard let provider = providers[name.provider] else {
            preconditionFailure("only accounts of configured providers are in the fleet")
        }
        switch open(record, of: name, in: loop.store) {
        case .failure(let failure): Self.report(failure, operation, to: loop)
        case .success((_, let found)) where found != generation:
            // To send another generation's token under this operation would rotate a grant whose answer the engine is
            // about to drop.
            loop.enter { $0.fleet.overtaken(operation, by: found, $0.now, &$0.actions) }
        case .success((let grant, _)):
            let request = TokenRequest.refresh(
                provider, refreshToken: grant.refreshToken ?? Secret(""), redirectURI: grant.redirectURI)
            sender.send(request, caFile: provider.tls.caFile) { outcome in
                self.conclude(outcome, of: grant, provider, name, operation, since, loop)
            }
        }
    }

    private func open(
        _ record: RecordID, of name: AccountName, in store: GrantStore
    ) -> Result<(Grant, Generation), Failure> {
        do {
            // One that is gone was removed since the engine decided: the report finds nobody who waits for it.
            guard let stored = try store.grant(of: record) else { return .failure(Failure(.transient)) }
            return .success((stored.grant, stored.generation))
        } catch {
            log.error("\(name): the grant cannot be read: \(error)")
            if case .recordDamaged = error { return .failure(Failure(.recordDamaged)) }
            return .failure(Failure(.transient))
        }
    }

    deinit { sender.close() }

    /// Closes the connections to all providers; exchanges in flight are lost. Blocks.
    func close() { sender.close() }

    private func conclude(
        _ outcome: OAuthSender.Outcome, of grant: Grant, _ provider: Provider, _ name: AccountName,
        _ operation: Operation, _ since: Moment?, _ loop: FleetLoop
    ) {
        switch outcome {
        case .answered(let answer):
            let judged = TokenAnswer.read(
                status: answer.status, headers: answer.header, body: answer.body, provider: provider,
                sentAt: answer.sentAt, issuedSince: since, receivedAt: answer.receivedAt)
            switch judged.outcome {
            case .granted(let fresh):
                report(fresh, allowance: judged.allowance, after: grant, answer, operation, to: loop)
            case .failed(let failure, let detail):
                log.info("\(name): the provider refused the refresh: \(detail)")
                Self.report(failure, allowance: judged.allowance, operation, to: loop)
            }
        case .notSent(let failure, let cause):
            log.info("\(name): the refresh could not be sent: \(cause)")
            Self.report(failure, operation, to: loop)
        case .lost(let cause):
            log.info("\(name): no answer to the refresh: \(cause)")
            Self.report(Failure(.inDoubt), operation, to: loop)
        }
    }

    private static func report(
        _ failure: Failure, allowance: Allowance? = nil, _ operation: Operation, to loop: FleetLoop
    ) {
        loop.enter { turn in
            turn.fleet.answered(
                operation, .failure(failure), allowance: allowance, turn.now, &turn.actions)
        }
    }

    private func report(
        _ fresh: FreshGrant, allowance: Allowance?, after old: Grant, _ answer: OAuthSender.HTTPAnswer,
        _ operation: Operation, to loop: FleetLoop
    ) {
        var grant = old
        if let refreshToken = fresh.refreshToken { grant.refreshToken = refreshToken }
        if let scope = fresh.scope { grant.scope = scope }
        // On the clock that no step during the exchange has moved.
        let expiry = answer.sentAt.boot + fresh.lifetime
        let token = AccessToken(
            secret: fresh.accessToken, type: fresh.tokenType, expiresAt: fresh.expiresAt, bootExpiry: expiry)
        grant.accessToken = token
        let facts = TokenFacts(
            expiry: expiry, expiresAt: fresh.expiresAt,
            lifetime: fresh.lifetime,
            lifetimeIsSuspect: fresh.lifetime <= .zero, fingerprint: Fingerprint(of: token.secret),
            type: token.type, scope: grant.scope)
        let cargo = FleetLoop.Cargo(
            grant: grant, facts: facts,
            obtainedAt: answer.sentAt.wall,
            succeededAt: answer.receivedAt.wall)
        loop.enter { turn in
            turn.cargo[operation] = cargo
            turn.fleet.answered(
                operation, .success(facts.rederived(at: turn.now)), allowance: allowance, turn.now,
                &turn.actions)
        }
    }
}
