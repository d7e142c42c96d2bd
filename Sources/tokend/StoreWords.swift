// Decides how what the store reads and answers is told to the engine, which knows neither its errors nor its secrets, and
// to readers.

import Engine
import GrantStore
import TokenTable
import Vocabulary

extension TokenFacts {
    /// Of a stored token; nil where the account has none.
    /// - Parameter kind: of the account's provider.
    init?(_ account: StoredAccount, _ kind: GrantKind, _ now: Moment) {
        guard let token = account.accessToken else { return nil }
        self.init(token, obtainedAt: account.obtainedAt, scope: account.scope, now)
        isRenewable = account.hasRefreshToken || !kind.needsGrant
        awaitsFirstExchange = account.awaitsFirstExchange
        refreshTokenExpiresAt = account.refreshTokenExpiresAt
    }
}

extension TokenTable {
    /// Serves `token` for `account` until the end that the engine knows of.
    func publish(_ token: AccessToken, as facts: TokenFacts, for account: AccountName) {
        let shown = AccessToken(secret: token.secret, type: token.type, expiresAt: facts.expiresAt)
        publish(account: account, token: shown, fingerprint: facts.fingerprint, expiry: facts.expiry)
    }
}

extension MarkResult {
    init(_ result: Result<ChangeOutcome, StoreError>, _ record: RecordID, in store: GrantStore) {
        switch result {
        case .success(.marked): self = .marked
        case .success:
            do { self = .gone(try store.grant(of: record)?.generation) } catch {
                if case .recordDamaged = error { self = .damaged } else { self = .failed }
            }
        case .failure(.recordDamaged): self = .damaged
        case .failure: self = .failed
        }
    }
}

extension StoreResult {
    init(_ result: Result<ChangeOutcome, StoreError>, of change: Change, in store: GrantStore) {
        switch result {
        case .success(.stored(let record, let generation)): self = .stored(record, generation)
        case .success(.removed): self = .removed
        case .success(.gone):
            self = .gone(change.replaced.flatMap { try? store.grant(of: $0) }?.generation)
        case .success(.exists):
            // An earlier write of this very grant may have been reported failed and be durable all the same.
            if case .add(let name, let grant, _) = change, let record = try? store.record(of: name),
                let found = try? store.grant(of: record), found.grant == grant
            {
                self = .stored(record, found.generation)
            } else {
                self = .exists
            }
        case .success(.marked), .success(.settled), .success(.kept), .success(.taken):
            preconditionFailure("neither a mark, a login nor metadata is an edit")
        case .failure: self = .failed
        }
    }
}
