// Decides how a grant is revoked (RFC 7009): its refresh token where there is one, which counts, and then the access token,
// which should have ended with it (§2.1); once, and whatever comes of it is told in a sentence.

import Engine
import OAuth
import OAuthSender
import Vocabulary

extension Exchanger {
    /// Revokes the grant of `record` at its provider and reports `revoked` to `loop`.
    func revoke(_ loop: FleetLoop, _ operation: Operation, _ record: RecordID, _ name: AccountName) {
        queue.async {
            self.revoke(record, of: name, in: loop) { unrevoked in
                if let unrevoked { self.log.warning("\(name): removed, but not revoked: \(unrevoked)") }
                loop.enter { $0.fleet.revoked(operation, unrevoked: unrevoked, &$0.actions) }
            }
        }
    }

    /// - Parameter done: told why the provider did not revoke; nil where it did.
    private func revoke(
        _ record: RecordID, of name: AccountName, in loop: FleetLoop,
        _ done: @escaping @Sendable (String?) -> Void
    ) {
        guard let provider = providers[name.provider], let grant = try? loop.store.grant(of: record)?.grant
        else { return done("its stored grant cannot be read") }
        discovery.complete(provider, for: [.revocation]) { result in
            guard case .success(let found) = result else {
                return done("the issuer's metadata cannot be read")
            }
            guard found.provider.revocationEndpoint != nil else {
                return done("the provider has no revocation endpoint")
            }
            self.revoke(grant, at: found.provider, name, done)
        }
    }

    private func revoke(
        _ grant: Grant, at provider: Provider, _ name: AccountName,
        _ done: @escaping @Sendable (String?) -> Void
    ) {
        guard let refreshToken = grant.refreshToken else {
            guard let accessToken = grant.accessToken?.secret else {
                return done("there is no token that could be revoked")
            }
            return revoke(accessToken, "access_token", of: grant, at: provider, name, done)
        }
        revoke(refreshToken, "refresh_token", of: grant, at: provider, name) { unrevoked in
            guard unrevoked == nil, let accessToken = grant.accessToken?.secret, accessToken != refreshToken
            else { return done(unrevoked) }
            // Some servers let it live to its end (glewlwyd); some cannot revoke it by itself (RFC 7009 §2.2.1).
            self.revoke(accessToken, "access_token", of: grant, at: provider, name) { _ in done(nil) }
        }
    }

    private func revoke(
        _ token: Secret, _ hint: String, of grant: Grant, at provider: Provider, _ name: AccountName,
        _ done: @escaping @Sendable (String?) -> Void
    ) {
        let request: TokenRequest
        do throws(RequestProblem) {
            request = try TokenRequest.revocation(
                provider, token: token, hint: hint, .now(for: name, grant.variables))
        } catch {
            return done("the request cannot be built: \(error)")
        }
        sender.send(request, tls: provider.tls) { outcome in
            switch outcome {
            case .answered(let answer) where (200..<300).contains(answer.status): done(nil)
            case .answered(let answer): done("the provider answered with status \(answer.status)")
            case .notSent(_, let cause): done("the provider was not reached: \(cause)")
            case .lost(let cause): done("no answer came: \(cause)")
            }
        }
    }
}
