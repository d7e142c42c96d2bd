// Decides how `import` ends: 65 where a line failed, else by what stopped it; the lines without an answer are named.

import ArgumentParser
import Glibc
import TokenClient

/// Gives the daemon many accounts through one connection.
struct ImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Add many accounts from JSON lines. For root and the daemon's own user.",
        discussion: """
            Each line is an object as add takes it, with account (<provider>/<name>) beside it. Blank lines are \
            skipped. Each account gets one line on standard output, in order: \
            "ok <account> <state>" or "error line <n> <account> <code> <sentence>". A bad line does not stop \
            the others; the exit status is then 65. --timeout bounds each answer, not the whole.
            """)

    @Argument(
        help: ArgumentHelp("The file, or - for standard input.", valueName: "file"), completion: .file())
    var file: String

    @Flag(help: "Overwrite accounts that exist.")
    var replace = false

    @OptionGroup var connection: ConnectionOptions

    func run() throws {
        let descriptor = file == "-" ? STDIN_FILENO : open(file, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw Complaint(.badRequest, "\(file.printable) cannot be read: \(systemError(errno))")
        }
        var run = ImportRun(source: LineSource(descriptor: descriptor), replace: replace)
        do {
            try connection.ask { client throws(TokenClientError) in
                try client.pipeline(next: { run.next(isIdle: $0) }, answered: { run.answered($0) })
            }
        } catch {
            run.finish()
            throw Complaint(error.status, error.sentence + run.unansweredClause)
        }
        run.finish()
        if let failure = run.failure { throw failure }
        guard run.report.failed == 0 else {
            let total = run.report.failed + run.report.imported
            throw Complaint(
                .badRequest, "\(run.report.failed.grouped) of \(total.grouped) accounts were not imported")
        }
    }
}
