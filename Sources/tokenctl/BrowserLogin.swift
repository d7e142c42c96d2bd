// Decides the course of a login with a browser (RFC 6749 §4.1, RFC 8252): the listener is there before anybody sees the
// URL, and gone with the login. Where the browser cannot come back here, what is in its address bar is pasted.

import Glibc
import TokenClient

/// One login through the authorization endpoint.
struct BrowserLogin {
    /// As long as the daemon keeps a login that was begun.
    static let patience: Duration = .seconds(600)
    /// The least time for the last answer: the provider is asked, and a code cannot be sent twice.
    private static let exchange: Duration = .seconds(60)

    let account: AccountName
    let options: LoginOptions
    /// nil where no browser is to be opened.
    var openBrowser: ((String) -> Bool)?
    let screen: LoginScreen
    var input = STDIN_FILENO

    /// Blocks until the login has ended.
    func run(_ client: TokenClient, patience: Duration = Self.patience) throws(Complaint) -> LoggedIn {
        let deadline = Moment.now().boot + patience
        var (url, redirect) = try begin(client, options)
        var listener = redirect.flatMap(listen)
        if let any = redirect, any.port == nil, let port = listener?.port {
            // The provider takes every port, and has to be told this one.
            var options = options
            options.redirectURI = any.uri(at: port)
            (url, redirect) = try begin(client, options)
        }
        // `authorize_parameters` may have another redirect URI than the one that was asked for.
        if listener?.port != redirect?.port { listener = nil }
        try show(url, isAwaited: listener != nil)
        let event = try CallbackWait(
            listener: listener, path: redirect?.path ?? "", state: QueryParameters(url)["state"],
            input: input, deadline: deadline,
            refuse: { screen.tell("That is not the address that this login leads to; paste it again.\n") }
        ).next()
        switch event {
        case .browser(let query, let connection):
            return try finish(query, client) { connection.answer($0 ? .connected : .failed) }
        case .pasted(let redirected): return try finish(redirected, client) { _ in }
        case .noWay:
            throw Complaint(.badRequest, "standard input has ended without the redirected URL")
        case .timedOut:
            throw Complaint(.loginNeeded, "\(account): nobody has logged in within 10 minutes; begin anew")
        }
    }

    /// The URL to open, and where it leads back to; nil where not to this machine.
    private func begin(
        _ client: TokenClient, _ options: LoginOptions
    ) throws(Complaint) -> (url: String, redirect: LoopbackRedirect?) {
        let url: String
        do { url = try client.authorize(account, options) } catch { throw Complaint(error, about: account) }
        let redirect = QueryParameters(url)["redirect_uri"] ?? options.redirectURI
        return (url, redirect.flatMap(LoopbackRedirect.init))
    }

    private func listen(_ redirect: LoopbackRedirect) -> LoopbackListener? {
        do {
            return try LoopbackListener(redirect)
        } catch {
            let why =
                switch error {
                case .portTaken: "is taken by another program, so the browser will not find this one"
                case .systemCall(let name, errno: let code): "cannot be used (\(name): \(systemError(code)))"
                }
            screen.tell("\(redirect.port.map { "Port \($0)" } ?? "Every port of loopback") \(why).\n")
            return nil
        }
    }

    /// - Parameter isAwaited: the browser may come back here.
    private func show(_ url: String, isAwaited: Bool) throws(Complaint) {
        screen.tell("To connect \(account), open:\n\n")
        try screen.put(url.printable)
        screen.showCode(url)
        let hasOpened = openBrowser.map { $0(url) } ?? false
        screen.tell(
            (hasOpened ? "\nThe browser should show it.\n" : "\n")
                + (isAwaited
                    ? "Waiting for the browser. If it runs on another machine and ends at a page that cannot be "
                        + "reached,\npaste its address here and press Enter.\n"
                    : "Then paste the address that the browser ends up at, and press Enter.\n"))
    }

    /// - Parameter answer: called with whether it went well, before this throws.
    private func finish(
        _ redirected: Secret, _ client: TokenClient, _ answer: (Bool) -> Void
    ) throws(Complaint) -> LoggedIn {
        client.timeout = max(client.timeout, Self.exchange)
        do {
            let loggedIn = try client.callback(redirected)
            answer(true)
            return loggedIn
        } catch {
            answer(false)
            throw Complaint(error, about: account)
        }
    }
}
