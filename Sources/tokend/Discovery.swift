// Decides when an authorization server's metadata is read (RFC 8414, OpenID Connect Discovery): when it is first needed, and
// again after a day; what was read stays good while a later reading fails, also over a restart (`Discovery+Store`). Not at
// start-up: a daemon must serve what it has while a provider is down.

import Dispatch
import GrantStore
import Logging
import OAuth
import OAuthSender
import Synchronization
import Vocabulary

/// Finds the endpoints that a provider's description leaves to its issuer. Its methods may be called on any thread.
final class Discovery: Sendable {
    /// A provider with all that is known of its endpoints.
    struct Found: Sendable {
        let provider: Provider
        /// The server says that it always sends `iss` (RFC 9207 §3).
        let sendsIssuer: Bool
    }

    /// Why nothing was found; no request with a token or code was made.
    struct NotFound: Error {
        let failure: Failure
        let sentence: String
        /// There is nothing at the URL, which says less than anything else that another URL answers.
        var isAbsence = false
    }

    typealias Completion = @Sendable (Result<Found, NotFound>) -> Void

    struct Entry {
        var metadata: ServerMetadata?
        /// What a restart would find.
        var kept: ConfirmedMetadata?
        /// What is known comes from an earlier process and is more than a day old: nothing goes by it before the issuer was asked.
        var isStale = false
        var isUnwritable = false
        var isReading = false
        /// Why the last reading failed that was not followed by a good one.
        var problem: NotFound?
        /// Before this, what is known is used.
        var readAgainAt = BootTime.distantPast
        var waiting: [(Provider, Completion)] = []
    }

    /// Endpoints move seldom, and with notice.
    static let lifetime = Duration.seconds(86_400)
    /// After a failure beside an older document.
    private static let retry = Duration.seconds(300)
    /// After a failure without one: an issuer that is down or wrong is not asked for every account.
    private static let retryWithout = Duration.seconds(15)

    private let sender: OAuthSender
    let store: GrantStore
    let log: Logger
    let entries = Mutex<[ProviderName: Entry]>([:])

    init(sender: OAuthSender, store: GrantStore, log: Logger) {
        self.sender = sender
        self.store = store
        self.log = log
    }

    /// Completes `provider`'s endpoints, if one of `endpoints` is missing, and calls `completion` once: at once where
    /// something is known, else on a thread of the HTTP client.
    func complete(_ provider: Provider, for endpoints: Set<EndpointName>, _ completion: @escaping Completion)
    {
        guard let issuer = provider.issuer, provider.needsDiscovery(for: endpoints) else {
            return completion(.success(Found(provider: provider, sendsIssuer: false)))
        }
        let now = BootTime.now()
        let (known, mustRead) = entries.withLock { entries -> (Result<ServerMetadata, NotFound>?, Bool) in
            var entry = entries[provider.name] ?? Entry()
            defer { entries[provider.name] = entry }
            let isDue = now >= entry.readAgainAt && !entry.isReading
            // An older document serves while it is read anew.
            if let metadata = entry.metadata, !entry.isStale {
                if isDue { entry.isReading = true }
                return (.success(metadata), isDue)
            }
            if let problem = entry.problem, now < entry.readAgainAt { return (.failure(problem), false) }
            entry.waiting.append((provider, completion))
            if isDue { entry.isReading = true }
            return (nil, isDue)
        }
        if let known { completion(known.map { Self.found(provider, $0) }) }
        if mustRead { read(ServerMetadata.urls(issuer: issuer)[...], issuer, provider, last: nil) }
    }

    private static func found(_ provider: Provider, _ metadata: ServerMetadata) -> Found {
        Found(provider: provider.completed(by: metadata), sendsIssuer: metadata.sendsIssuer)
    }

    private func read(
        _ urls: ArraySlice<String>, _ issuer: String, _ provider: Provider, last: NotFound?
    ) {
        guard let url = urls.first else { return conclude(provider, .failure(last ?? Self.nothing)) }
        sender.get(url, tls: provider.tls) { outcome in
            switch Self.judge(outcome, issuer: issuer) {
            case .success(let metadata): self.conclude(provider, .success(metadata))
            case .failure(let problem):
                let telling = last.flatMap { $0.isAbsence ? nil : $0 } ?? problem
                self.read(urls.dropFirst(), issuer, provider, last: telling)
            }
        }
    }

    private static let nothing = NotFound(
        failure: Failure(.clientConfiguration, isOfClient: true),
        sentence: "the issuer has no metadata document")

    private static func judge(
        _ outcome: OAuthSender.Outcome, issuer: String
    ) -> Result<ServerMetadata, NotFound> {
        switch outcome {
        case .answered(let answer) where answer.status == 200:
            do throws(MetadataProblem) {
                return .success(try ServerMetadata(answer.body, issuer: issuer))
            } catch {
                return .failure(
                    NotFound(
                        failure: Failure(.clientConfiguration, isOfClient: true),
                        sentence: "the issuer's metadata: \(error)"))
            }
        case .answered(let answer):
            let passes = answer.status >= 500 || answer.status == 429 || answer.status == 408
            return .failure(
                NotFound(
                    failure: passes
                        ? Failure(.transient) : Failure(.clientConfiguration, isOfClient: true),
                    sentence: "the issuer's metadata: status \(answer.status)", isAbsence: !passes))
        case .notSent(let failure, let cause):
            return .failure(NotFound(failure: failure, sentence: "the issuer's metadata: \(cause)"))
        case .lost(let cause):
            return .failure(
                NotFound(failure: Failure(.transient), sentence: "the issuer's metadata: \(cause)"))
        }
    }

    private func conclude(_ provider: Provider, _ result: Result<ServerMetadata, NotFound>) {
        let (waiting, metadata) = entries.withLock { entries in
            var entry = entries[provider.name] ?? Entry()
            defer { entries[provider.name] = entry }
            entry.isReading = false
            entry.isStale = false
            switch result {
            case .success(let metadata):
                entry.metadata = metadata
                entry.problem = nil
                entry.readAgainAt = .now() + Self.lifetime
            case .failure(let problem):
                // Nobody else hears of it: what was read before goes on serving.
                if entry.metadata != nil, entry.problem == nil {
                    log.warning("\(provider.name): \(problem.sentence); what it said before is gone by")
                }
                entry.problem = problem
                entry.readAgainAt = .now() + (entry.metadata == nil ? Self.retryWithout : Self.retry)
            }
            defer { entry.waiting = [] }
            return (entry.waiting, entry.metadata)
        }
        for (provider, completion) in waiting {
            if let metadata {
                completion(.success(Self.found(provider, metadata)))
            } else {
                completion(result.map { Self.found(provider, $0) })
            }
        }
        // Last: whoever waited for the document does not wait for the disk.
        if case .success(let metadata) = result { keep(metadata, of: provider.name) }
    }
}
