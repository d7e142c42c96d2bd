// Decides how a login by redirection begins and ends (RFC 6749 §4.1): AUTHORIZE gives the URL once its state is durable;
// CALLBACK takes the state out, durably, before the code is shown, and shows it once.

import GrantStore
import Login
import OAuth
import OAuthSender
import Vocabulary
import WireProtocol

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
        if let code = callback.error, callback.state?.exposed.isEmpty ?? true {
            // A server that forgets the state (RFC 6749 §4.1.2.1 wants it) has said why all the same.
            return reply(
                Reply.error(
                    Logins.failed(
                        "\(LoginFailure(refusal: code)); the redirected URL holds no state of the login")))
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
