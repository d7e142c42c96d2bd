// Decides whether a backup's record is believed: only what this daemon's key sealed, whole, for the account, generation and
// token endpoint that it claims, and for the endpoint that is configured now. Anything else is refused before anything is
// written. Rejected: writing the sealed bytes as they came, which would put off the judgement to the next start.

import Foundation
import GRDB
import Vocabulary

/// A backup's record, opened and found authentic.
public struct RestoredRecord: Hashable, Sendable {
    public let account: AccountName
    public let generation: Generation
    /// The record's number, where it comes from this very store.
    public let record: RecordID?
    public let grant: Grant
    public let obtainedAt: WallTime?
    public let lastSuccessAt: WallTime?
    /// nil while nothing speaks against the refresh token.
    public let standing: Standing?
    let mark: SealedMark?

    /// The generation it is written as: its own, so that generations stay comparable, unless that would go back.
    func generation(over incumbent: Incumbent?) -> Generation {
        incumbent.map { max(generation, $0.generation.next) } ?? generation
    }
}

/// The record that a restored one takes the place of, as it is expected to be found.
public struct Incumbent: Hashable, Sendable {
    public let record: RecordID
    public let generation: Generation

    public init(record: RecordID, generation: Generation) {
        self.record = record
        self.generation = generation
    }
}

/// Why a backup's record is not restored.
public enum RestoreRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    case otherKey(sealedWith: String, ours: String)
    case providerNotConfigured(ProviderName)
    case otherEndpoint(sealedFor: String, configured: String)
    /// Some of it is not what the key vouches for.
    case notAuthentic

    public var description: String {
        switch self {
        case .otherKey(let theirs, let ours):
            "it was sealed with another encryption key (\(Self.name(theirs))) than this daemon's (\(ours))"
        case .providerNotConfigured: "no provider of that name is configured"
        case .otherEndpoint(let sealedFor, let configured):
            "it was sealed for another token endpoint: \(sealedFor), and the configuration says \(configured)"
        case .notAuthentic: "it was changed, or belongs to another account, generation or backup"
        }
    }

    /// A key's name, or that it is none.
    private static func name(_ text: String) -> String {
        text.utf8.count == 16 && text.allSatisfy(\.isHexDigit) ? text : "of no readable name"
    }
}

extension GrantStore {
    /// Opens a backup's record and judges it. Reads and writes nothing.
    public func open(
        _ sealed: SealedRecord, of origin: BackupOrigin, _ now: Moment
    ) throws(RestoreRefusal) -> RestoredRecord {
        guard let endpoint = tokenEndpoint(sealed.account.provider) else {
            throw .providerNotConfigured(sealed.account.provider)
        }
        guard origin.keyID == self.origin.keyID else {
            throw .otherKey(sealedWith: origin.keyID, ours: self.origin.keyID)
        }
        guard sealed.generation.number > 0, sealer.isAuthentic(sealed, of: origin) else {
            throw .notAuthentic
        }
        guard sealed.tokenEndpoint == endpoint else {
            throw .otherEndpoint(sealedFor: sealed.tokenEndpoint, configured: endpoint)
        }
        let subject = Sealer.Subject(
            account: sealed.account, tokenEndpoint: endpoint, generation: sealed.generation)
        let halves = Sealer.SealedGrant(
            refresh: Data(sealed.sealedRefresh), access: Data(sealed.sealedAccess),
            expiresAt: sealed.expiresAt, obtainedAt: sealed.obtainedAt)
        guard let grant = try? sealer.open(halves, as: subject) else { throw .notAuthentic }
        // A mark that names another refresh token says nothing of this one.
        let hash = Array(sealer.refreshHash(grant.refreshToken, of: sealed.account))
        let mark = sealed.mark.flatMap { $0.refreshHash == hash ? $0 : nil }
        return RestoredRecord(
            account: sealed.account, generation: sealed.generation,
            record: origin == self.origin ? sealed.record : nil, grant: grant,
            obtainedAt: sealed.obtainedAt, lastSuccessAt: sealed.lastSuccessAt,
            standing: mark.flatMap { MarkRow.Reading($0, sealed.generation).standing(bootID: bootID, now) },
            mark: mark)
    }
}

extension MarkRow.Reading {
    fileprivate init(_ mark: SealedMark, _ generation: Generation) {
        self.init(
            generation: generation, refreshHash: Data(mark.refreshHash), bootID: mark.bootID,
            state: mark.state,
            reason: mark.reason, presentation: mark.presentation)
    }
}

extension Sealer {
    func seal(_ restored: RestoredRecord, as subject: Subject) -> SealedGrant {
        seal(restored.grant, as: subject, obtainedAt: restored.obtainedAt)
    }
}

// MARK: Writing

extension GrantRow {
    static func restore(
        _ restored: RestoredRecord, over incumbent: Incumbent?, to sealed: Sealer.SealedGrant,
        as subject: Sealer.Subject, _ database: Database
    ) throws -> ChangeOutcome {
        let outcome: ChangeOutcome
        if let incumbent {
            outcome = try update(
                incumbent.record, after: incumbent.generation, to: sealed, as: subject,
                succeededAt: restored.lastSuccessAt, database)
        } else {
            outcome = try insert(sealed, as: subject, database)
        }
        guard case .stored(let record, let generation) = outcome else { return outcome }
        if incumbent == nil, let succeededAt = restored.lastSuccessAt {
            let statement = try database.cachedStatement(
                sql: "UPDATE grants SET last_success_at_ns = ? WHERE record = ?")
            try statement.execute(arguments: [succeededAt.nanoseconds, record.rowID])
        }
        if let mark = restored.mark { try MarkRow.restore(mark, record, of: generation, database) }
        return outcome
    }
}

extension MarkRow {
    /// Writes a backup's mark beside the record that was just written.
    fileprivate static func restore(
        _ mark: SealedMark, _ record: RecordID, of generation: Generation, _ database: Database
    ) throws {
        let statement = try database.cachedStatement(
            sql: """
                INSERT OR REPLACE INTO marks (record, generation, refresh_hash, boot_id, since_boot_ns, since_wall_ns,
                    last_boot_ns, last_wall_ns, late_replays, state, reason)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """)
        let head: StatementArguments = [
            record.rowID, generation.stored, Data(mark.refreshHash), mark.bootID,
        ]
        let end: StatementArguments = [mark.state.rawValue, mark.reason?.rawValue]
        try statement.execute(arguments: head + times(mark.presentation) + end)
    }
}
