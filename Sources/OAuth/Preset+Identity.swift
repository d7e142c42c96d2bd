// The presets of identity platforms: those one logs in with, and those one runs or rents.

import Vocabulary

extension Preset {
    /// Google (developers.google.com/identity, "Using OAuth 2.0 for web server applications"): a refresh token comes only
    /// for `access_type=offline`, again only after consent, and does not rotate. While the consent screen is in "Testing" it
    /// lives seven days, which no answer says. `error_subtype` tells of a session control policy.
    public static let google = Preset("google") {
        $0.issuer = "https://accounts.google.com"
        $0.authorizationEndpoint = "https://accounts.google.com/o/oauth2/v2/auth"
        $0.tokenEndpoint = "https://oauth2.googleapis.com/token"
        $0.revocationEndpoint = "https://oauth2.googleapis.com/revoke"
        $0.deviceAuthorizationEndpoint = "https://oauth2.googleapis.com/device/code"
        $0.authorization.parameters = ["access_type": "offline", "prompt": "consent"]
        $0.response.refreshExpiresIn = "refresh_token_expires_in"
        $0.response.errorCodePaths = ["/error_subtype", "/error"]
        $0.response.codes = .googles
        $0.clientRules.replay = .always
    }

    /// Google's service accounts (developers.google.com/identity, "Using OAuth 2.0 for server to server applications"): no
    /// user; `client_id` is the account's e-mail address, and the scopes stand in the assertion. For a user of a domain set
    /// `assertion.subject`.
    public static let googleServiceAccount = Preset("google_service_account") {
        $0.kind = .jwtBearer
        $0.tokenEndpoint = "https://oauth2.googleapis.com/token"
        $0.authMethod = .none
        $0.assertion.hasScopeClaim = true
        $0.assertion.subjectIsIssuer = false
        $0.response.errorCodePaths = ["/error_subtype", "/error"]
        $0.response.codes = .googles
    }

    /// Microsoft Entra (learn.microsoft.com/entra, "OAuth 2.0 authorization code flow"): a new refresh token comes with each
    /// answer, the old one is not revoked by it, and each lives 90 days. The numbers are those of AADSTS messages; the issuer
    /// differs by the user's tenant, so none is checked. There is no revocation endpoint.
    public static let microsoft = Preset("microsoft") {
        $0.variables = ["tenant": "common"]
        $0.authorizationEndpoint = "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/authorize"
        $0.tokenEndpoint = "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token"
        $0.deviceAuthorizationEndpoint = "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/devicecode"
        $0.scopes = ["openid", "offline_access"]
        $0.response.errorCodePaths = ["/error", "/error_codes/0"]
        // 50196: the same request too often, 90055: the tenant too many; 90006, 90012, 90033: Entra is briefly unavailable.
        $0.response.codes = .init(rate: ["50196", "90055"], transient: ["90006", "90012", "90033"])
        $0.refreshTokenLifetime = .days(90)
        $0.clientRules.replay = .always
    }

    /// Okta (developer.okta.com, "Refresh tokens"): whether refresh tokens rotate, and their grace (30 s unless set
    /// otherwise), is the app's setting. `server` is the authorization server's name; the org's own has its endpoints
    /// without that part of the path. Errors of the management kind bear an `errorCode`.
    public static let okta = Preset("okta") {
        $0.variables = ["server": "default"]
        $0.issuer = "https://{domain}/oauth2/{server}"
        $0.authorizationEndpoint = "https://{domain}/oauth2/{server}/v1/authorize"
        $0.tokenEndpoint = "https://{domain}/oauth2/{server}/v1/token"
        $0.revocationEndpoint = "https://{domain}/oauth2/{server}/v1/revoke"
        $0.deviceAuthorizationEndpoint = "https://{domain}/oauth2/{server}/v1/device/authorize"
        $0.authMethod = .clientSecretBasic
        $0.scopes = ["openid", "offline_access"]
        $0.response.errorCodePaths = ["/error", "/errorCode"]
        $0.response.codes = .init(rate: ["E0000047"], transient: ["E0000009"])
    }

    /// Auth0 (auth0.com/docs, "Refresh token rotation"): rotation and its leeway are the app's setting. A dead refresh token
    /// is a 403, a wrong secret `access_denied`. Tokens for an API need `authorize_parameters.audience`.
    public static let auth0 = Preset("auth0") {
        $0.issuer = "https://{domain}/"
        $0.authorizationEndpoint = "https://{domain}/authorize"
        $0.tokenEndpoint = "https://{domain}/oauth/token"
        $0.revocationEndpoint = "https://{domain}/oauth/revoke"
        $0.deviceAuthorizationEndpoint = "https://{domain}/oauth/device/code"
        $0.scopes = ["openid", "offline_access"]
        $0.response.codes = .init(
            reauthorization: ["mfa_required"], client: ["access_denied"],
            rate: ["too_many_attempts", "too_many_requests"])
    }

    /// Keycloak (keycloak.org, "Securing applications"): `refresh_expires_in` says when an unused session ends; 0 means that
    /// it does not. `base_url` is all in front of `/realms`.
    public static let keycloak = Preset("keycloak") {
        $0.issuer = "{base_url}/realms/{realm}"
        $0.authorizationEndpoint = "{base_url}/realms/{realm}/protocol/openid-connect/auth"
        $0.tokenEndpoint = "{base_url}/realms/{realm}/protocol/openid-connect/token"
        $0.revocationEndpoint = "{base_url}/realms/{realm}/protocol/openid-connect/revoke"
        $0.deviceAuthorizationEndpoint = "{base_url}/realms/{realm}/protocol/openid-connect/auth/device"
        $0.scopes = ["openid"]
        $0.response.refreshExpiresIn = "refresh_expires_in"
    }
}

extension [String: AnswerClass] {
    fileprivate static let googles = Self(
        reauthorization: ["invalid_rapt"],
        client: ["deleted_client", "disabled_client", "org_internal", "admin_policy_enforced"],
        rate: ["rate_limit_exceeded"], transient: ["internal_failure"])
}
