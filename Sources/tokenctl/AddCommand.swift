// Decides where `add` takes a grant from: standard input alone. An option or the environment was rejected: other processes
// can read both.

import ArgumentParser
import Glibc
import TokenClient

/// Gives the daemon one account. The grant comes from standard input: arguments are visible to every user in /proc.
struct AddCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract:
            "Add an account; its grant is read from standard input. For root and the daemon's own user.",
        discussion: """
            Standard input is either a bare refresh token or a JSON object with refresh_token and optionally \
            access_token, expires_at (epoch seconds), token_type, scope, redirect_uri, replace.
            """)

    @Argument(help: "The account, <provider>/<name>.", transform: AccountName.argument)
    var account: AccountName

    @Flag(help: "Overwrite an account that exists.")
    var replace = false

    @OptionGroup var connection: ConnectionOptions

    func run() throws {
        if isatty(STDIN_FILENO) == 1 {
            StandardError.write("Paste the refresh token or the JSON object, then press Enter and Ctrl-D.\n")
        }
        var grant: AddedGrant
        do { grant = try AddedGrant(input: try readInput()) } catch let error as RequestError {
            throw Complaint(.badRequest, "standard input: \(error.sentence)")
        }
        if replace { grant.replace = true }
        let state = try connection.ask(about: account) { [grant] client throws(TokenClientError) in
            try client.add(account, grant)
        }
        try StandardOutput.write("added \(account), \(state.rawValue)\n")
    }

    private func readInput() throws(Complaint) -> [UInt8] {
        var source = LineSource(descriptor: STDIN_FILENO)
        var input: [UInt8] = []
        while true {
            switch try source.next(mayBlock: true) {
            case .line(let line) where input.count + line.count < LineSource.longest:
                input += line + [UInt8(ascii: "\n")]
            case .end: return input
            case .line, .tooLong, .later:
                throw Complaint(.badRequest, "standard input is too long for a grant")
            }
        }
    }
}

extension AddedGrant {
    /// Reads what `add` takes: a JSON object, or one bare refresh token, white space around either.
    init(input: [UInt8]) throws(RequestError) {
        let isSpace: (UInt8) -> Bool = { $0 == 0x20 || (0x09...0x0D).contains($0) }
        let trimmed = input.drop(while: isSpace).reversed().drop(while: isSpace).reversed()
        switch trimmed.first {
        case nil: throw RequestError(.badRequest, "it is empty; expected a refresh token or a JSON object")
        // What begins as JSON is meant as JSON: no provider's token does.
        case UInt8(ascii: "{")?, UInt8(ascii: "[")?, UInt8(ascii: "\"")?: self = try AddedGrant.parse(trimmed)
        case _?:
            let token = Secret(String(decoding: trimmed, as: UTF8.self))
            guard token.isHeaderSafe else {
                throw RequestError(
                    .badRequest, "expected one refresh token of visible ASCII, or a JSON object")
            }
            self.init(refreshToken: token)
        }
    }
}
