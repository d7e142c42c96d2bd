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
    let providers: [ProviderName: Provider]
    let sender: OAuthSender
    let discovery: Discovery
    let log: Logger
    let queue = DispatchQueue(label: "tokend.exchange", qos: .userInitiated)

    init(providers: [ProviderName: Provider], store: GrantStore, log: Logger) {
        self.providers = providers
        self.log = log
        // All of them: two providers may be at one host, and one that hangs must not hold the other's connections (T10).
        sender = OAuthSender(concurrency: providers.values.reduce(0) { $0 + $1.clientRules.concurrency })
        discovery = Discovery(sender: sender, store: store, log: log)
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
        case .success((let grant, _)) where grant.refreshToken == nil && provider.kind.needsGrant:
            log.info("\(name): the provider gave no refresh token, and the access token lapses")
            Self.report(Failure(.reauthorizationRequired), operation, to: loop)
        case .success((let grant, _)):
            let begun = BootTime.now()
            discovery.complete(provider, for: provider.endpointsOfRenewal) { result in
                switch result {
                case .success where since != nil && BootTime.now() - begun > Self.longestDiscovery:
                    // The window in which the provider forgives a replay may have closed meanwhile.
                    Self.report(Failure(.transient), operation, to: loop)
                case .success(let found):
                    self.present(grant, to: found.provider, name, operation, since, loop)
                case .failure(let problem):
                    self.log.info("\(name): \(problem.sentence)")
                    Self.report(problem.failure, operation, to: loop)
                }
            }
        }
    }

    /// What the window of a replay is shut early for has room for this much (`ReplayPlan`).
    private static let longestDiscovery = Duration.seconds(1)

    private func present(
        _ grant: Grant, to provider: Provider, _ name: AccountName, _ operation: Operation, _ since: Moment?,
        _ loop: FleetLoop
    ) {
        let request: TokenRequest
        do throws(RequestProblem) {
            request = try TokenRequest.renewal(
                provider, refreshToken: grant.refreshToken, isFirst: grant.awaitsFirstExchange,
                scope: grant.scope, redirectURI: grant.redirectURI, .now(for: name, grant.variables))
        } catch {
            log.error("\(name): the refresh cannot be built: \(error)")
            return Self.report(Failure(.clientConfiguration), operation, to: loop)
        }
        sender.send(request, tls: provider.tls) { outcome in
            self.conclude(outcome, of: grant, provider, name, operation, since, loop)
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
                report(
                    fresh, allowance: judged.allowance, after: grant, of: provider, answer, operation,
                    to: loop)
            case .failed(let failure, let detail):
                log.info("\(name): the provider refused the refresh: \(detail)")
                Self.report(Self.judged(failure, provider), allowance: judged.allowance, operation, to: loop)
            }
        case .notSent(let failure, let cause):
            log.info("\(name): the refresh could not be sent: \(cause)")
            Self.report(failure, operation, to: loop)
        case .lost(let cause):
            log.info("\(name): no answer to the refresh: \(cause)")
            Self.report(Failure(.inDoubt), operation, to: loop)
        }
    }

    /// Where no user has granted anything, none can log in again: what is refused is the client, or its key.
    private static func judged(_ failure: Failure, _ provider: Provider) -> Failure {
        guard !provider.kind.needsGrant, [.unauthorized, .reauthorizationRequired].contains(failure.reason)
        else { return failure }
        return Failure(.clientConfiguration, retryAfter: failure.retryAfter, isOfClient: true)
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
        _ fresh: FreshGrant, allowance: Allowance?, after old: Grant, of provider: Provider,
        _ answer: OAuthSender.HTTPAnswer, _ operation: Operation, to loop: FleetLoop
    ) {
        let cargo = FleetLoop.Cargo(fresh, after: old, of: provider, answer)
        loop.enter { turn in
            turn.cargo[operation] = cargo
            turn.fleet.answered(
                operation, .success(cargo.facts!.rederived(at: turn.now)), allowance: allowance, turn.now,
                &turn.actions)
        }
    }
}

extension RequestContext {
    /// For a request that is sent now.
    static func now(for account: AccountName, _ variables: [String: String]) -> RequestContext {
        RequestContext(
            account: account, variables: variables, now: Moment.now().wall,
            serial: Secret.random(bytes: 16).exposed)
    }
}
