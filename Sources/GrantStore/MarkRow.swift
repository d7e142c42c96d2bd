// Decides the SQL of in-flight marks: what is durable before a refresh token is presented, in a table of its own, so that
// a mark dirties one small page and not the tokens' pages. A mark counts only while record, generation and the refresh
// token's keyed hash agree with it: resolved on evidence, it can block nothing (R7).

import Foundation
import GRDB
import Vocabulary

/// A row of `marks`.
enum MarkRow {
    typealias State = SealedMark.State

    /// The columns that `GrantRow` reads beside its own, all NULL where there is no mark.
    static let columns = """
        marks.generation, refresh_hash, boot_id, since_boot_ns, since_wall_ns, last_boot_ns, last_wall_ns, late_replays,
        state, reason
        """

    /// What is read of a mark, before its hash is compared.
    struct Reading {
        let generation: Generation
        let refreshHash: Data
        let bootID: String
        let state: State
        let reason: Reason?
        let presentation: Presentation

        /// What the mark says now. Boot times of another boot are told by the wall clock; one that shows a time before
        /// the presentation tells nothing, and the presentation counts as long ago.
        func standing(bootID: String, _ now: Moment) -> Standing? {
            if state == .rejected { return reason.map(Standing.rejected) }
            var presentation = presentation
            presentation.since = seen(presentation.since, bootID, now)
            presentation.last = seen(presentation.last, bootID, now)
            return .inDoubt(presentation, wasCutOff: state == .inFlight)
        }

        private func seen(_ moment: Moment, _ bootID: String, _ now: Moment) -> Moment {
            let isKnown = self.bootID == bootID ? moment.boot <= now.boot : moment.wall <= now.wall
            guard isKnown else { return Moment(boot: .distantPast, wall: moment.wall) }
            return self.bootID == bootID ? moment : Moment(boot: now.boot(at: moment.wall), wall: moment.wall)
        }
    }

    /// - Returns: nil where there is no mark, or none that can be understood.
    static func read(_ row: Row, from column: Int) -> Reading? {
        guard let generation = row.integer(column), generation > 0, let hash = row.blob(column + 1),
            let bootID = row.text(column + 2), let sinceBoot = row.integer(column + 3),
            let sinceWall = row.time(column + 4), let lastBoot = row.integer(column + 5),
            let lastWall = row.time(column + 6), let lateReplays = row.integer(column + 7),
            let state = row.text(column + 8).flatMap(State.init)
        else { return nil }
        return Reading(
            generation: Generation(UInt64(generation)), refreshHash: hash, bootID: bootID, state: state,
            reason: row.text(column + 9).flatMap(Reason.init),
            presentation: Presentation(
                since: Moment(boot: BootTime(nanoseconds: sinceBoot), wall: sinceWall),
                last: Moment(boot: BootTime(nanoseconds: lastBoot), wall: lastWall),
                lateReplays: Int(min(max(lateReplays, 0), Int64(Presentation.mostLateReplays)))))
    }
}

// MARK: Writing

extension MarkRow {
    /// Writes the mark where the record still has that generation. A refresh token that was rejected before stays so: a
    /// forced attempt can only end that by a new grant.
    static func mark(
        _ record: RecordID, of generation: Generation, _ presentation: Presentation, refreshHash: Data,
        bootID: String, _ database: Database
    ) throws -> ChangeOutcome {
        let statement = try database.cachedStatement(
            sql: """
                INSERT OR REPLACE INTO marks (record, generation, refresh_hash, boot_id, since_boot_ns, since_wall_ns,
                    last_boot_ns, last_wall_ns, late_replays, state, reason)
                SELECT grants.record, grants.generation, ?, ?, ?, ?, ?, ?, ?,
                    iif(marks.state = 'rejected', 'rejected', 'in-flight'), iif(marks.state = 'rejected', reason, NULL)
                FROM grants LEFT JOIN marks ON marks.record = grants.record AND marks.generation = grants.generation
                WHERE grants.record = ? AND grants.generation = ?
                """)
        try statement.execute(
            arguments: [refreshHash, bootID] + times(presentation) + [record.rowID, generation.stored])
        return database.changesCount == 1 ? .marked : .gone
    }

    /// Says how the presentation ended; a mark of another generation is left alone.
    static func settle(
        _ record: RecordID, of generation: Generation, _ settlement: Settlement, _ database: Database
    ) throws -> ChangeOutcome {
        let end = " WHERE record = ? AND generation = ?"
        let key: StatementArguments = [record.rowID, generation.stored]
        switch settlement {
        case .cleared:
            try database.cachedStatement(sql: "DELETE FROM marks" + end).execute(arguments: key)
        case .inDoubt(let presentation):
            let statement = try database.cachedStatement(
                sql: """
                    UPDATE marks SET since_boot_ns = ?, since_wall_ns = ?, last_boot_ns = ?, last_wall_ns = ?,
                        late_replays = ?, state = 'in-doubt'
                    """ + end)
            try statement.execute(arguments: times(presentation) + key)
        case .rejected(let reason):
            let statement = try database.cachedStatement(
                sql: "UPDATE marks SET state = 'rejected', reason = ?" + end)
            try statement.execute(arguments: [reason.rawValue] + key)
        }
        return database.changesCount == 1 ? .settled : .gone
    }

    /// A new grant, or none: whatever was known of the old refresh token no longer counts.
    static func delete(_ record: RecordID, _ database: Database) throws {
        let statement = try database.cachedStatement(sql: "DELETE FROM marks WHERE record = ?")
        try statement.execute(arguments: [record.rowID])
    }

    static func times(_ presentation: Presentation) -> StatementArguments {
        [
            presentation.since.boot.nanoseconds, presentation.since.wall.nanoseconds,
            presentation.last.boot.nanoseconds, presentation.last.wall.nanoseconds,
            presentation.lateReplays,
        ]
    }
}
