import Testing
import TokenClient

@testable import tokenctl

private let origin = BackupOrigin(keyID: "0123456789abcdef", storeID: "fedcba9876543210")

private func sealed(_ number: Int64, _ account: String = "p/alice") -> SealedRecord {
    SealedRecord(
        record: RecordID(rowID: number), account: AccountName(account)!, generation: Generation(5),
        tokenEndpoint: "https://p.example/token", expiresAt: WallTime(nanoseconds: .max),
        sealedRefresh: [1, 2, 3], sealedAccess: [4], tag: [5, 6])
}

private let header = BackupHeader(origin: origin, createdAt: WallTime(epochSeconds: 1)).json.serialized
private func end(_ count: Int64) -> String { BackupTrailer(records: count).json.serialized }

@Suite struct RestoreTests {
    private func read(_ lines: [String]) throws -> [SealedRecord] {
        var reading = BackupReading()
        for line in lines { try reading.take(Array(line.utf8)) }
        return try reading.whole()
    }

    @Test("a whole backup is read back record by record")
    func whole() throws {
        let records = [sealed(1, "p/a"), sealed(7, "p/b")]
        #expect(try read([header] + records.map(\.json.serialized) + [end(2), ""]) == records)
        #expect(try read([header, end(0)]) == [])
    }

    @Test("of an account that was removed and added anew meanwhile the later record counts")
    func twice() throws {
        let records = [sealed(1, "p/a"), sealed(2, "p/b"), sealed(7, "p/a")]
        #expect(
            try read([header] + records.map(\.json.serialized) + [end(3)]).map(\.record.rowID) == [2, 7])
    }

    static let line = sealed(1).json.serialized

    @Test(
        "a file that is not a whole backup is refused before anything is sent, and the line is named",
        arguments: [
            ([], "line 1: it is empty"),
            (["garbage"], "line 1: it does not begin as a backup of tokend does"),
            (["{}"], "line 1: it does not begin as a backup of tokend does"),
            ([line, end(1)], "line 1: it does not begin as a backup of tokend does"),
            ([#"{"tokend_backup":1}"#], "line 1: it does not begin as a backup of tokend does"),
            (
                [#"{"tokend_backup":2}"#],
                "line 1: it is a backup of version 2; this tokenctl reads version 1"
            ),
            ([header], "line 1: its end is missing: it was cut short"),
            ([header, line], "line 2: its end is missing: it was cut short"),
            (
                [header, String(line.dropLast(9))],
                "line 2: it is not JSON; the file is damaged or cut short"
            ),
            ([header, line, end(2)], "line 3: it has 1 records and ends with the number 2"),
            ([header, line, line, end(2)], "line 3: the records are not in the order of their numbers"),
            ([header, end(0), line], "line 3: it goes on behind its end"),
            ([header, header, end(1)], "line 2: record is missing"),
            ([header, "[]", end(1)], "line 2: expected an object, found an array"),
            (
                [header, #"{"record":1,"account":"nobody"}"#, end(1)],
                "line 2: account is not <provider>/<name>"
            ),
        ])
    func refused(_ row: (lines: [String], sentence: String)) {
        let complaint = #expect(throws: Complaint.self) { try read(row.lines) }
        #expect(complaint == Complaint(.badRequest, "no backup to restore; \(row.sentence)"))
    }

    @Test("the report counts, and gives the reason for each account that is not as in the backup")
    func report() {
        var report = RestoreReport()
        report.answered(sealed(1, "p/a"), .success(Answer(text: "ok")))
        #expect(report.complaint(isSame: true) == nil)
        report.answered(sealed(2, "p/b"), .failure(RequestError(.exists, "it is newer")))
        #expect(report.complaint(isSame: true) == nil)
        #expect(report.complaint(isSame: false)?.status == .badRequest)
        report.answered(sealed(3, "p/c"), .failure(RequestError(.denied, "not you")))
        #expect(report.complaint(isSame: true)?.status == .denied)
        report.answered(sealed(4, "p/d"), .failure(RequestError(.badRequest, "it was changed")))
        #expect(report.complaint(isSame: true)?.status == .badRequest)
        #expect(
            report.text == """
                kept p/b: it is newer
                failed p/c: not you
                failed p/d: it was changed
                restored 1, kept 1 as new or newer, failed 2

                """)
    }

    @Test(
        "an account that was kept has the backup's grant where generation and expiry agree",
        arguments: [
            (generation: 5, expiresAt: 100, isSame: true), (generation: 6, expiresAt: 100, isSame: false),
            (generation: 5, expiresAt: 101, isSame: false), (generation: 5, expiresAt: nil, isSame: false),
        ] as [(generation: UInt64, expiresAt: Int64?, isSame: Bool)])
    func same(_ row: (generation: UInt64, expiresAt: Int64?, isSame: Bool)) {
        var record = sealed(1)
        record.expiresAt = WallTime(nanoseconds: 100_999_999_999)
        var status = AccountStatus(
            account: record.account, state: .ok, needs: .nobody, generation: row.generation)
        status.expiresAt = row.expiresAt
        #expect(status.isSame(as: record, now: WallTime(epochSeconds: 50)) == row.isSame)
        // One that has lapsed since is no longer shown.
        status.expiresAt = nil
        #expect(
            status.isSame(as: record, now: WallTime(epochSeconds: 200)) == (row.generation == 5))
    }

    @Test("a report of thousands stays short")
    func longReport() {
        var report = RestoreReport()
        for number in 1...2000 {
            report.answered(sealed(Int64(number)), .failure(RequestError(.exists, "it is newer")))
        }
        #expect(report.text.split(separator: "\n").count == 22)
        #expect(report.text.contains("kept: 1,980 more\n"))
    }
}
