// Decides how `restore` ends: 0 only where every account is as the backup has it; what the daemon kept or refused is told.

import ArgumentParser
import Glibc
import TokenClient

/// Gives the daemon the accounts of a backup.
struct RestoreCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Restore accounts from a backup. For root and the daemon's own user.",
        discussion: """
            The whole file is checked before anything is sent. The daemon opens each record with its key; one sealed \
            with another key, for another account or another token endpoint than is configured is refused. An account \
            that is there is kept where its grant is as new or newer, or of another login: presenting an older refresh \
            token can revoke the account at its provider. --force overwrites it all the same, as the next generation. \
            A restored account that rotated since the backup is tried once and then needs a login. --timeout bounds \
            each answer. Exit status 0: every account was restored, or has the backup's grant already.
            """)

    @Argument(
        help: ArgumentHelp("The file, or - for standard input.", valueName: "file"), completion: .file())
    var file: String

    @Flag(help: "Overwrite accounts whatever they have.")
    var force = false

    @OptionGroup var connection: ConnectionOptions

    func run() throws {
        let descriptor = file == "-" ? STDIN_FILENO : open(file, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw Complaint(.badRequest, "\(file.printable) cannot be read: \(systemError(errno))")
        }
        let reading = try BackupReading.read(LineSource(descriptor: descriptor))
        let records = try reading.whole()
        var run = RestoreRun(records, of: reading.header!.origin, force: force)
        var isSame = true
        do {
            try connection.ask { client throws(TokenClientError) in
                try client.pipeline(next: { _ in run.next() }, answered: { run.answered($0) })
                isSame = try Self.isSame(run.report, client)
            }
        } catch {
            run.finish()
            if run.report.isBegun { try StandardOutput.write(run.report.text) }
            throw Complaint(error.status, error.sentence + run.unansweredClause)
        }
        run.finish()
        try StandardOutput.write(run.report.text)
        if let complaint = run.report.complaint(isSame: isSame) { throw complaint }
    }

    /// Whether every account that was kept has the backup's grant.
    private static func isSame(
        _ report: RestoreReport, _ client: TokenClient
    ) throws(TokenClientError) -> Bool {
        let now = Moment.now().wall
        for record in report.kept {
            let status = try client.status(of: record.account)
            guard status.isSame(as: record, now: now) else { return false }
        }
        return true
    }
}
