// Decides how the program begins and ends: ArgumentParser reads the command line, and whatever goes wrong ends in one
// line on standard error and an exit status that a script can switch on.

import ArgumentParser
import Glibc
import Vocabulary

@main
struct Tokenctl: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tokenctl",
        abstract: "Ask tokend for OAuth 2.0 access tokens and look after its accounts.",
        discussion: """
            The socket is --socket PATH, else $TOKEND_SOCKET, else /run/tokend/tokend.sock.

            Exit status: 0 done; 64 wrong usage; 65 bad request (also: the account exists, its provider is unknown, \
            min-ttl cannot be met); 67 unknown account; 69 no daemon at the socket; 70 internal error; \
            75 try again (also: no answer in time); 77 denied; 78 an operator must act; 79 the user must log in again.
            """,
        version: tokendVersion,
        subcommands: [
            GetCommand.self, StatusCommand.self, ListCommand.self, RefreshCommand.self, ForecastCommand.self,
            LoginCommand.self, AddCommand.self, ImportCommand.self, RevokeCommand.self, RemoveCommand.self,
            BackupCommand.self, RestoreCommand.self, PingCommand.self,
        ])

    static func main() {
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch let complaint as Complaint {
            end(complaint.status, complaint.sentence)
        } catch  where exitCode(for: error) == .validationFailure {
            end(.usage, "\(message(for: error)) (tokenctl --help tells more)")
        } catch {
            // Help, the version and completion scripts come this way, with status 0.
            exit(withError: error)
        }
    }

    private static func end(_ status: ExitStatus, _ sentence: String) -> Never {
        StandardError.write("tokenctl: \(sentence)\n")
        Glibc.exit(status.rawValue)
    }
}
