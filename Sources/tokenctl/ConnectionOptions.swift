// Decides what every command takes: where the daemon is and how long the whole may last.

import ArgumentParser
import TokenClient

struct ConnectionOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The daemon's socket.", valueName: "path"), completion: .file())
    var socket: String?

    @Option(
        help: ArgumentHelp(
            "The time the whole call may take, connecting included: 15s, 500ms, 2m, or seconds.",
            valueName: "duration"))
    var timeout = DurationArgument(duration: TokenClient.defaultTimeout)

    func validate() throws {
        guard timeout.duration > .zero else { throw ValidationError("--timeout must be above zero") }
        guard socket != "" else { throw ValidationError("--socket is empty") }
    }

    /// Runs `body` with a client; what it throws becomes a complaint about `account`.
    func ask<T>(
        about account: AccountName? = nil, _ body: (TokenClient) throws(TokenClientError) -> T
    ) throws(Complaint) -> T {
        let client = TokenClient(socket: socket ?? TokenClient.defaultSocket, timeout: timeout.duration)
        do { return try body(client) } catch { throw Complaint(error, about: account) }
    }
}

extension AccountName {
    /// What a positional argument goes through: unlike `ExpressibleByArgument` it can say what is wrong.
    @Sendable static func argument(_ text: String) throws -> AccountName {
        guard let account = AccountName(text) else { throw ValidationError(form) }
        return account
    }

    /// The form in words, for whoever missed it.
    static let form = "an account is <provider>/<name>, of letters, digits and ._@:+~/-"
}

extension Fingerprint: ExpressibleByArgument {
    public init?(argument: String) { self.init(hex: argument) }
}

extension AccountState: ExpressibleByArgument {}
extension Need: ExpressibleByArgument {}
