// What is tried between a daemon and a server that nobody here wrote. Each thing tried stands alone in the report, and one
// that does not hold does not hide the next.

import Foundation

/// One server and one daemon that knows it.
final class InteropTrial {
    struct Breach: Error, CustomStringConvertible {
        let description: String
    }

    let server: InteropServer
    let daemon: RunningDaemon
    private(set) var wire: Wire
    /// What did not hold.
    private var breaches: [String] = []

    var kind: InteropKind { server.kind }

    init(_ kind: InteropKind) throws {
        server = try InteropServer(kind)
        daemon = try RunningDaemon(providers: Self.providers(server))
        try daemon.start()
        wire = try daemon.connect()
    }

    /// Tries something and adds what held to the report.
    /// - Parameter body: returns what held, in a few words; throws `Breach` for what did not.
    func attempt(_ tried: String, _ body: () throws -> String) {
        let held: String
        do {
            held = try body()
        } catch {
            held = "DID NOT HOLD: \(error)"
            breaches.append("\(tried): \(error)")
        }
        InteropReport.add(server: kind.name, version: server.version, tried: tried, held: held)
    }

    /// Stops the daemon.
    /// - Throws: `Breach` with all that did not hold.
    func finish() throws {
        let status = daemon.stop()
        if status != 0 { breaches.append("the daemon ended with \(status)") }
        try demand(breaches.isEmpty, "\(kind.name)\n" + breaches.joined(separator: "\n"))
    }

    /// What must hold, or the rest of this attempt makes no sense.
    func demand(_ condition: Bool, _ what: @autoclosure () -> String) throws {
        if !condition { throw Breach(description: what()) }
    }

    /// As a crash and the service manager do.
    func killAndRestart() throws {
        daemon.crash()
        try daemon.start()
        wire = try daemon.connect()
    }

    // MARK: The daemon's configuration

    /// The server as several providers: each way to authenticate is one.
    private static func providers(_ server: InteropServer) -> String {
        let kind = server.kind
        var members = [
            "server": provider(server, "tokend", kind.authMethod, secret),
            "poster": provider(server, kind.postClient, "client_secret_post", secret),
            "impostor": provider(server, "tokend", kind.authMethod, [#""client_secret": "wrong""#]),
            "careful": provider(
                server, "tokend", kind.authMethod, secret + [#""replay_after_lost_response": "never""#]),
            "machine": provider(
                server, kind.machine.client, kind.authMethod, secret + [#""kind": "client_credentials""#],
                scopes: [kind.machine.scope]),
        ]
        if kind.knowsSigner {
            let key = [
                #""private_key": {"file": "\#(server.directory)/signer.pem"}"#,
                #""signing_algorithm": "ES256""#,
            ]
            members["signer"] = provider(server, "signer", "private_key_jwt", key)
        }
        return "{" + members.map { "\"\($0)\": \($1)" }.joined(separator: ",") + "}"
    }

    private static let secret = [#""client_secret": "\#(InteropServer.clientSecret)""#]

    private static func provider(
        _ server: InteropServer, _ client: String, _ method: String, _ more: [String],
        scopes: [String]? = nil
    ) -> String {
        let kind = server.kind
        let base = server.baseURL
        let words = (scopes ?? kind.scopes).map { "\"\($0)\"" }.joined(separator: ",")
        var members = [
            #""client_id": "\#(client)""#, #""token_endpoint_auth_method": "\#(method)""#,
            #""redirect_uri": "\#(InteropServer.redirectURI)""#, #""scopes": [\#(words)]"#,
        ]
        if let issuer = kind.issuerPath {
            members.append(#""issuer": "\#(base)\#(issuer)""#)
        } else {
            members += [
                #""authorization_endpoint": "\#(base)\#(kind.authorizationPath)""#,
                #""token_endpoint": "\#(base)\#(kind.tokenPath)""#,
                #""revocation_endpoint": "\#(base)\#(kind.revocationPath)""#,
            ]
        }
        if let ca = server.caFile { members.append(#""tls": {"ca_file": "\#(ca)"}"#) }
        return "{" + (members + kind.configuration + more).joined(separator: ", ") + "}"
    }

    // MARK: Asking the daemon

    /// A token as GET serves it.
    struct Served: Equatable {
        let type: String
        let token: String
    }

    func served(_ account: String, _ options: String = "") throws -> Served {
        let answer = try wire.ask("GET \(account)\(options)", within: 70)
        let words = answer.split(separator: " ")
        try demand(words.count == 4 && words[0] == "OK", "GET \(account)\(options): \(answer)")
        return Served(type: String(words[2]), token: String(words[3]))
    }

    /// Asks and demands an answer that begins so.
    @discardableResult
    func ask(_ request: String, expecting prefix: String) throws -> String {
        let answer = try wire.ask(request, within: 70)
        let shown = request.split(separator: " ").prefix(2).joined(separator: " ")
        try demand(answer.hasPrefix(prefix), "\(shown.prefix(60)): \(answer)")
        return answer
    }

    /// The URL at which a user connects `account`.
    func authorizeURL(_ account: String) throws -> String {
        let url = String(try ask("AUTHORIZE \(account)", expecting: "OK ").dropFirst(3))
        try demand(url.hasPrefix(server.baseURL + kind.authorizationPath + "?"), "another endpoint: \(url)")
        let items = URLComponents(string: url)?.queryItems ?? []
        for name in ["state", "code_challenge"] {
            try demand(items.contains { $0.name == name && $0.value?.isEmpty == false }, "no \(name): \(url)")
        }
        try demand(
            items.contains { $0.name == "code_challenge_method" && $0.value == "S256" }, "not S256: \(url)")
        return url
    }

    /// Connects `account` as a user does.
    func logIn(_ account: String) throws {
        pace()
        let redirected = try server.visit(try authorizeURL(account))
        try ask("CALLBACK \(redirected)", expecting: "OK \(account) ")
    }

    /// Connects `account` with a grant that this test got by hand.
    func add(_ account: String, _ grant: InteropServer.HandGrant, withAccessToken: Bool = false) throws {
        let access =
            withAccessToken
            ? #", "access_token": "\#(grant.accessToken)", "expires_at": \#(Int(Date().timeIntervalSince1970) + 3000)"#
            : ""
        try ask(#"ADD \#(account) {"refresh_token": "\#(grant.refreshToken)"\#(access)}"#, expecting: "OK ")
    }

    /// Waits for the next second where the server gives one access token a second: it revokes the old one with the new.
    func pace() {
        guard kind.issuesATokenASecond else { return }
        let second = time(nil)
        while time(nil) == second { poll(nil, 0, 10) }
    }
}
