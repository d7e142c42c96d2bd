// A real authorization server beside the daemon: started by its script, visited by a scripted user agent, and asked by
// hand for what a client other than tokend would see.

import Foundation

/// A running server in a directory of its own; it ends with this.
final class InteropServer {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    let kind: InteropKind
    let version: String
    let directory: String
    let baseURL: String
    /// PEM of the authority that the server's certificate comes from; nil without TLS.
    var caFile: String? { authority?.file }
    private let authority: CertificateAuthority?
    private let process = Process()
    private let stdin = Pipe()

    /// With characters that mean something in a URL, a form and HTTP Basic.
    static let clientSecret = "s3cr3t/+%& ="
    /// Nobody listens there: what counts is where the server wants to send the user.
    static let redirectURI = "http://127.0.0.1:7777/callback"
    private static let userPassword = "correct horse"

    init(_ kind: InteropKind) throws {
        self.kind = kind
        directory = NSTemporaryDirectory() + "tokend-interop-" + UUID().uuidString.prefix(8)
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let port = try freePort()
        baseURL = "\(kind.usesTLS ? "https" : "http")://127.0.0.1:\(port)"
        authority = kind.usesTLS ? try CertificateAuthority() : nil
        let folder = InteropKind.folder
        let script = Self.scripts + kind.script
        let command =
            try authority.map { [directory] authority in
                let certificate = try authority.issue(for: "IP:127.0.0.1")
                return ["/usr/bin/python3", script, folder + "/glewlwyd", directory, "\(port)", certificate]
            } ?? [folder + "/python/bin/python", script, directory, "\(port)"]
        process.executableURL = URL(fileURLWithPath: command[0])
        process.arguments = Array(command.dropFirst())
        process.environment = Self.environment.merging(kind.environment) { $1 }
        process.standardInput = stdin
        let stdout = Pipe()
        process.standardOutput = stdout
        _ = FileManager.default.createFile(atPath: directory + "/stderr.log", contents: nil)
        process.standardError = FileHandle(forWritingAtPath: directory + "/stderr.log")
        try process.run()
        // The one line on its output: "ready" and the version; none where it ended instead.
        let line = String(decoding: stdout.fileHandleForReading.availableData, as: UTF8.self)
        guard line.hasPrefix("ready ") else {
            let log = (try? String(contentsOfFile: directory + "/stderr.log", encoding: .utf8)) ?? ""
            throw Failure(description: "\(kind.name) did not start: \(log.suffix(2000))")
        }
        version = line.dropFirst("ready ".count).trimmingCharacters(in: .newlines)
    }

    deinit {
        try? stdin.fileHandleForWriting.close()
        process.waitUntilExit()
        try? FileManager.default.removeItem(atPath: directory)
    }

    private static let scripts = InteropReport.root.path + "/Tests/SystemTests/Interop/"

    private static let environment = [
        "PATH": "/usr/bin:/bin", "CLIENT_SECRET": clientSecret, "REDIRECT_URI": redirectURI,
        "USER_PASSWORD": userPassword, "PYTHONDONTWRITEBYTECODE": "1",
    ]

    // MARK: - The user

    /// Opens `url` as a user at a browser does and returns where the server sends the browser at last.
    func visit(_ url: String, denies: Bool = false) throws -> String {
        var environment = Self.environment
        environment["CA_FILE"] = caFile
        let result = try Programs.run(
            "/usr/bin/python3",
            [Self.scripts + "user_agent.py", url, Self.redirectURI] + (denies ? ["--deny"] : []),
            environment: environment)
        guard result.status == 0 else { throw Failure(description: result.errors) }
        return result.output.trimmingCharacters(in: .newlines)
    }

    // MARK: - What the server has seen

    /// How many token requests have come so far.
    var tokenRequests: Int {
        let name = kind.usesTLS ? "glewlwyd.log" : "requests.log"
        let log = (try? String(contentsOfFile: directory + "/" + name, encoding: .utf8)) ?? ""
        return log.split(separator: "\n").count { line in
            kind.tokenRequestMarks.contains { line.contains($0) }
        }
    }

    /// The next answer at the token endpoint is lost: the server does what was asked, and the connection ends.
    func loseAnswer() throws {
        try Data(kind.tokenPath.utf8).write(to: URL(fileURLWithPath: directory + "/lose-answer"))
    }

    /// Whether an answer is still to be lost.
    var losesAnswer: Bool { FileManager.default.fileExists(atPath: directory + "/lose-answer") }

    // MARK: - By hand

    /// A status and a body, as another client than tokend gets them.
    struct Answer: CustomStringConvertible {
        let status: Int
        let body: String

        var description: String { "\(status)" + (body.isEmpty ? " without a body" : " \(body.prefix(120))") }

        /// A member of the body where that is a JSON object.
        func text(_ member: String) -> String? {
            let object = try? JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any]
            return object?[member] as? String
        }
    }

    /// A grant that the server gave to this test.
    struct HandGrant {
        let accessToken: String
        let refreshToken: String
    }

    /// Logs in as a client of our own would that is registered as `tokend`.
    func grantByHand() throws -> HandGrant {
        let query = [
            "response_type": "code", "client_id": "tokend", "redirect_uri": Self.redirectURI,
            "scope": kind.scopes.joined(separator: " "), "state": "by-hand",
            // A server may refuse one that it has seen.
            "nonce": UUID().uuidString,
            // RFC 7636, appendix B.
            "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", "code_challenge_method": "S256",
        ]
        let words = query.map { "\($0)=\(Self.formEncoded($1))" }.joined(separator: "&")
        let redirected = try visit(baseURL + kind.authorizationPath + "?" + words)
        let items = URLComponents(string: redirected)?.queryItems ?? []
        guard let code = items.first(where: { $0.name == "code" })?.value else {
            throw Failure(description: "no code in \(redirected)")
        }
        let answer = try post(
            kind.tokenPath,
            [
                "grant_type": "authorization_code", "code": code, "redirect_uri": Self.redirectURI,
                "code_verifier": "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
            ])
        guard let access = answer.text("access_token"), let refresh = answer.text("refresh_token") else {
            throw Failure(description: "no grant by hand: \(answer)")
        }
        return HandGrant(accessToken: access, refreshToken: refresh)
    }

    /// Shows a refresh token at the token endpoint.
    func refreshByHand(_ token: String) throws -> Answer {
        try post(kind.tokenPath, ["grant_type": "refresh_token", "refresh_token": token])
    }

    /// Whether the API accepts the access token.
    func accepts(_ accessToken: String) throws -> Bool {
        try curl(["-H", "Authorization: Bearer \(accessToken)", baseURL + kind.resourcePath]).status == 200
    }

    private func post(_ path: String, _ fields: [String: String]) throws -> Answer {
        let isRaw = kind.authMethod == "client_secret_basic_raw"
        let secret = isRaw ? Self.clientSecret : Self.formEncoded(Self.clientSecret)
        let credentials = Data("tokend:\(secret)".utf8).base64EncodedString()
        let data = fields.flatMap { ["--data-urlencode", "\($0)=\($1)"] }
        return try curl(["-H", "Authorization: Basic \(credentials)"] + data + [baseURL + path])
    }

    private func curl(_ arguments: [String]) throws -> Answer {
        let trust = caFile.map { ["--cacert", $0] } ?? []
        let result = try Programs.run(
            "/usr/bin/curl", ["-s", "-S", "-w", "\n%{http_code}"] + trust + arguments)
        let lines = result.output.split(separator: "\n", omittingEmptySubsequences: false)
        guard result.status == 0, let status = lines.last.flatMap({ Int($0) }) else {
            throw Failure(description: "curl: \(result.errors)")
        }
        return Answer(status: status, body: lines.dropLast().joined(separator: "\n"))
    }

    private static func formEncoded(_ word: String) -> String {
        let plain = CharacterSet(
            charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
        return word.addingPercentEncoding(withAllowedCharacters: plain)!
            .replacingOccurrences(of: "%20", with: "+")
    }
}
