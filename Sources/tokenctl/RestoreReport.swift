// Decides what a restoration tells: numbers, and a reason for each account that is not as the backup has it, up to a few.
// Pure. One line for each account, as an import has, was rejected: what was restored is in the file.

import TokenClient

/// The results of a restoration so far.
struct RestoreReport {
    /// More lines of a kind than this say no more.
    private static let mostLines = 20

    private(set) var restored: Int64 = 0
    private(set) var failed: Int64 = 0
    /// The records of accounts whose stored grant was left in place.
    private(set) var kept: [SealedRecord] = []
    private var keptLines: [String] = []
    private var failedLines: [String] = []
    private var statuses: Set<ExitStatus> = []

    mutating func answered(_ record: SealedRecord, _ result: Result<Answer, RequestError>) {
        switch result {
        case .success: restored += 1
        case .failure(let error) where error.code == .exists:
            kept.append(record)
            if keptLines.count < Self.mostLines {
                keptLines.append("kept \(record.account): \(error.sentence.printable)\n")
            }
        case .failure(let error):
            failed += 1
            statuses.insert(ExitStatus(error.code))
            if failedLines.count < Self.mostLines {
                failedLines.append("failed \(record.account): \(error.sentence.printable)\n")
            }
        }
    }

    var isBegun: Bool { restored + failed + Int64(kept.count) > 0 }

    var text: String {
        (keptLines + Self.rest(Int64(kept.count), "kept")
            + failedLines + Self.rest(failed, "failed")).joined()
            + "restored \(restored.grouped), kept \(Int64(kept.count).grouped) as new or newer, failed \(failed.grouped)\n"
    }

    private static func rest(_ count: Int64, _ what: String) -> [String] {
        count > mostLines ? ["\(what): \((count - Int64(mostLines)).grouped) more\n"] : []
    }

    /// Why this was no whole success.
    /// - Parameter isSame: whether the accounts kept have the backup's own grants.
    func complaint(isSame: Bool) -> Complaint? {
        if failed > 0 {
            // Where all failed alike, the status says how.
            let status = statuses.count == 1 ? statuses.first! : .badRequest
            return Complaint(status, "\(failed.grouped) accounts were not restored")
        }
        guard isSame else {
            return Complaint(
                .badRequest, "accounts were kept as they are; --force overwrites them with the backup's")
        }
        return nil
    }
}

extension AccountStatus {
    /// Whether the account has the record's own grant, as far as can be told from outside: a new login can have the same
    /// generation, but hardly a token that lapses in the same second. The daemon forgets a token that had lapsed.
    func isSame(as record: SealedRecord, now: WallTime) -> Bool {
        guard generation == record.generation.number else { return false }
        let expiresAt = record.expiresAt?.epochSeconds
        return self.expiresAt == expiresAt || (self.expiresAt == nil && expiresAt ?? 0 <= now.epochSeconds)
    }
}
