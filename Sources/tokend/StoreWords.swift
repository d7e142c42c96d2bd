// Decides how what the store reads and answers is told to the engine, which knows neither its errors nor its secrets.

import Engine
import GrantStore
import Vocabulary

extension TokenFacts {
    /// Of a stored token; nil where the account has none. A record without the time it was obtained counts its life from
    /// its expiry alone.
    init?(_ account: StoredAccount, _ now: Moment) {
        guard let token = account.accessToken else { return nil }
        let obtainedAt = account.obtainedAt ?? now.wall
        self.init(
            expiry: now.boot(at: token.expiresAt), expiresAt: token.expiresAt,
            lifetime: max(.zero, token.expiresAt - obtainedAt), fingerprint: Fingerprint(of: token.secret),
            type: token.type, scope: account.scope)
    }
}

extension MarkResult {
    init(_ result: Result<ChangeOutcome, StoreError>, _ record: RecordID, in store: GrantStore) {
        switch result {
        case .success(.marked): self = .marked
        case .success: self = .gone((try? store.grant(of: record))?.generation)
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
        case .success(.exists): self = .exists
        case .success(.marked), .success(.settled):
            preconditionFailure("a mark is no edit")
        case .failure: self = .failed
        }
    }
}
