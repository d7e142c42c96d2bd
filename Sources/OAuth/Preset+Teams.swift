// The presets of the tools that teams work with: code, chat, files, notes, tickets.

import Vocabulary

extension Preset {
    /// GitHub Apps (docs.github.com, "Refreshing user access tokens"): errors come in a 200; the refresh token rotates and
    /// lives half a year, which the answer says. An OAuth app's token has no end and no refresh token. `host` is another
    /// for GitHub Enterprise Server.
    public static let github = Preset("github") {
        $0.variables = ["host": "github.com"]
        $0.authorizationEndpoint = "https://{host}/login/oauth/authorize"
        $0.tokenEndpoint = "https://{host}/login/oauth/access_token"
        $0.deviceAuthorizationEndpoint = "https://{host}/login/device/code"
        $0.response.refreshExpiresIn = "refresh_token_expires_in"
        $0.response.codes = .init(
            reauthorization: ["bad_refresh_token", "unverified_user_email"],
            client: [
                "incorrect_client_credentials", "application_suspended", "redirect_uri_mismatch",
                "device_flow_disabled",
            ])
    }

    /// Slack with token rotation (docs.slack.dev, "Using token rotation"): `ok` says whether an answer is a success; a bot's
    /// token lies at the top, a user's in `authed_user`. For user tokens set `scope_parameter` to `user_scope` and
    /// `response.roots` to `["/authed_user", ""]`. How long a used refresh token is taken again is unverified.
    public static let slack = Preset("slack") {
        $0.authorizationEndpoint = "https://slack.com/oauth/v2/authorize"
        $0.tokenEndpoint = "https://slack.com/api/oauth.v2.access"
        $0.authorization.scopeSeparator = ","
        // Only an app that was switched to it may send a challenge; its refresh tokens then end after 30 days.
        $0.authorization.usesPKCE = false
        $0.response.roots = ["", "/authed_user"]
        $0.response.successWhen = .init(path: "/ok", equals: true)
        $0.response.tokenTypeMap = ["bot": "Bearer", "user": "Bearer"]
        $0.response.codes = .init(
            reauthorization: [
                "invalid_refresh_token", "token_revoked", "token_expired", "invalid_auth", "account_inactive",
                "team_access_not_granted", "two_factor_setup_required",
            ],
            client: [
                "invalid_client_id", "bad_client_secret", "bad_redirect_uri", "invalid_grant_type",
                "invalid_arguments", "invalid_form_data", "invalid_charset", "missing_post_type",
                "invalid_post_type", "oauth_authorization_url_mismatch", "no_scopes", "accesslimited",
                "preview_feature_not_available", "deprecated_endpoint", "method_deprecated",
            ],
            rate: ["ratelimited"],
            transient: [
                "internal_error", "fatal_error", "service_unavailable", "request_timeout",
                // The workspace is being moved, and not to be had until that is done.
                "team_added_to_org", "org_login_required",
            ])
    }

    /// Atlassian 3LO (developer.atlassian.com, "Implementing the refresh token flow"): JSON in; a used refresh token is
    /// taken again for ten minutes, an unused one ends after 90 days; a dead one is a 403 of one code or the other, so
    /// `unauthorized_client` means the user here and `access_denied` the client.
    public static let atlassian = Preset("atlassian") {
        $0.authorizationEndpoint = "https://auth.atlassian.com/authorize"
        $0.tokenEndpoint = "https://auth.atlassian.com/oauth/token"
        $0.scopes = ["offline_access"]
        $0.authorization.parameters = ["audience": "api.atlassian.com", "prompt": "consent"]
        $0.request.encoding = .json
        $0.response.codes = .init(reauthorization: ["unauthorized_client"], client: ["access_denied"])
        $0.refreshTokenLifetime = .days(90)
        $0.clientRules.replay = .within(.seconds(10 * 60))
    }

    /// Dropbox (developers.dropbox.com/oauth-guide): a refresh token comes only for `token_access_type=offline`; it neither
    /// rotates nor expires. Errors of the API's kind carry their code in `.tag`.
    public static let dropbox = Preset("dropbox") {
        $0.authorizationEndpoint = "https://www.dropbox.com/oauth2/authorize"
        $0.tokenEndpoint = "https://api.dropboxapi.com/oauth2/token"
        $0.authorization.parameters = ["token_access_type": "offline"]
        $0.response.errorCodePaths = ["/error/.tag", "/error/reason/.tag", "/error"]
        $0.response.codes = .init(
            reauthorization: ["expired_access_token", "invalid_access_token", "user_suspended"],
            rate: ["too_many_requests"])
        $0.clientRules.replay = .always
    }

    /// Box (developer.box.com, "Refresh a token"): a refresh token is good for one use within 60 days, and showing a used
    /// one revokes the account.
    public static let box = Preset("box") {
        $0.authorizationEndpoint = "https://account.box.com/api/oauth2/authorize"
        $0.tokenEndpoint = "https://api.box.com/oauth2/token"
        $0.revocationEndpoint = "https://api.box.com/oauth2/revoke"
        $0.refreshTokenLifetime = .days(60)
        $0.clientRules.replay = .never
    }

    /// Notion (developers.notion.com, "Refresh a token"): JSON in, HTTP Basic, a version header, no scopes, no
    /// `expires_in`. Its bodies are validated, so a verifier it does not know would be refused. Replay is unverified.
    public static let notion = Preset("notion") {
        $0.authorizationEndpoint = "https://api.notion.com/v1/oauth/authorize"
        $0.tokenEndpoint = "https://api.notion.com/v1/oauth/token"
        $0.revocationEndpoint = "https://api.notion.com/v1/oauth/revoke"
        $0.authMethod = .clientSecretBasic
        $0.authorization.parameters = ["owner": "user"]
        $0.authorization.usesPKCE = false
        $0.request.encoding = .json
        $0.request.headers = ["Notion-Version": "2025-09-03"]
        $0.response.errorCodePaths = ["/error", "/code"]
        $0.response.codes = .init(
            client: ["unauthorized", "validation_error", "missing_version"], rate: ["rate_limited"],
            transient: [
                "conflict_error", "internal_server_error", "service_unavailable", "gateway_timeout",
                "database_connection_unavailable",
            ])
    }

    /// Linear (linear.app/developers/oauth-2-0-authentication): scopes between commas; an access token lives a day; the
    /// refresh token rotates. How long a used one is taken again is unverified.
    public static let linear = Preset("linear") {
        $0.authorizationEndpoint = "https://linear.app/oauth/authorize"
        $0.tokenEndpoint = "https://api.linear.app/oauth/token"
        $0.revocationEndpoint = "https://api.linear.app/oauth/revoke"
        $0.scopes = ["read"]
        $0.authorization.scopeSeparator = ","
    }
}
