// Decides where each request goes: GETs that memory can answer to the token table, on the server's thread; everything
// else to the engine's loop, whose answer comes back through the ticket.

import DaemonConfiguration
import Dispatch
import Engine
import Glibc
import OAuth
import SocketServer
import TokenTable
import Vocabulary
import WireProtocol

/// Answers the requests of all clients.
struct RequestRouter: Sendable {
    let loop: FleetLoop
    let table: TokenTable
    let desk: LoginDesk
    let providers: [ProviderName: Provider]
    let startedAt: Moment
    /// Rendering a long LIST must not delay the engine nor the server.
    let rendering = DispatchQueue(label: "tokend.rendering", qos: .utility)

    init(
        loop: FleetLoop, table: TokenTable, desk: LoginDesk, providers: [ProviderName: Provider],
        startedAt: Moment
    ) {
        self.loop = loop
        self.table = table
        self.desk = desk
        self.providers = providers
        self.startedAt = startedAt
    }

    /// The read path: appends the reply and returns true where memory has a token for it. No allocation, no String.
    func serve(_ get: GetLine, _ line: UnsafeRawBufferPointer, into output: inout [UInt8]) -> Bool {
        table.serve(
            account: UnsafeRawBufferPointer(rebasing: line[get.account]), minTTL: get.minTTL,
            refused: get.refused,
            now: .now(), into: &output)
    }

    /// Everything else. `server` gets the reply, now or later.
    func receive(_ request: Request, from peer: Peer, _ ticket: Ticket, _ server: SocketServer) {
        let reply: @Sendable ([UInt8]) -> Void = { server.reply($0, to: ticket) }
        let mayForce = mayEdit(peer)
        switch request {
        case .hello: reply(Reply.ok("tokend/\(tokendVersion) protocol/1 min-ttl wait not glob backup login"))
        case .ping, .quit: reply(Reply.ok())
        case .get(let name, let options):
            loop.enter { turn in
                guard !turn.isCrowded else { return reply(Self.busy) }
                turn.fleet.asked(
                    turn.caller(reply), name, options, mayForce: mayForce, turn.now, &turn.actions)
            }
        case .refresh(let name):
            loop.enter { turn in
                guard !turn.isCrowded else { return reply(Self.busy) }
                turn.fleet.refreshRequested(
                    turn.caller(reply), name, mayForce: mayForce, turn.now, &turn.actions)
            }
        case .status(nil): replyDaemonStatus(reply, server)
        case .status(let name?): replyStatus(of: name, reply)
        case .list(let options): replyList(options, reply)
        case .add(let name, let grant): add(name, grant, from: peer, reply)
        case .backup(let options): backup(options, from: peer, reply)
        case .restore(let request): restore(request, from: peer, reply)
        case .authorize, .callback, .device, .login, .revoke: login(request, from: peer, reply)
        case .remove(let name):
            guard mayEdit(peer) else { return reply(Self.denied) }
            loop.enter { $0.fleet.removeRequested($0.caller(reply), name, $0.now, &$0.actions) }
        }
    }

    private static let busy = Reply.error(
        RequestError(.busy, retryAfter: 1, "too many requests wait for an answer"))

    // MARK: Edits

    /// Until access control has rules of its own: root and the daemon's own user.
    func mayEdit(_ peer: Peer) -> Bool { peer.uid == 0 || peer.uid == geteuid() }

    static let denied = Reply.error(
        RequestError(
            .denied,
            "only root and the daemon's own user may add, remove, revoke, back up or restore accounts"))

    private func add(
        _ name: AccountName, _ added: AddedGrant, from peer: Peer,
        _ reply: @escaping @Sendable ([UInt8]) -> Void
    ) {
        guard mayEdit(peer) else { return reply(Self.denied) }
        guard let provider = providers[name.provider] else {
            return reply(
                Reply.error(RequestError(.unknownProvider, "no provider of that name is configured")))
        }
        if let refusal = added.refusal(at: provider) { return reply(Reply.error(refusal)) }
        loop.enter { turn in
            let cargo = FleetLoop.Cargo(added, limitedBy: provider, turn.now)
            let operation = turn.fleet.newOperation()
            turn.cargo[operation] = cargo
            turn.fleet.addRequested(
                turn.caller(reply), operation, name, cargo.facts, replace: added.replace, turn.now,
                &turn.actions)
        }
    }

    // MARK: Status

    private func replyDaemonStatus(_ reply: @escaping @Sendable ([UInt8]) -> Void, _ server: SocketServer) {
        loop.enter { turn in
            let summary = turn.fleet.summary(turn.now)
            let providers = turn.fleet.clients(turn.now)
            var status = DaemonStatus(
                version: tokendVersion, pid: Int64(getpid()), startedAt: startedAt.wall.epochSeconds,
                accounts: summary.accounts)
            status.needs = summary.needs
            status.providers = providers
            status.nextRefreshAt = summary.nextRefreshAt?.epochSeconds
            status.refreshesTotal = turn.fleet.refreshesTotal
            status.failuresTotal = turn.fleet.failuresTotal
            status.clients = Int64(server.clients)
            status.requestsTotal = Int64(server.requestsTotal)
            reply(Reply.ok(status.json))
        }
    }

    private func replyStatus(of name: AccountName, _ reply: @escaping @Sendable ([UInt8]) -> Void) {
        loop.enter { turn in
            guard let status = turn.fleet.status(of: name, turn.now) else {
                return reply(Reply.error(RequestError(.unknownAccount, "no such account")))
            }
            reply(Reply.ok(status.json))
        }
    }

    private func replyList(_ options: ListOptions, _ reply: @escaping @Sendable ([UInt8]) -> Void) {
        loop.enter { turn in
            let page = turn.fleet.list(options, turn.now)
            rendering.async { reply(Reply.list(page.accounts, more: page.more)) }
        }
    }
}

extension FleetLoop.Cargo {
    /// What `ADD` brought. An access token without a known, future expiry is not kept: its age is unknown, and an expired
    /// token is never served; while the wall clock was never set, no expiry is known to be future. An expiry beyond the
    /// provider's maximum lifetime is cut to it.
    init(_ added: AddedGrant, limitedBy provider: Provider, _ now: Moment) {
        var grant = Grant(
            refreshToken: added.refreshToken, scope: added.scope, redirectURI: added.redirectURI,
            variables: added.variables)
        if provider.kind == .exchangeAccessToken, grant.refreshToken == nil {
            grant.refreshToken = added.accessToken
        }
        var facts: TokenFacts?
        if let secret = added.accessToken, let stated = added.expiresAt, now.wall.isPlausible,
            stated > now.wall
        {
            let expiresAt = min(stated, now.wall + provider.maximumLifetime)
            let type = added.tokenType ?? provider.authorizationScheme ?? provider.response.tokenTypeDefault
            let token = AccessToken(secret: secret, type: type, expiresAt: expiresAt)
            grant.accessToken = token
            facts = TokenFacts(token, obtainedAt: now.wall, scope: added.scope, now)
            facts?.isRenewable = grant.refreshToken != nil || !provider.kind.needsGrant
        }
        self.init(grant: grant, facts: facts, obtainedAt: facts == nil ? nil : now.wall, succeededAt: nil)
    }
}

extension AddedGrant {
    /// Why an account of `provider` cannot live on this, if it cannot.
    func refusal(at provider: Provider) -> RequestError? {
        if let name = variables.keys.first(where: { !provider.accountVariables.contains($0) }) {
            return RequestError(.badRequest, "the provider takes no variable \(name)")
        }
        let isAlive = accessToken != nil && expiresAt != nil
        switch provider.kind {
        case .clientCredentials, .jwtBearer:
            guard refreshToken != nil else { return nil }
            return RequestError(
                .badRequest,
                "accounts of the kind \(provider.kind.rawValue) have no refresh_token: ADD takes {}")
        case .refreshToken where refreshToken == nil && !isAlive:
            return RequestError(
                .badRequest, "refresh_token is missing; without one, access_token and expires_at are needed")
        case .exchangeAccessToken where refreshToken == nil && accessToken == nil:
            return RequestError(.badRequest, "access_token is missing: it is what is exchanged")
        case .refreshToken, .exchangeAccessToken: return nil
        }
    }
}
