// Decides what becomes of a login's grant: it takes the place of whatever the account had, durably, before anybody is told. A
// disk that refuses it is tried every second: the code is used up, and the grant exists nowhere else.

import Dispatch
import Engine
import Login
import OAuth
import OAuthSender
import Vocabulary
import WireProtocol

extension LoginDesk {
    /// How often a write is tried, a second apart, before the user has to log in again: ten minutes.
    private static let mostTries = 600
    /// After so many tries whoever waits is told.
    private static let patience = 20

    func save(
        _ fresh: FreshGrant, _ answer: OAuthSender.HTTPAnswer, _ login: PendingLogin, at provider: Provider,
        _ redirectURI: String?, _ reply: @escaping Respond
    ) {
        let isOwnRedirect = redirectURI != provider.redirectURI
        let cargo = FleetLoop.Cargo(
            fresh,
            after: Grant(
                refreshToken: nil, redirectURI: isOwnRedirect ? redirectURI : nil, variables: login.variables),
            of: provider, isLogin: true, answer)
        save(cargo, login, tries: 1, again: nil, reply)
    }

    private static let unsaved = RequestError(
        .storage, retryAfter: 60,
        "the state directory cannot be written: the new grant is in memory, and written when that is possible"
    )

    private func save(
        _ cargo: FleetLoop.Cargo, _ login: PendingLogin, tries: Int, again: Operation?,
        _ reply: @escaping Respond
    ) {
        loop.enter { turn in
            let operation = turn.fleet.newOperation()
            turn.cargo[operation] = cargo
            let first = again ?? operation
            let caller = turn.caller { self.saved($0, cargo, login, first, tries: tries, reply) }
            turn.fleet.loggedIn(
                caller, operation, login.account, cargo.facts!.rederived(at: turn.now), again: again,
                turn.now, &turn.actions)
        }
    }

    private func saved(
        _ answer: [UInt8], _ cargo: FleetLoop.Cargo, _ login: PendingLogin, _ first: Operation,
        tries: Int, _ reply: @escaping Respond
    ) {
        guard case .error(let error)? = ReplyLine(String(decoding: answer.dropLast(), as: UTF8.self)) else {
            ended(login, .succeeded(cargo.facts!.expiresAt))
            log.notice("\(login.account): logged in")
            if !cargo.facts!.isRenewable {
                log.warning(
                    "\(login.account): the login brought no refresh token; it ends with its access token")
            }
            return reply(answer)
        }
        guard error.code == .storage || error.code == .internal, tries < Self.mostTries else {
            log.error("\(login.account): the login's grant is not kept: \(error.sentence)")
            ended(login, .failed(error))
            return reply(answer)
        }
        if tries == 1 {
            log.error(
                "\(login.account): the login's grant is in memory only; the write is tried every second")
        }
        let isTold = tries == Self.patience
        if isTold {
            // The grant is still under way: a stop waits for it as before.
            hold()
            reply(Reply.error(Self.unsaved))
        }
        let untold: Respond = { _ in self.finished() }
        let next = isTold ? untold : reply
        queue.asyncAfter(deadline: .now() + .seconds(1)) {
            self.save(cargo, login, tries: tries + 1, again: first, next)
        }
    }
}

// MARK: Whoever waits for the end

extension LoginDesk {
    /// `LOGIN`.
    func wait(for account: AccountName, seconds: Int64, _ reply: @escaping Respond) {
        let number = UInt64.random(in: .min ... .max)
        let now = Moment.now().wall
        let waiter = Waiter(account: account, reply: reply, number: number)
        let ended: [UInt8]? = state.withLock { state in
            let standing = state.logins.standing(of: account, now)
            guard let standing, case .pending = standing, seconds > 0 else {
                return Self.answer(standing, account)
            }
            guard state.waiters.count < Logins.most else { return Reply.error(Self.crowded) }
            state.waiters.append(waiter)
            return nil
        }
        if let ended { return reply(ended) }
        queue.asyncAfter(deadline: .now() + .seconds(Int(seconds))) { self.dismiss(number) }
    }

    private func dismiss(_ number: UInt64) {
        let waiter = state.withLock { state -> Waiter? in
            guard let index = state.waiters.firstIndex(where: { $0.number == number }) else { return nil }
            return state.waiters.remove(at: index)
        }
        guard let waiter else { return }
        let standing = state.withLock { $0.logins.standing(of: waiter.account, Moment.now().wall) }
        waiter.reply(Self.answer(standing, waiter.account))
    }

    private static func answer(_ standing: Logins.Standing?, _ account: AccountName) -> [UInt8] {
        switch standing {
        case .succeeded(let expiresAt): Reply.ok("\(account) \(expiresAt.epochSeconds)")
        case .failed(let error): Reply.error(error)
        case .pending: Reply.error(RequestError(.tryAgain, retryAfter: 1, "the login is under way"))
        case nil: Reply.error(Logins.failed("no login was begun lately for this account"))
        }
    }

    /// The login is over: whoever waits for it is told.
    func ended(_ login: PendingLogin, _ standing: Logins.Standing) {
        let told = state.withLock { state -> [Waiter] in
            state.logins.end(login, standing)
            let told = state.waiters.filter { $0.account == login.account }
            guard !told.isEmpty else { return told }
            state.waiters.removeAll { $0.account == login.account }
            return told
        }
        for waiter in told { waiter.reply(Self.answer(standing, login.account)) }
    }
}
