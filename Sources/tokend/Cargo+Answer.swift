// Decides what is kept of a token endpoint's answer: the grant that follows from it and from the one before, and what the
// engine must know of its access token.

import Engine
import OAuth
import OAuthSender
import Vocabulary

extension FleetLoop.Cargo {
    /// - Parameters:
    ///   - old: the grant that was renewed, or what is known of one that a login brings.
    ///   - isLogin: `fresh` is what a login's code was answered with.
    ///   - answer: the one that `fresh` was read from; the lifetime counts from its sending (RFC 6749 §5.1).
    init(
        _ fresh: FreshGrant, after old: Grant, of provider: Provider, isLogin: Bool = false,
        _ answer: OAuthSender.HTTPAnswer
    ) {
        var grant = old
        grant.awaitsFirstExchange = isLogin && provider.hasFirstExchange
        if let scope = fresh.scope { grant.scope = scope }
        switch provider.kind {
        case .refreshToken:
            if let refreshToken = fresh.refreshToken {
                if refreshToken != old.refreshToken { grant.refreshTokenExpiresAt = nil }
                grant.refreshToken = refreshToken
            }
            if let end = fresh.refreshTokenExpiresAt { grant.refreshTokenExpiresAt = end }
        case .exchangeAccessToken: grant.refreshToken = fresh.accessToken
        case .clientCredentials, .jwtBearer: break
        }
        let isRenewable = grant.refreshToken != nil || !provider.kind.needsGrant
        // What nothing renews and nobody limits lives until somebody says otherwise.
        let lifetime = isRenewable || fresh.lifetimeIsKnown ? fresh.lifetime : Self.century
        // On the clock that no step during the exchange has moved.
        let expiry = answer.sentAt.boot + lifetime
        let token = AccessToken(
            secret: fresh.accessToken, type: fresh.tokenType, expiresAt: answer.sentAt.wall + lifetime,
            bootExpiry: expiry)
        grant.accessToken = token
        var facts = TokenFacts(
            expiry: expiry, expiresAt: token.expiresAt, lifetime: lifetime,
            lifetimeIsSuspect: lifetime <= .zero, fingerprint: Fingerprint(of: token.secret),
            type: token.type, scope: grant.scope)
        facts.isRenewable = isRenewable
        facts.awaitsFirstExchange = grant.awaitsFirstExchange
        facts.refreshTokenExpiresAt = grant.refreshTokenExpiresAt
        self.init(
            grant: grant, facts: facts, obtainedAt: answer.sentAt.wall, succeededAt: answer.receivedAt.wall)
    }

    private static let century = Duration.seconds(100 * 365 * 86_400)
}
