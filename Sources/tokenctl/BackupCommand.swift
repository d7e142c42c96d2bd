// Decides how `backup` makes a file of the daemon's pages. This program writes it, with its user's rights: the daemon may
// write to its own directory alone.

import ArgumentParser
import TokenClient

/// Copies all records, sealed, while the daemon runs.
struct BackupCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Copy all accounts, sealed, into a file. For root and the daemon's own user.",
        discussion: """
            The daemon goes on refreshing meanwhile; each record is copied whole, as it is at one moment. The file is \
            JSON lines and holds no token in clear: to restore it, the daemon's encryption key is needed, so keep that \
            apart from it. An account that rotates after the backup has another refresh token: what is restored from \
            an old backup may be refused by the provider, once, and then needs a login. --timeout bounds each page. \
            Exit status 78: some records are damaged and not in the file.
            """)

    @Argument(
        help: ArgumentHelp("The file to write, mode 0600, or - for standard output.", valueName: "file"),
        completion: .file())
    var file: String

    @Flag(help: "Overwrite the file.")
    var force = false

    @OptionGroup var connection: ConnectionOptions

    func run() throws {
        guard file != "-" else {
            let result = try copy { bytes throws(Complaint) in try StandardOutput.write(bytes) }
            return try finish(result)
        }
        let output = try BackupFile(file, overwrites: force)
        let result = try copy { bytes throws(Complaint) in try output.write(bytes) }
        // One with gaps does not take the place of yesterday's, which may be whole.
        guard result.leftOut.isEmpty || !output.isOccupied else { return try finish(result) }
        try output.publish()
        try StandardOutput.write("backed up \(result.records.grouped) accounts\n")
        try finish(result)
    }

    private struct Result {
        var records: Int64 = 0
        var leftOut: [BackupEntry] = []
    }

    /// Hands the whole backup to `write`, a page at a time.
    private func copy(_ write: ([UInt8]) throws(Complaint) -> Void) throws(Complaint) -> Result {
        var result = Result()
        let client = TokenClient(
            socket: connection.socket ?? TokenClient.defaultSocket, timeout: connection.timeout.duration)
        var part: BackupPart?
        repeat {
            let before = part
            let next = try page(after: before, client)
            var lines = before == nil ? line(next.header.json) : []
            for entry in next.entries {
                guard case .record = entry else {
                    result.leftOut.append(entry)
                    continue
                }
                lines += line(entry.json)
                result.records += 1
            }
            try write(lines)
            part = next
        } while part!.hasMore
        try write(line(BackupTrailer(records: result.records).json))
        return result
    }

    private func page(after before: BackupPart?, _ client: TokenClient) throws(Complaint) -> BackupPart {
        do {
            return try client.backup(after: before?.entries.last?.record, of: before?.header.origin)
        } catch { throw Complaint(error) }
    }

    private func line(_ json: JSONValue) -> [UInt8] {
        var bytes: [UInt8] = []
        json.write(to: &bytes)
        return bytes + [UInt8(ascii: "\n")]
    }

    /// More lines than this say no more.
    private static let mostLines = 20

    private func finish(_ result: Result) throws {
        guard !result.leftOut.isEmpty else { return }
        for case .leftOut(let record, let account, let why) in result.leftOut.prefix(Self.mostLines) {
            let name = account?.text ?? "-"
            StandardError.write("left out: record \(record.rowID) (\(name)): \(why.printable)\n")
        }
        throw Complaint(
            .operatorNeeded,
            "\(Int64(result.leftOut.count).grouped) records cannot be backed up; a file that was there is kept"
        )
    }
}
