// Decides what `login` takes and which of the two ways it goes. The grant itself never comes near this program: the daemon
// makes the URL, exchanges the code and keeps the tokens.

import ArgumentParser
import TokenClient

/// Connects an account, also one that is there.
struct LoginCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "login",
        abstract: "Connect an account: its user logs in with a browser, here or on another device.",
        discussion: """
            Prints the URL to open. Where the redirect URI is http://127.0.0.1, http://[::1] or http://localhost, \
            listens there (at a free port where the URI names none, as RFC 8252 section 7.3 has it) until the browser \
            comes back; otherwise, or where the browser runs on another machine, paste \
            the address that it ends up at. Standard output has the URL (with --device, also the code) and the \
            outcome, a line each. An account that is connected stays as it is until the new login has succeeded. \
            --timeout bounds each answer of the daemon (the last, for which the provider is asked, has a minute at \
            least); the person has 10 minutes.
            """)

    @Argument(help: "The account, <provider>/<name>.", transform: AccountName.argument)
    var account: AccountName

    @Flag(help: "Show a code to enter on another device (RFC 8628), where the provider has that.")
    var device = false

    @Flag(help: "Open no browser; without a display none is opened anyway.")
    var noBrowser = false

    @Option(help: "In place of the provider's scopes, as it goes into the request.")
    var scope: String?

    @Option(
        name: .customLong("redirect-uri"),
        help: ArgumentHelp("In place of the provider's redirect_uri.", valueName: "uri"))
    var redirectURI: String?

    @Option(
        name: .customLong("var"),
        help: ArgumentHelp("What the account fills into the provider's {name}.", valueName: "name=value"),
        transform: Self.variable)
    var variables: [TemplateVariable] = []

    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        guard !device || redirectURI == nil else {
            throw ValidationError("--device takes no --redirect-uri: nobody is redirected")
        }
        guard redirectURI != "" else { throw ValidationError("--redirect-uri is empty") }
        guard Set(variables.map(\.name)).count == variables.count else {
            throw ValidationError("--var names a variable twice")
        }
    }

    /// The protocol's options that the command line asks for.
    var options: LoginOptions {
        LoginOptions(
            redirectURI: redirectURI, scope: scope,
            variables: Dictionary(uniqueKeysWithValues: variables.map { ($0.name, $0.value) }))
    }

    func run() throws {
        let client = TokenClient(
            socket: connection.socket ?? TokenClient.defaultSocket, timeout: connection.timeout.duration)
        let loggedIn: LoggedIn
        if device {
            loggedIn = try DeviceLogin(account: account, options: options, screen: .standard).run(client)
        } else {
            let openBrowser: ((String) -> Bool)? = noBrowser ? nil : { Self.open($0) }
            let login = BrowserLogin(
                account: account, options: options, openBrowser: openBrowser, screen: .standard)
            loggedIn = try login.run(client)
        }
        try StandardOutput.write(Self.render(loggedIn, now: Moment.now().wall))
    }

    /// What is printed in the end, LF included.
    static func render(_ loggedIn: LoggedIn, now: WallTime) -> String {
        let expiry = loggedIn.expiresAt.epochSeconds
        return
            "connected \(loggedIn.account), token good until \(RelativeTime.utc(expiry)) (\(RelativeTime.until(expiry, now: now.epochSeconds)))\n"
    }

    private static func open(_ url: String) -> Bool {
        Browser.command(for: url, environmentVariable).map(Browser.start) ?? false
    }

    @Sendable static func variable(_ text: String) throws -> TemplateVariable {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let variable = TemplateVariable(String(parts[0]), String(parts[1])) else {
            throw ValidationError("--var is NAME=VALUE; \(TemplateVariable.form)")
        }
        return variable
    }
}
