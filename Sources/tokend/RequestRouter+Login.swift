// Decides who may log accounts in and out: every client that may connect may begin and end logins, since the user's consent
// at the provider is what gives a grant (a web app does so for its users); only root and the daemon's own user may throw a
// grant away.

import SocketServer
import WireProtocol

extension RequestRouter {
    func login(_ request: Request, from peer: Peer, _ reply: @escaping LoginDesk.Respond) {
        switch request {
        case .authorize(let account, let options): desk.authorize(account, options, reply)
        case .callback(let redirected): desk.callback(redirected, reply)
        case .device(let account, let options): desk.device(account, options, reply)
        case .login(let account, let wait): desk.wait(for: account, seconds: wait, reply)
        case .revoke(let account):
            guard mayEdit(peer) else { return reply(Self.denied) }
            loop.enter { $0.fleet.revokeRequested($0.caller(reply), account, $0.now, &$0.actions) }
        default: preconditionFailure("only the verbs of logins come here")
        }
    }
}
