// Decides whether a file is a whole backup: header, records in order, trailer with their number. Pure. All of it is read
// before anything is sent: half a restoration of half a file would be the worst of both. So it is held in memory, some
// kilobyte a record; reading the file twice was rejected, for it need not be the same file then, and a pipe has no second
// time.

import TokenClient

/// A backup's lines as far as they were read.
struct BackupReading {
    private(set) var header: BackupHeader?
    private var records: [SealedRecord] = []
    private var trailer: BackupTrailer?
    private var line = 0

    /// Reads all of `source`.
    /// - Throws: `bad-request`, naming the line.
    static func read(_ source: LineSource) throws(Complaint) -> BackupReading {
        var source = source
        var reading = BackupReading()
        while true {
            switch try source.next(mayBlock: true) {
            case .line(let bytes): try reading.take(bytes)
            case .tooLong: throw reading.wrong("a line is too long for a record")
            case .later: continue
            case .end: return reading
            }
        }
    }

    /// The next line, without its LF.
    mutating func take(_ bytes: [UInt8]) throws(Complaint) {
        line += 1
        guard !ImportLine.isBlank(bytes) else { return }
        guard trailer == nil else { throw wrong("it goes on behind its end") }
        guard let json = try? JSONValue.parse(bytes) else {
            throw wrong(header == nil ? Self.noBackup : "it is not JSON; the file is damaged or cut short")
        }
        if header == nil {
            header = try read(header: json)
        } else if let end = BackupTrailer(json) {
            trailer = end
        } else {
            try append(read(record: json))
        }
    }

    private mutating func append(_ record: SealedRecord) throws(Complaint) {
        guard records.last.map({ $0.record.rowID < record.record.rowID }) ?? true else {
            throw wrong("the records are not in the order of their numbers")
        }
        records.append(record)
    }

    /// The records of a whole backup. One that names an account again is of an account that was removed and added anew
    /// while the backup was made: it alone counts.
    func whole() throws(Complaint) -> [SealedRecord] {
        guard header != nil else { throw wrong("it is empty") }
        guard let trailer else { throw wrong("its end is missing: it was cut short") }
        guard trailer.records == Int64(records.count) else {
            throw wrong("it has \(records.count) records and ends with the number \(trailer.records)")
        }
        let last = Dictionary(records.map { ($0.account, $0.record) }) { $1 }
        return last.count == records.count ? records : records.filter { last[$0.account] == $0.record }
    }

    private static let noBackup = "it does not begin as a backup of tokend does"

    private func read(header json: JSONValue) throws(Complaint) -> BackupHeader {
        if let version = BackupHeader.version(of: json), version != BackupHeader.version {
            throw wrong(
                "it is a backup of version \(version); this tokenctl reads version \(BackupHeader.version)")
        }
        guard let header = BackupHeader(json) else { throw wrong(Self.noBackup) }
        return header
    }

    private func read(record json: JSONValue) throws(Complaint) -> SealedRecord {
        guard let object = json.object else { throw wrong("expected an object, found \(json.typeName)") }
        do { return try SealedRecord(object) } catch { throw wrong(error.sentence) }
    }

    private func wrong(_ sentence: String) -> Complaint {
        Complaint(.badRequest, "no backup to restore; line \(max(line, 1)): \(sentence)")
    }
}
