// Decides the SQL of what issuers told of their endpoints: a row per provider. It decides where refresh tokens go after a
// restart, so it is sealed like the grants. What it says is its owner's business; here it is a sealed document.

import Foundation
import GRDB
import Vocabulary

/// What was read of a provider's issuer, as the store keeps it.
public struct StoredMetadata: Hashable, Sendable {
    public let provider: ProviderName
    /// When the issuer last said so.
    public let confirmedAt: WallTime
    /// Names its issuer; to be read as if it came from there.
    public let document: [UInt8]

    public init(provider: ProviderName, confirmedAt: WallTime, document: [UInt8]) {
        self.provider = provider
        self.confirmedAt = confirmedAt
        self.document = document
    }
}

/// A row of `metadata`.
enum MetadataRow {
    /// Writes the row in place of the one before.
    static func keep(
        _ provider: ProviderName, _ confirmedAt: WallTime, _ sealed: Data, _ database: Database
    ) throws -> ChangeOutcome {
        try database.cachedStatement(
            sql: "INSERT OR REPLACE INTO metadata (provider, confirmed_at_ns, sealed) VALUES (?, ?, ?)"
        ).execute(arguments: [provider.text, confirmedAt.nanoseconds, sealed])
        return .kept
    }
}

extension GrantStore {
    /// What is kept of each provider's issuer. Nobody asks for that of a provider that is not configured any more: it stays, is
    /// no secret, and grows too old.
    public func metadata() throws(StoreError) -> [ProviderName: Result<StoredMetadata, RecordDamage>] {
        let rows = try DatabaseFile.translating(path) {
            try reader.read {
                try Row.fetchAll($0, sql: "SELECT provider, confirmed_at_ns, sealed FROM metadata")
            }
        }
        var metadata: [ProviderName: Result<StoredMetadata, RecordDamage>] = [:]
        for row in rows {
            guard let provider = row.text(0).flatMap({ ProviderName($0) }) else { continue }
            metadata[provider] = Result { () throws(RecordDamage) in
                guard let confirmedAt = row.time(1), let sealed = row.blob(2) else { throw .malformed }
                return try sealer.openMetadata(sealed, of: provider, confirmedAt: confirmedAt)
            }
        }
        return metadata
    }
}
