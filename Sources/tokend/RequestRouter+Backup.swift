// Decides what serves `BACKUP` and `RESTORE`: records are read, opened and rendered on the rendering queue, so that neither
// the server's thread nor the engine waits for a long backup. The queue is serial: restorations reach the engine in the
// order of their requests.

import Engine
import GrantStore
import SocketServer
import Vocabulary
import WireProtocol

extension RequestRouter {
    func backup(
        _ options: BackupOptions, from peer: Peer, _ reply: @escaping @Sendable ([UInt8]) -> Void
    ) {
        guard mayEdit(peer) else { return reply(Self.denied) }
        let store = loop.store
        rendering.async {
            do throws(StoreError) {
                let page = try store.backup(after: options.after, limit: options.limit)
                let header = BackupHeader(origin: store.origin, createdAt: Moment.now().wall)
                reply(Reply.backup(header, page.entries.map(BackupEntry.init), more: page.hasMore))
            } catch {
                loop.logUnreadable(error)
                reply(Reply.error(RequestError(.storage, retryAfter: 1, "the store cannot be read")))
            }
        }
    }

    func restore(
        _ request: RestoreRequest, from peer: Peer, _ reply: @escaping @Sendable ([UInt8]) -> Void
    ) {
        guard mayEdit(peer) else { return reply(Self.denied) }
        rendering.async {
            do throws(RestoreRefusal) {
                let record = try loop.store.open(request.sealed, of: request.origin, .now())
                restore(record, force: request.force, reply)
            } catch {
                reply(Reply.error(RequestError(error.code, "\(error)")))
            }
        }
    }

    private func restore(
        _ record: RestoredRecord, force: Bool, _ reply: @escaping @Sendable ([UInt8]) -> Void
    ) {
        loop.enter { turn in
            let kind = providers[record.account.provider]?.kind ?? .refreshToken
            let cargo = FleetLoop.Cargo(record, kind, turn.now)
            let operation = turn.fleet.newOperation()
            turn.cargo[operation] = cargo
            turn.fleet.restoreRequested(
                turn.caller(reply), operation, record.account, cargo.facts,
                Restoration(
                    generation: record.generation, record: record.record, lastSuccessAt: record.lastSuccessAt,
                    standing: record.standing, force: force), turn.now, &turn.actions)
        }
    }
}

extension FleetLoop.Cargo {
    /// What a backup brought. An access token that has lapsed meanwhile is kept and not served.
    /// - Parameter kind: of the account's provider.
    init(_ record: RestoredRecord, _ kind: GrantKind, _ now: Moment) {
        var facts = record.grant.accessToken.map {
            TokenFacts($0, obtainedAt: record.obtainedAt, scope: record.grant.scope, now)
        }
        facts?.isRenewable = record.grant.refreshToken != nil || !kind.needsGrant
        facts?.awaitsFirstExchange = record.grant.awaitsFirstExchange
        facts?.refreshTokenExpiresAt = record.grant.refreshTokenExpiresAt
        self.init(
            grant: record.grant, facts: facts.flatMap { $0.expiry > now.boot ? $0 : nil },
            obtainedAt: record.obtainedAt, succeededAt: nil,
            restored: record)
    }

    /// The write of a grant that comes from a backup.
    func restoration(over incumbent: Incumbent? = nil) -> Change? {
        restored.map { .restore($0, over: incumbent) }
    }
}

extension BackupEntry {
    fileprivate init(_ entry: BackupPage.Entry) {
        switch entry {
        case .record(let sealed): self = .record(sealed)
        case .unreadable(let record, let account):
            self = .leftOut(record, account, why: "its row is damaged")
        }
    }
}

extension RestoreRefusal {
    fileprivate var code: ErrorCode {
        if case .providerNotConfigured = self { return .unknownProvider }
        return .badRequest
    }
}
