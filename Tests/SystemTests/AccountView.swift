// What STATUS and LIST tell, as a test wants to look at it.

import Foundation

/// An account as the daemon shows it, in the words of the wire.
struct AccountView: Decodable, Hashable {
    let account: String
    let state: String
    let needs: String
    let reason: String?
    let generation: Int
    let failures: Int
    let expiresAt: Int?
    let fingerprint: String?

    init(_ json: some StringProtocol) throws {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        self = try decoder.decode(Self.self, from: Data(json.utf8))
    }

    /// The name behind the provider's.
    var subject: String { String(account.drop { $0 != "/" }.dropFirst()) }
}

/// A provider's client as the daemon shows it, in the words of the wire.
struct ClientView: Decodable, Hashable {
    let provider: String
    let state: String
    let needs: String
    let reason: String?
    let nextAttemptAt: Int?
    let backlog: Int
    let budget: String?
}

extension Wire {
    /// What STATUS says of `sandbox/<subject>`.
    func status(_ subject: String) throws -> AccountView { try status(of: "sandbox/\(subject)") }

    /// What STATUS says of an account.
    func status(of account: String) throws -> AccountView {
        let answer = try ask("STATUS \(account)")
        guard answer.hasPrefix("OK ") else { throw Failure(description: "STATUS \(account): \(answer)") }
        return try AccountView(answer.dropFirst(3))
    }

    /// What STATUS says of a provider's client.
    func client(_ provider: String) throws -> ClientView {
        struct Daemon: Decodable { let providers: [ClientView] }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let answer = try ask("STATUS")
        let daemon = try decoder.decode(Daemon.self, from: Data(answer.dropFirst(3).utf8))
        guard let client = daemon.providers.first(where: { $0.provider == provider }) else {
            throw Failure(description: "no provider \(provider) in \(answer)")
        }
        return client
    }

    /// The accounts that LIST shows, of which there are at most 1000.
    func list(state: String? = nil) throws -> [AccountView] {
        try send("LIST limit=1000" + (state.map { " state=\($0)" } ?? "") + "\n")
        var accounts: [AccountView] = []
        while let line = try line() {
            guard line.hasPrefix("DATA ") else {
                guard line.hasPrefix("OK ") else { throw Failure(description: "LIST: \(line)") }
                return accounts
            }
            accounts.append(try AccountView(line.dropFirst(5)))
        }
        throw Failure(description: "the connection ended before the answer")
    }

    /// The access token that GET serves for `sandbox/<subject>`; nil where it serves none.
    func token(_ subject: String, _ options: String = "") throws -> String? {
        let words = try ask("GET sandbox/\(subject)" + (options.isEmpty ? "" : " " + options)).split(
            separator: " ")
        guard words.count == 4, words[0] == "OK", words[2] == "Bearer" else { return nil }
        return String(words[3])
    }

    /// REFRESH of `sandbox/<subject>`.
    func refresh(_ subject: String) throws -> String { try ask("REFRESH sandbox/\(subject)") }

    /// ADD of `sandbox/<subject>` with this refresh token.
    func add(_ subject: String, _ refreshToken: String, replace: Bool = false) throws -> String {
        let json = #"{"refresh_token":"\#(refreshToken)"\#(replace ? #","replace":true"# : "")}"#
        return try ask("ADD sandbox/\(subject) \(json)")
    }

    /// Returns when `sandbox/<subject>` is as `condition` wants it.
    @discardableResult
    func await(
        _ subject: String, _ what: String, within seconds: Double = 30, _ condition: (AccountView) -> Bool
    ) throws -> AccountView {
        var view = try status(subject)
        try eventually(within: seconds, "\(subject) \(what)") {
            view = try status(subject)
            return condition(view)
        }
        return view
    }
}

extension RunningDaemon {
    /// Asks for a REFRESH of all at once and returns each one's answer.
    func refresh(_ subjects: [String]) throws -> [String: String] {
        let wires = try subjects.map { subject in
            let wire = try connect()
            try wire.send("REFRESH sandbox/\(subject)\n")
            return (subject, wire)
        }
        return try Dictionary(
            uniqueKeysWithValues: wires.map { subject, wire in
                (subject, try wire.line(within: 60) ?? "no answer")
            })
    }
}
