// Decides how a login is carried out between a client's request and the engine's: states and codes are made durable before
// anybody is sent away with them, and taken durably before a code is presented, so that no crash presents one twice.
// What is decided about them is `Logins`'s.

import Dispatch
import Engine
import GrantStore
import Logging
import Login
import OAuth
import OAuthSender
import Synchronization
import Vocabulary
import WireProtocol

/// Where users' logins are under way. Its methods return at once and may be called on any thread.
final class LoginDesk: Sendable {
    typealias Respond = @Sendable ([UInt8]) -> Void

    struct State {
        var logins = Logins()
        var waiters: [Waiter] = []
        /// Requests to providers, and writes of what they brought.
        var underWay = 0
        var isStopping = false
        var whenQuiet: (@Sendable () -> Void)?
    }

    /// A `LOGIN` that waits for its account's login to end.
    struct Waiter {
        let account: AccountName
        let reply: Respond
        let number: UInt64
    }

    let providers: [ProviderName: Provider]
    let sender: OAuthSender
    let discovery: Discovery
    let loop: FleetLoop
    let log: Logger
    let state = Mutex(State())
    /// Polls of devices and deadlines of those who wait.
    let queue = DispatchQueue(label: "tokend.logins", qos: .userInitiated)

    init(
        providers: [ProviderName: Provider], sender: OAuthSender, discovery: Discovery, loop: FleetLoop,
        log: Logger
    ) {
        self.providers = providers
        self.sender = sender
        self.discovery = discovery
        self.loop = loop
        self.log = log
    }

    /// Takes up the logins that a stop or a crash interrupted. Where they cannot be read their users begin anew: that must
    /// not keep the accounts from being served.
    func resume(_ now: Moment) {
        let stored: [StoredLogin]
        do throws(StoreError) { stored = try loop.store.logins(now.wall) } catch {
            return log.error("logins under way cannot be read, and are forgotten: \(error)")
        }
        let logins = stored.compactMap {
            PendingLogin(state: $0.name, expiresAt: $0.expiresAt, content: $0.content)
        }
        for login in logins where providers[login.account.provider] != nil {
            let begun: ()? = state.withLock { try? $0.logins.begin(login, now.wall) }
            if begun != nil, case .device(let device) = login.flow { poll(login, after: device.interval) }
        }
    }

    /// Refuses what begins from now on and calls `done` once when no code and no new grant is on its way any more.
    func stop(_ done: @escaping @Sendable () -> Void) {
        let isQuiet = state.withLock { state in
            state.isStopping = true
            if state.underWay > 0 { state.whenQuiet = done }
            return state.underWay == 0
        }
        if isQuiet { done() }
    }

    deinit { sender.close() }

    /// Closes the connections to all providers. Blocks.
    func close() { sender.close() }

    /// What a stop waits for.
    var underWay: Int { state.withLock { $0.underWay } }

    /// As many requests to providers at once as can wait for their connections without timing out there.
    private static let mostUnderWay = 1_000

    static let crowded = RequestError(.busy, retryAfter: 1, "too many logins are under way at once")

    /// - Throws: while stopping, and while too many are under way: nothing may begin.
    private func begin() throws(RequestError) {
        try state.withLock { state throws(RequestError) in
            guard !state.isStopping else { throw Self.shuttingDown }
            guard state.underWay < Self.mostUnderWay else { throw Self.crowded }
            state.underWay += 1
        }
    }

    /// What is under way stays so beyond its answer; `finished` ends it.
    func hold() { state.withLock { $0.underWay += 1 } }

    func finished() {
        let whenQuiet = state.withLock { state in
            state.underWay -= 1
            return state.underWay == 0 ? state.whenQuiet.take() : nil
        }
        whenQuiet?()
    }

    static let shuttingDown = RequestError(.shuttingDown, retryAfter: 1, "the daemon is stopping")
    static let storage = RequestError(
        .storage, retryAfter: 1, "the state directory cannot be written; nothing changed")

    /// The provider of `account` with its endpoints, for a request that `use` begins; `use` must lead to `finished`.
    func withProvider(
        of account: AccountName, for endpoints: Set<EndpointName>,
        _ refuse: @escaping @Sendable (RequestError) -> Void,
        _ use: @escaping @Sendable (Discovery.Found) -> Void
    ) {
        guard let provider = providers[account.provider] else {
            return refuse(RequestError(.unknownProvider, "no provider of that name is configured"))
        }
        do throws(RequestError) { try begin() } catch { return refuse(error) }
        discovery.complete(provider, for: endpoints) { result in
            switch result {
            case .success(let found): use(found)
            case .failure(let problem):
                self.log.warning("\(provider.name): \(problem.sentence)")
                let passes = problem.failure.reason.need == .time
                refuse(
                    RequestError(
                        passes ? .tryAgain : .operatorNeeded, retryAfter: passes ? 5 : nil, problem.sentence))
                self.finished()
            }
        }
    }

    /// What the operator has to mend in the provider's description, or the client in the account's variables.
    static func unbuildable(_ problem: RequestProblem) -> RequestError {
        switch problem {
        case .unfilledVariable, .unusableVariable: RequestError(.badRequest, "\(problem)")
        default: RequestError(.operatorNeeded, "the request cannot be built: \(problem)")
        }
    }
}

// MARK: A login by redirection

extension LoginDesk {
    /// `AUTHORIZE`.
    func authorize(_ account: AccountName, _ options: LoginOptions, _ reply: @escaping Respond) {
        withProvider(
            of: account, for: [.authorization, .token], { reply(Reply.error($0)) },
            { found in
                self.authorize(account, options, at: found.provider) { result in
                    reply(result)
                    self.finished()
                }
            })
    }

    private func authorize(
        _ account: AccountName, _ options: LoginOptions, at provider: Provider, _ reply: @escaping Respond
    ) {
        if let refusal = Self.refusal(of: options, at: provider) { return reply(Reply.error(refusal)) }
        let scopes = options.scope ?? provider.scopes.joined(separator: " ")
        let browser = PendingLogin.Browser(
            redirectURI: options.redirectURI ?? provider.redirectURI,
            // 256 bits, as RFC 7636 §7.1 recommends of the verifier.
            verifier: provider.authorization.usesPKCE ? .random(bytes: 32) : nil,
            nonce: provider.authorization.usesNonce && Self.names("openid", in: scopes)
                ? Secret.random(bytes: 16).exposed : nil)
        let now = Moment.now().wall
        let login = PendingLogin(
            state: .random(bytes: 32), account: account, expiresAt: now + Logins.lifetime,
            flow: .browser(browser), variables: options.variables)
        let url: String
        do throws(RequestProblem) {
            url = try AuthorizationURL.make(
                provider, state: login.state.exposed, verifier: browser.verifier, nonce: browser.nonce,
                redirectURI: browser.redirectURI, scope: options.scope, .now(for: account, options.variables))
        } catch {
            return reply(Reply.error(Self.unbuildable(error)))
        }
        keep(login, now) { refusal in reply(refusal.map(Reply.error) ?? Reply.ok(url)) }
    }

    private static func names(_ word: String, in scopes: String) -> Bool {
        scopes.split(whereSeparator: { $0 == " " || $0 == "," }).contains { $0 == word }
    }

    /// Why no user can log in for such an account, or not so.
    static func refusal(of options: LoginOptions, at provider: Provider) -> RequestError? {
        guard provider.kind.needsGrant else {
            return .init(
                .badRequest, "accounts of the kind \(provider.kind.rawValue) need no login: ADD them")
        }
        guard let name = options.variables.keys.first(where: { !provider.accountVariables.contains($0) })
        else { return nil }
        let known = provider.accountVariables.sorted().joined(separator: " ")
        return .init(
            .badRequest,
            "the provider takes no variable \(name)" + (known.isEmpty ? "" : "; it takes: \(known)"))
    }

    /// Makes the login durable.
    /// - Parameter done: told why it could not be; nil where it is under way now.
    func keep(_ login: PendingLogin, _ now: WallTime, _ done: @escaping @Sendable (RequestError?) -> Void) {
        do throws(RequestError) {
            try state.withLock { state throws(RequestError) in try state.logins.begin(login, now) }
        } catch {
            return done(error)
        }
        let stored = StoredLogin(name: login.state, expiresAt: login.expiresAt, content: login.content)
        loop.store.submit(.keepLogin(stored, now: now)) { result in
            if case .success = result { return done(nil) }
            self.state.withLock { $0.logins.withdraw(login) }
            done(Self.storage)
        }
    }

    /// `CALLBACK`.
    func callback(_ redirected: Secret, _ reply: @escaping Respond) {
        let now = Moment.now().wall
        let callback: CallbackParameters
        do throws(CallbackParameters.Problem) { callback = try CallbackParameters(redirected) } catch {
            return reply(Reply.error(Logins.failed("\(error)")))
        }
        let login: PendingLogin
        do throws(RequestError) {
            login = try state.withLock { state throws(RequestError) in try state.logins.take(callback, now) }
        } catch {
            return reply(Reply.error(error))
        }
        withProvider(
            of: login.account, for: [.authorization, .token],
            { refusal in
                self.state.withLock { $0.logins.putBack(login) }
                reply(Reply.error(refusal))
            },
            { found in
                self.conclude(login, callback, found) { outcome in
                    reply(outcome)
                    self.finished()
                }
            })
    }

    private func conclude(
        _ login: PendingLogin, _ callback: CallbackParameters, _ found: Discovery.Found,
        _ reply: @escaping Respond
    ) {
        if let mixUp = PendingLogin.mixUp(callback, issuer: found.provider.issuer, isSent: found.sendsIssuer)
        {
            return forget(login, mixUp, reply)
        }
        if let code = callback.error {
            return forget(login, Logins.failed("\(LoginFailure(refusal: code))"), reply)
        }
        guard let code = callback.code, !code.exposed.isEmpty else {
            return forget(login, Logins.failed("the redirected URL holds no code"), reply)
        }
        redeem(code, login, at: found.provider, reply)
    }

    /// The login has ended without a request to the provider.
    private func forget(_ login: PendingLogin, _ refusal: RequestError, _ reply: @escaping Respond) {
        loop.store.submit(.takeLogin(login.state)) { _ in }
        ended(login, .failed(refusal))
        reply(Reply.error(refusal))
    }

    private func redeem(
        _ code: Secret, _ login: PendingLogin, at provider: Provider, _ reply: @escaping Respond
    ) {
        guard case .browser(let browser) = login.flow else {
            preconditionFailure("only a login by redirection is ended by a callback")
        }
        let request: TokenRequest
        do throws(RequestProblem) {
            request = try TokenRequest.authorizationCode(
                provider, code: code, redirectURI: browser.redirectURI, verifier: browser.verifier,
                .now(for: login.account, login.variables))
        } catch {
            state.withLock { $0.logins.putBack(login) }
            return reply(Reply.error(Self.unbuildable(error)))
        }
        loop.store.submit(.takeLogin(login.state)) { result in
            switch result {
            case .success(.taken):
                self.sender.send(request, tls: provider.tls) { outcome in
                    self.answered(
                        outcome, login, at: provider, browser.redirectURI, nonce: browser.nonce, reply)
                }
            case .success: self.fail(login, Logins.failed("the state was used already"), reply)
            case .failure:
                self.state.withLock { $0.logins.putBack(login) }
                reply(Reply.error(Self.storage))
            }
        }
    }

    private func answered(
        _ outcome: OAuthSender.Outcome, _ login: PendingLogin, at provider: Provider, _ redirectURI: String?,
        nonce: String?, _ reply: @escaping Respond
    ) {
        switch outcome {
        case .notSent(_, let cause):
            fail(
                login, Logins.failed("the token endpoint was not reached: \(cause); begin the login anew"),
                reply)
        case .lost(let cause):
            fail(login, Logins.failed("no answer to the code: \(cause); begin the login anew"), reply)
        case .answered(let answer):
            switch LoginAnswer.read(answer, provider) {
            case .granted(let fresh, let idToken):
                if let nonce, !idToken.accepts(nonce) {
                    return fail(
                        login, Logins.failed("the ID token is not of this login: its nonce differs"), reply)
                }
                save(fresh, answer, login, at: provider, redirectURI, reply)
            case .failed(let failure): fail(login, Logins.failed("\(failure)"), reply)
            case .pending, .slowDown:
                fail(login, Logins.failed("the provider answered a code as if it were a device's"), reply)
            }
        }
    }

    func fail(_ login: PendingLogin, _ refusal: RequestError, _ reply: Respond) {
        log.info("\(login.account): login failed: \(refusal.sentence)")
        ended(login, .failed(refusal))
        reply(Reply.error(refusal))
    }
}

extension LoginAnswer {
    static func read(_ answer: OAuthSender.HTTPAnswer, _ provider: Provider) -> LoginAnswer {
        read(
            status: answer.status, headers: answer.header, body: answer.body, provider: provider,
            sentAt: answer.sentAt, receivedAt: answer.receivedAt)
    }
}
