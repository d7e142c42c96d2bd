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
        let url: String
        do { url = try client.authorize(account, options) } catch { throw Complaint(error, about: account) }
        let parameters = QueryParameters(url)
        let redirect = (parameters["redirect_uri"] ?? options.redirectURI).flatMap(LoopbackRedirect.init)
        let listener = redirect.flatMap(listen)
        try show(url, listener == nil ? nil : redirect)
        let event = try CallbackWait(
            listener: listener, path: redirect?.path ?? "", state: parameters["state"], input: input,
            deadline: deadline,
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

    private func listen(_ redirect: LoopbackRedirect) -> LoopbackListener? {
        do {
            return try LoopbackListener(redirect)
        } catch {
            let why =
                switch error {
                case .portTaken: "is taken by another program, so the browser will not find this one"
                case .systemCall(let name, errno: let code): "cannot be used (\(name): \(systemError(code)))"
                }
            screen.tell("Port \(redirect.port) \(why).\n")
            return nil
        }
    }

    private func show(_ url: String, _ redirect: LoopbackRedirect?) throws(Complaint) {
        screen.tell("To connect \(account), open:\n\n")
        try screen.put(url.printable)
        screen.showCode(url)
        let hasOpened = openBrowser.map { $0(url) } ?? false
        screen.tell(
            (hasOpened ? "\nThe browser should show it.\n" : "\n")
                + (redirect == nil
                    ? "Then paste the address that the browser ends up at, and press Enter.\n"
                    : "Waiting for the browser. If it runs on another machine and ends at a page that cannot be "
                        + "reached,\npaste its address here and press Enter.\n"))
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
