// The presets of what people use for themselves: social networks, music, assistants.

import Vocabulary

extension Preset {
    /// Discord (discord.com/developers, "OAuth2"): the refresh token rotates. Replay is unverified.
    public static let discord = Preset("discord") {
        $0.authorizationEndpoint = "https://discord.com/oauth2/authorize"
        $0.tokenEndpoint = "https://discord.com/api/oauth2/token"
        $0.revocationEndpoint = "https://discord.com/api/oauth2/token/revoke"
        $0.scopes = ["identify"]
    }

    /// Spotify (developer.spotify.com, "Refreshing tokens"): a refresh token lives six months from the login, and using it
    /// does not prolong it. A public client's rotates, so replay is bounded.
    public static let spotify = Preset("spotify") {
        $0.authorizationEndpoint = "https://accounts.spotify.com/authorize"
        $0.tokenEndpoint = "https://accounts.spotify.com/api/token"
        $0.authMethod = .clientSecretBasic
        $0.refreshTokenLifetime = .days(180)
    }

    /// X (docs.x.com, "OAuth 2.0 Authorization Code Flow with PKCE"): a refresh token comes only for `offline.access` and is
    /// good for one use; a used one is answered `invalid_request`, and showing it revokes the account.
    public static let x = Preset("x") {
        $0.authorizationEndpoint = "https://x.com/i/oauth2/authorize"
        $0.tokenEndpoint = "https://api.x.com/2/oauth2/token"
        $0.revocationEndpoint = "https://api.x.com/2/oauth2/revoke"
        $0.authMethod = .clientSecretBasic
        $0.scopes = ["users.read", "tweet.read", "offline.access"]
        $0.response.codes = .init(reauthorization: ["invalid_request"])
        $0.clientRules.replay = .never
    }

    /// LinkedIn (learn.microsoft.com/linkedin, "Programmatic refresh tokens"): only approved apps get refresh tokens; one
    /// lives a year from the login, which each answer says. A verifier is refused where PKCE is not enabled for the app.
    /// Its ID tokens are not known to repeat a nonce.
    public static let linkedin = Preset("linkedin") {
        $0.authorization.usesNonce = false
        $0.authorizationEndpoint = "https://www.linkedin.com/oauth/v2/authorization"
        $0.tokenEndpoint = "https://www.linkedin.com/oauth/v2/accessToken"
        $0.revocationEndpoint = "https://www.linkedin.com/oauth/v2/revoke"
        $0.authorization.usesPKCE = false
        $0.response.refreshExpiresIn = "refresh_token_expires_in"
        $0.response.errorCodePaths = ["/error", "/code"]
        $0.response.codes = .init(
            reauthorization: ["REVOKED_ACCESS_TOKEN", "EXPIRED_ACCESS_TOKEN"])
    }

    /// OpenAI (auth.openai.com, as its command line tools use it): a public client; the life of the access token stands in
    /// the token; showing a used refresh token revokes the account. Its codes lie in `error.code`.
    public static let openai = Preset("openai") {
        $0.authorizationEndpoint = "https://auth.openai.com/oauth/authorize"
        $0.tokenEndpoint = "https://auth.openai.com/oauth/token"
        $0.authMethod = .none
        $0.scopes = ["openid", "profile", "email", "offline_access"]
        $0.response.expiresFromJWT = true
        $0.response.errorCodePaths = ["/error/code", "/error"]
        $0.response.codes = .init(
            reauthorization: [
                "refresh_token_reused", "refresh_token_expired", "refresh_token_invalidated", "token_expired",
            ])
        $0.clientRules.replay = .never
    }

    /// Facebook (developers.facebook.com, "Long-lived access tokens"): no refresh token; a login's token of an hour or two is
    /// traded for one of 60 days at once, and that again while it lives, once a day at most. Parameters stand in the URL; codes
    /// are numbers. `version` is the Graph API's.
    public static let facebook = Preset("facebook") {
        $0.kind = .exchangeAccessToken
        $0.variables = ["version": "v23.0"]
        $0.authorizationEndpoint = "https://www.facebook.com/{version}/dialog/oauth"
        $0.tokenEndpoint = "https://graph.facebook.com/{version}/oauth/access_token"
        $0.firstExchangeEndpoint = $0.tokenEndpoint
        $0.authorization.scopeSeparator = ","
        $0.request.method = .get
        $0.request.encoding = .query
        let grantType = ["grant_type": "fb_exchange_token"]
        $0.request.parameters = [.firstExchange: grantType, .exchangeAccessToken: grantType]
        $0.request.parameterNames = ["access_token": "fb_exchange_token"]
        $0.response.defaultLifetime = .days(60)
        $0.response.errorCodePaths = ["/error/code"]
        $0.response.codes = .init(
            reauthorization: ["102", "190"], client: ["100", "101"], rate: ["4", "17", "32", "341", "613"],
            transient: ["1", "2"])
        $0.clientRules.minimumRefreshInterval = .days(1)
        $0.clientRules.keepalive = .days(30)
    }

    /// Instagram (developers.facebook.com, "Business login for Instagram"): a login's token of an hour, told without its life,
    /// is traded for one of 60 days at once, and that is refreshed from its second day on, without the client showing itself.
    /// Each of the three has an endpoint of its own. PKCE is not documented.
    public static let instagram = Preset("instagram") {
        $0.kind = .exchangeAccessToken
        $0.authorizationEndpoint = "https://www.instagram.com/oauth/authorize"
        $0.tokenEndpoint = "https://api.instagram.com/oauth/access_token"
        $0.firstExchangeEndpoint = "https://graph.instagram.com/access_token"
        $0.refreshEndpoint = "https://graph.instagram.com/refresh_access_token"
        $0.scopes = ["instagram_business_basic"]
        $0.authorization.scopeSeparator = ","
        $0.authorization.usesPKCE = false
        $0.request.parameters = [
            .firstExchange: ["grant_type": "ig_exchange_token"],
            .exchangeAccessToken: ["grant_type": "ig_refresh_token"],
        ]
        $0.request.own = [
            .firstExchange: OwnRules(method: .get, encoding: .query, parameterNames: ["client_id": nil]),
            .exchangeAccessToken: OwnRules(
                method: .get, encoding: .query, authMethod: ClientAuthMethod.none,
                parameterNames: ["client_id": nil]),
        ]
        $0.response.roots = ["", "/data/0"]
        $0.response.fields = [.scope: ["permissions"]]
        $0.response.defaultLifetime = .days(60)
        $0.response.errorCodePaths = ["/error/code"]
        $0.response.codes = facebook.response.codes
        $0.clientRules.minimumRefreshInterval = .days(1)
        $0.clientRules.keepalive = .days(30)
    }
}
