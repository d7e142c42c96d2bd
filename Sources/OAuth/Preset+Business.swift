// The presets of business applications: sales, accounts, shops. Where a row says "unverified", the documentation is
// silent and the value is the one that costs least when it is wrong.

import Vocabulary

extension Preset {
    /// Seamless.AI (its OpenAPI description and docs.seamless.ai): JSON in, no `expires_in`, no `token_type`, and
    /// errors of its own: 401 `{message}`, 422 `{msg, code, data}`, 429 `{code, message}`.
    public static let seamless = Preset("seamless") {
        $0.authorizationEndpoint = "https://login.seamless.ai/oauth/authorize"
        $0.tokenEndpoint = "https://api.seamless.ai/api/client/v1/oauth/accessToken"
        $0.request.encoding = .json
        $0.request.sendsRedirectURIOnRefresh = true
        $0.response.expiresAt = .init(field: "expires_at", format: .epochSeconds)
        $0.response.errorCodePaths = ["/code", "/error"]
        // The account or its plan lacks something that only its owner can buy or allow.
        $0.response.codes = .init(
            client: ["insufficientCredits", "missingLicense", "insufficientScope"],
            rate: ["rateLimitExceeded"])
        // Its API's documented limit, for a whole organization.
        $0.clientRules.budget = Rate(60, per: .minute)
    }

    /// Salesforce (help.salesforce.com, "OAuth 2.0 Refresh Token Flow"): no `expires_in`; the session's length is the
    /// org's setting, two hours by default, and counts from `issued_at`. Refresh tokens do not rotate unless the app has
    /// rotation turned on: then set `replay_after_lost_response` to `"never"`. `domain` may be a My Domain or
    /// `test.salesforce.com`.
    public static let salesforce = Preset("salesforce") {
        $0.variables = ["domain": "login.salesforce.com"]
        $0.authorizationEndpoint = "https://{domain}/services/oauth2/authorize"
        $0.tokenEndpoint = "https://{domain}/services/oauth2/token"
        $0.revocationEndpoint = "https://{domain}/services/oauth2/revoke"
        $0.scopes = ["api", "refresh_token"]
        $0.response.defaultLifetime = .seconds(7200)
        $0.response.issuedAt = .init(field: "issued_at", format: .epochMilliseconds)
        $0.response.codes = .init(
            reauthorization: ["inactive_user"],
            client: ["inactive_org", "invalid_client_id", "invalid_app_access"],
            rate: ["rate_limit_exceeded"])
        $0.clientRules.replay = .always
    }

    /// HubSpot (developers.hubspot.com, "Manage OAuth tokens"): refresh tokens neither rotate nor expire. Its old codes
    /// (`status`) stand beside the standard ones. The v1 endpoints end on 16 February 2027; these are their successors.
    public static let hubspot = Preset("hubspot") {
        $0.authorizationEndpoint = "https://app.hubspot.com/oauth/authorize"
        $0.tokenEndpoint = "https://api.hubapi.com/oauth/2026-03/token"
        $0.revocationEndpoint = "https://api.hubapi.com/oauth/2026-03/token/revoke"
        $0.scopes = ["oauth"]
        $0.response.errorCodePaths = ["/status", "/error", "/category"]
        $0.response.codes = .init(
            reauthorization: ["BAD_REFRESH_TOKEN"],
            client: ["BAD_CLIENT_ID", "BAD_CLIENT_SECRET", "BAD_REDIRECT_URI"],
            rate: ["RATE_LIMITS"])
        $0.clientRules.replay = .always
    }

    /// Zoho (zoho.com/accounts/protocol/oauth): errors come in a 200; tokens are served as `Zoho-oauthtoken`. A refresh
    /// token neither rotates nor expires, and yields ten access tokens in ten minutes at most: more are "Access Denied"
    /// for ten minutes. `region` is the user's data centre: `com`, `eu`, `in`, `com.au`, `jp`, `com.cn`.
    public static let zoho = Preset("zoho") {
        $0.variables = ["region": "com"]
        $0.authorizationEndpoint = "https://accounts.zoho.{region}/oauth/v2/auth"
        $0.tokenEndpoint = "https://accounts.zoho.{region}/oauth/v2/token"
        $0.revocationEndpoint = "https://accounts.zoho.{region}/oauth/v2/token/revoke"
        $0.authorization.parameters = ["access_type": "offline", "prompt": "consent"]
        $0.authorization.scopeSeparator = ","
        $0.authorizationScheme = "Zoho-oauthtoken"
        // Zoho Writer and others give milliseconds in `expires_in` and the seconds beside it.
        $0.response.expiresInFields = ["expires_in_sec", "expires_in"]
        $0.response.codes = .init(
            reauthorization: ["invalid_code"], client: ["invalid_client", "invalid_client_secret"],
            rate: ["Access Denied", "access_denied"])
        $0.response.defaultCooldown = .seconds(600)
        $0.clientRules.replay = .always
        $0.clientRules.minimumRefreshInterval = .seconds(60)
    }

    /// Xero (developer.xero.com, "Token types"): a used refresh token is taken again for 30 minutes; an unused one ends
    /// after 60 days.
    public static let xero = Preset("xero") {
        $0.issuer = "https://identity.xero.com"
        $0.authorizationEndpoint = "https://login.xero.com/identity/connect/authorize"
        $0.tokenEndpoint = "https://identity.xero.com/connect/token"
        $0.revocationEndpoint = "https://identity.xero.com/connect/revocation"
        $0.authMethod = .clientSecretBasic
        $0.scopes = ["openid", "offline_access"]
        $0.refreshTokenLifetime = .days(60)
        $0.clientRules.replay = .within(.seconds(30 * 60))
    }

    /// Intuit QuickBooks (developer.intuit.com, "Set up OAuth 2.0"): the refresh token changes about once a day, lives
    /// 100 days unused and five years at most. PKCE is not documented. Replay is unverified.
    public static let intuit = Preset("intuit") {
        $0.authorizationEndpoint = "https://appcenter.intuit.com/connect/oauth2"
        $0.tokenEndpoint = "https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer"
        $0.revocationEndpoint = "https://developer.api.intuit.com/v2/oauth2/tokens/revoke"
        $0.authMethod = .clientSecretBasic
        $0.scopes = ["com.intuit.quickbooks.accounting"]
        $0.authorization.usesPKCE = false
        $0.response.refreshExpiresIn = "x_refresh_token_expires_in"
    }

    /// Shopify (shopify.dev, "About offline access tokens"): one authorization server per shop, so each account says its
    /// `shop` (the name in front of `.myshopify.com`). `expiring` asks for the tokens that live an hour and their refresh
    /// token of 90 days, which rotates; the old one is taken until the new one is used, for 30 days at most. PKCE is not
    /// documented.
    public static let shopify = Preset("shopify") {
        $0.accountVariables = ["shop"]
        $0.authorizationEndpoint = "https://{shop}.myshopify.com/admin/oauth/authorize"
        $0.tokenEndpoint = "https://{shop}.myshopify.com/admin/oauth/access_token"
        $0.authorization.scopeSeparator = ","
        $0.authorization.usesPKCE = false
        $0.request.parameters = [.authorizationCode: ["expiring": "1"]]
        $0.response.refreshExpiresIn = "refresh_token_expires_in"
        $0.response.codes = .init(client: ["application_cannot_be_found"])
        $0.refreshTokenLifetime = .days(90)
        $0.clientRules.replay = .within(.days(30))
    }

    /// Stripe Connect (docs.stripe.com/connect/oauth-reference): the client's secret is the platform's secret API key; an
    /// access token has no end, so it is renewed twice a year. PKCE is not documented; replay is unverified.
    public static let stripe = Preset("stripe") {
        $0.authorizationEndpoint = "https://connect.stripe.com/oauth/authorize"
        $0.tokenEndpoint = "https://connect.stripe.com/oauth/token"
        $0.scopes = ["read_write"]
        $0.authorization.usesPKCE = false
        $0.response.defaultLifetime = .days(365)
    }

    /// Stripe Apps (docs.stripe.com/stripe-apps/api-authentication/oauth): the developer's secret API key is the user name of
    /// HTTP Basic, without a password. An access token lives an hour, untold; the refresh token a year, and it rolls with each
    /// exchange. No scopes: the app's manifest has the permissions. PKCE is not documented; replay is unverified.
    public static let stripeApps = Preset("stripe_apps") {
        $0.authorizationEndpoint = "https://marketplace.stripe.com/oauth/v2/authorize"
        $0.tokenEndpoint = "https://api.stripe.com/v1/oauth/token"
        $0.authMethod = .clientSecretAsUsername
        $0.authorization.usesPKCE = false
        $0.response.defaultLifetime = .seconds(3600)
        $0.refreshTokenLifetime = .days(365)
    }
}
