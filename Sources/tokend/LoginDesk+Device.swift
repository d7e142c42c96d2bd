// Decides how a device login is polled (RFC 8628 §3.5): no faster than the provider says, slower when it says so or does not
// answer, and not beyond the code's life.

import Dispatch
import Login
import OAuth
import OAuthSender
import Vocabulary
import WireProtocol

extension LoginDesk {
    /// `DEVICE`.
    func device(_ account: AccountName, _ options: LoginOptions, _ reply: @escaping Respond) {
        withProvider(
            of: account, for: [.deviceAuthorization, .token], { reply(Reply.error($0)) },
            { found in
                self.device(account, options, at: found.provider) { answer in
                    reply(answer)
                    self.finished()
                }
            })
    }

    private func device(
        _ account: AccountName, _ options: LoginOptions, at provider: Provider, _ reply: @escaping Respond
    ) {
        if let refusal = Self.refusal(of: options, at: provider) { return reply(Reply.error(refusal)) }
        let request: TokenRequest
        do throws(RequestProblem) {
            request = try TokenRequest.deviceAuthorization(
                provider, scope: options.scope, .now(for: account, options.variables))
        } catch {
            return reply(Reply.error(Self.unbuildable(error)))
        }
        sender.send(request, tls: provider.tls) { outcome in
            switch outcome {
            case .answered(let answer):
                switch DeviceAuthorization.read(status: answer.status, body: answer.body, provider: provider)
                {
                case .success(let authorization): self.begin(account, options, authorization, reply)
                case .failure(let failure): reply(Reply.error(Logins.failed("\(failure)")))
                }
            case .notSent(_, let cause), .lost(let cause):
                reply(
                    Reply.error(
                        RequestError(.tryAgain, retryAfter: 5, "the provider gave no device code: \(cause)")))
            }
        }
    }

    private func begin(
        _ account: AccountName, _ options: LoginOptions, _ authorization: DeviceAuthorization,
        _ reply: @escaping Respond
    ) {
        let now = Moment.now().wall
        let login = PendingLogin(
            state: .random(bytes: 32), account: account, expiresAt: now + authorization.expiresIn,
            flow: .device(.init(code: authorization.deviceCode, interval: authorization.interval)),
            variables: options.variables)
        keep(login, now) { refusal in
            if let refusal { return reply(Reply.error(refusal)) }
            self.poll(login, after: authorization.interval)
            reply(
                Reply.device(
                    userCode: authorization.userCode, verificationURI: authorization.verificationURI,
                    complete: authorization.verificationURIComplete,
                    expiresIn: authorization.expiresIn.components.seconds))
        }
    }

    /// Polls once after `interval`, which is then the least time to the next poll.
    func poll(_ login: PendingLogin, after interval: Duration) {
        queue.asyncAfter(deadline: .now() + .nanoseconds(Int(interval.nanoseconds))) {
            self.pollNow(login, interval)
        }
    }

    private func pollNow(_ login: PendingLogin, _ interval: Duration) {
        guard case .device(let device) = login.flow, state.withLock({ $0.logins.device(login.state) }) != nil
        else { return }
        let now = Moment.now().wall
        guard login.expiresAt > now else { return drop(login, Logins.expired) }
        // While the daemon stops nothing is asked for; the next one goes on.
        withProvider(
            of: login.account, for: [.token], { _ in self.poll(login, after: Self.slower(interval)) },
            { found in
                let request: TokenRequest
                do throws(RequestProblem) {
                    request = try TokenRequest.deviceToken(
                        found.provider, deviceCode: device.code, .now(for: login.account, login.variables))
                } catch {
                    self.drop(login, Self.unbuildable(error))
                    return self.finished()
                }
                self.sender.send(request, tls: found.provider.tls) { outcome in
                    self.polled(outcome, login, interval, at: found.provider)
                }
            })
    }

    private func polled(
        _ outcome: OAuthSender.Outcome, _ login: PendingLogin, _ interval: Duration, at provider: Provider
    ) {
        guard case .answered(let answer) = outcome else {
            poll(login, after: Self.slower(interval))
            return finished()
        }
        switch LoginAnswer.read(answer, provider) {
        case .pending: poll(login, after: interval)
        // "The interval MUST be increased by 5 seconds for this and all subsequent requests."
        case .slowDown: poll(login, after: interval + .seconds(5))
        case .failed(let failure) where failure.isTransient: poll(login, after: Self.slower(interval))
        case .failed(let failure): drop(login, Logins.failed("\(failure)"))
        case .granted(let fresh, _):
            guard state.withLock({ $0.logins.take(device: login.state, Moment.now().wall) }) != nil else {
                break
            }
            loop.store.submit(.takeLogin(login.state)) { _ in }
            return save(fresh, answer, login, at: provider, provider.redirectURI) { _ in self.finished() }
        }
        finished()
    }

    /// After no answer: twice as long, up to a minute.
    private static func slower(_ interval: Duration) -> Duration {
        min(interval * 2, max(interval, .seconds(60)))
    }

    private func drop(_ login: PendingLogin, _ refusal: RequestError) {
        loop.store.submit(.takeLogin(login.state)) { _ in }
        fail(login, refusal) { _ in }
    }
}
