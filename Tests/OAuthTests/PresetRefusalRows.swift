// The rows for errors as providers send them, each read as that provider's preset says.

@testable import OAuth

extension AnswerRow {
    static let presetRefusals: [AnswerRow] = [
        .init(
            "a revoked token", status: 400,
            body: #"{"error":"invalid_grant","error_description":"Token has been expired or revoked."}"#,
            of: .google, is: "reauthorization-required code=invalid_grant"),
        .init(
            "a session control policy", status: 400,
            body:
                #"{"error":"invalid_grant","error_description":"reauth related error (invalid_rapt)","error_subtype":"invalid_rapt"}"#,
            of: .google, is: "reauthorization-required code=invalid_rapt"),
        .init(
            "a client that was deleted", status: 401,
            body: #"{"error":"deleted_client","error_description":"The OAuth client was deleted."}"#,
            of: .google, is: "client-configuration code=deleted_client"),
        .init(
            "an app that the domain's administrator forbids", status: 400,
            body: #"{"error":"admin_policy_enforced"}"#, of: .google,
            is: "client-configuration code=admin_policy_enforced"),
        .init(
            "too many requests", status: 403, body: #"{"error":"rate_limit_exceeded"}"#, of: .google,
            is: "rate-limited code=rate_limit_exceeded"),
        .init(
            "its own trouble", status: 400, body: #"{"error":"internal_failure"}"#, of: .google,
            is: "transient code=internal_failure"),
        .init(
            "a scope that the domain did not delegate", status: 401,
            body: #"{"error":"unauthorized_client","error_description":"Client is unauthorized"}"#,
            of: .googleServiceAccount, is: "client-configuration code=unauthorized_client of-client"),
        .init(
            "AADSTS700082, 90 days of silence", status: 400,
            body:
                #"{"error":"invalid_grant","error_description":"AADSTS700082: The refresh token has expired due to inactivity.","error_codes":[700082],"trace_id":"t"}"#,
            of: .microsoft, is: "reauthorization-required code=invalid_grant"),
        .init(
            "AADSTS50173, a changed password", status: 400,
            body:
                #"{"error":"invalid_grant","error_codes":[50173],"suberror":"bad_token"}"#,
            of: .microsoft, is: "reauthorization-required code=invalid_grant"),
        .init(
            "AADSTS50076, a second factor", status: 400,
            body: #"{"error":"interaction_required","error_codes":[50076],"suberror":"basic_action"}"#,
            of: .microsoft, is: "reauthorization-required code=interaction_required"),
        .init(
            "AADSTS65001, no consent", status: 400,
            body: #"{"error":"invalid_grant","error_codes":[65001],"suberror":"consent_required"}"#,
            of: .microsoft, is: "reauthorization-required code=invalid_grant"),
        .init(
            "AADSTS7000222, a secret that has expired", status: 401,
            body: #"{"error":"invalid_client","error_codes":[7000222]}"#, of: .microsoft,
            is: "client-configuration code=invalid_client of-client"),
        .init(
            "AADSTS50196, a loop that is not the user's fault", status: 400,
            body: #"{"error":"invalid_grant","error_codes":[50196]}"#, of: .microsoft,
            is: "rate-limited code=invalid_grant"),
        .init(
            "AADSTS90033, briefly unavailable", status: 503, headers: "Retry-After: 5",
            body: #"{"error":"temporarily_unavailable","error_codes":[90033]}"#, of: .microsoft,
            is: "transient code=temporarily_unavailable after=5"),
        .init(
            "a used refresh token in a 200",
            body: #"{"error":"bad_refresh_token","error_description":"incorrect or expired"}"#, of: .github,
            is: "reauthorization-required code=bad_refresh_token"),
        .init(
            "a wrong secret in a 200", body: #"{"error":"incorrect_client_credentials"}"#, of: .github,
            is: "client-configuration code=incorrect_client_credentials"),
        .init(
            "an error in a form",
            body: "error=bad_refresh_token&error_description=The+refresh+token+passed+is+incorrect",
            of: .github, is: "reauthorization-required code=bad_refresh_token"),
        .init(
            "a suspended app", body: #"{"error":"application_suspended"}"#, of: .github,
            is: "client-configuration code=application_suspended"),
        .init(
            "a used refresh token", body: #"{"ok":false,"error":"invalid_refresh_token"}"#, of: .slack,
            is: "reauthorization-required code=invalid_refresh_token"),
        .init(
            "a user who left", body: #"{"ok":false,"error":"account_inactive"}"#, of: .slack,
            is: "reauthorization-required code=account_inactive"),
        .init(
            "a wrong secret", body: #"{"ok":false,"error":"bad_client_secret"}"#, of: .slack,
            is: "client-configuration code=bad_client_secret"),
        .init(
            "a limit", status: 429, headers: "Retry-After: 30", body: #"{"ok":false,"error":"ratelimited"}"#,
            of: .slack, is: "rate-limited code=ratelimited after=30"),
        .init(
            "its own trouble in a 200", body: #"{"ok":false,"error":"fatal_error"}"#, of: .slack,
            is: "transient code=fatal_error"),
        .init(
            "an error nobody knows", body: #"{"ok":false,"error":"team_on_the_moon"}"#, of: .slack,
            is: "malformed-answer code=team_on_the_moon"),
        .init(
            "an expired token", status: 400,
            body: #"{"error":"invalid_grant","error_description":"expired access/refresh token"}"#,
            of: .salesforce, is: "reauthorization-required code=invalid_grant"),
        .init(
            "a user who was deactivated", status: 400,
            body: #"{"error":"inactive_user","error_description":"user is inactive"}"#, of: .salesforce,
            is: "reauthorization-required code=inactive_user"),
        .init(
            "an org that is locked", status: 400, body: #"{"error":"inactive_org"}"#, of: .salesforce,
            is: "client-configuration code=inactive_org"),
        .init(
            "too many logins", status: 400, body: #"{"error":"rate_limit_exceeded"}"#, of: .salesforce,
            is: "rate-limited code=rate_limit_exceeded"),
        .init(
            "a dead token, told twice", status: 400,
            body:
                #"{"error":"invalid_grant","error_description":"refresh token is invalid, expired or revoked","status":"BAD_REFRESH_TOKEN","message":"x"}"#,
            of: .hubspot, is: "reauthorization-required code=BAD_REFRESH_TOKEN"),
        .init(
            "a wrong secret", status: 400, body: #"{"status":"BAD_CLIENT_SECRET","message":"x"}"#,
            of: .hubspot, is: "client-configuration code=BAD_CLIENT_SECRET"),
        .init(
            "a limit", status: 429,
            body: #"{"status":"error","message":"x","category":"RATE_LIMITS","policyName":"TEN_SECONDLY"}"#,
            of: .hubspot, is: "rate-limited code=RATE_LIMITS"),
        .init(
            "a dead token in a 200", body: #"{"error":"invalid_code"}"#, of: .zoho,
            is: "reauthorization-required code=invalid_code"),
        .init(
            "a wrong secret in a 200", body: #"{"error":"invalid_client_secret"}"#, of: .zoho,
            is: "client-configuration code=invalid_client_secret"),
        .init(
            "ten tokens in ten minutes", status: 400,
            body: #"{"error":"Access Denied","error_description":"too many requests","status":"failure"}"#,
            of: .zoho, is: "rate-limited after=600"),
        .init(
            "a token of a month ago", status: 400, body: #"{"error":"invalid_grant"}"#, of: .xero,
            is: "reauthorization-required code=invalid_grant"),
        .init(
            "a page in front of it", status: 403, body: "<html>", of: .xero, is: "transient"),
        .init(
            "a token that is out of date", status: 400,
            body: #"{"error":"invalid_grant","error_description":"Incorrect Token type or clientID"}"#,
            of: .intuit, is: "reauthorization-required code=invalid_grant"),
        .init(
            "a wrong secret", status: 401, body: #"{"error":"invalid_client"}"#, of: .intuit,
            is: "client-configuration code=invalid_client of-client"),
        .init(
            "a dead token in a 403", status: 403,
            body: #"{"error":"unauthorized_client","error_description":"refresh_token is invalid"}"#,
            of: .atlassian, is: "reauthorization-required code=unauthorized_client"),
        .init(
            "a dead token by its other name", status: 403,
            body: #"{"error":"invalid_grant","error_description":"Unknown or invalid refresh token."}"#,
            of: .atlassian, is: "reauthorization-required code=invalid_grant"),
        .init(
            "a wrong secret", status: 401,
            body: #"{"error":"access_denied","error_description":"Unauthorized"}"#,
            of: .atlassian, is: "client-configuration code=access_denied"),
        .init(
            "a revoked token", status: 400,
            body: #"{"error":"invalid_grant","error_description":"refresh token is invalid or revoked"}"#,
            of: .dropbox, is: "reauthorization-required code=invalid_grant"),
        .init(
            "an error of the API's kind", status: 401,
            body: #"{"error_summary":"expired_access_token/..","error":{".tag":"expired_access_token"}}"#,
            of: .dropbox, is: "reauthorization-required code=expired_access_token"),
        .init(
            "a limit", status: 429,
            body:
                #"{"error_summary":"too_many_requests/.","error":{"reason":{".tag":"too_many_requests"},"retry_after":300}}"#,
            of: .dropbox, is: "rate-limited code=too_many_requests"),
        .init(
            "a used token", status: 400,
            body: #"{"error":"invalid_grant","error_description":"Refresh token has expired"}"#, of: .box,
            is: "reauthorization-required code=invalid_grant"),
        .init(
            "a dead token", status: 400, body: #"{"error":"invalid_grant","request_id":"r"}"#, of: .notion,
            is: "reauthorization-required code=invalid_grant"),
        .init(
            "a wrong secret", status: 401, body: #"{"object":"error","status":401,"code":"unauthorized"}"#,
            of: .notion, is: "client-configuration code=unauthorized"),
        .init(
            "a limit", status: 429, headers: "Retry-After: 3",
            body: #"{"object":"error","status":429,"code":"rate_limited"}"#, of: .notion,
            is: "rate-limited code=rate_limited after=3"),
        .init(
            "its own trouble", status: 409, body: #"{"object":"error","status":409,"code":"conflict_error"}"#,
            of: .notion, is: "transient code=conflict_error"),
        .init(
            "a used token", status: 400,
            body: #"{"error":"invalid_grant","error_description":"Token has been expired or revoked."}"#,
            of: .linear, is: "reauthorization-required code=invalid_grant"),
        .init(
            "a dead token", status: 400, body: #"{"error":"invalid_grant"}"#, of: .discord,
            is: "reauthorization-required code=invalid_grant"),
        .init(
            "a limit without a code", status: 429, headers: "Retry-After: 2\nX-RateLimit-Remaining: 0",
            body: #"{"message":"You are being rate limited.","retry_after":1.5,"global":false}"#,
            of: .discord,
            is: "rate-limited after=2"),
        .init(
            "a wrong secret", status: 401, body: #"{"error":"invalid_client"}"#, of: .discord,
            is: "client-configuration code=invalid_client of-client"),
        .init(
            "six months after the login", status: 400,
            body: #"{"error":"invalid_grant","error_description":"Refresh token revoked"}"#, of: .spotify,
            is: "reauthorization-required code=invalid_grant"),
        .init(
            "a used token", status: 400,
            body:
                #"{"error":"invalid_request","error_description":"Value passed for the token was invalid."}"#,
            of: .x, is: "reauthorization-required code=invalid_request"),
        .init(
            "a wrong secret", status: 401,
            body:
                #"{"error":"unauthorized_client","error_description":"Missing valid authorization header"}"#,
            of: .x, is: "client-configuration code=unauthorized_client of-client"),
        .init(
            "a token that the member took back", status: 401,
            body: #"{"serviceErrorCode":65601,"code":"REVOKED_ACCESS_TOKEN","message":"x","status":401}"#,
            of: .linkedin, is: "reauthorization-required code=REVOKED_ACCESS_TOKEN"),
        .init(
            "a wrong secret", status: 401,
            body: #"{"error":"invalid_client","error_description":"Client authentication failed"}"#,
            of: .linkedin, is: "client-configuration code=invalid_client of-client"),
        .init(
            "an app that the shop removed", status: 400,
            body: #"{"error":"application_cannot_be_found","error_description":"x"}"#, of: .shopify,
            is: "client-configuration code=application_cannot_be_found"),
        .init(
            "a dead token", status: 400, body: #"{"error":"invalid_grant"}"#, of: .shopify,
            is: "reauthorization-required code=invalid_grant"),
        .init(
            "another platform's token", status: 400,
            body: #"{"error":"invalid_grant","error_description":"Refresh token does not exist"}"#,
            of: .stripe, is: "reauthorization-required code=invalid_grant"),
        .init(
            "a dead token", status: 400,
            body:
                #"{"error":"invalid_grant","error_description":"The refresh token is invalid or expired."}"#,
            of: .okta, is: "reauthorization-required code=invalid_grant"),
        .init(
            "a limit", status: 429,
            headers: "X-Rate-Limit-Limit: 600\nX-Rate-Limit-Remaining: 0\nX-Rate-Limit-Reset: 1800000062",
            body: #"{"errorCode":"E0000047","errorSummary":"API call exceeded rate limit"}"#, of: .okta,
            is: "rate-limited code=E0000047 after=60 left=0/60"),
        .init(
            "its own trouble in a 400", status: 400, body: #"{"errorCode":"E0000009"}"#, of: .okta,
            is: "transient code=E0000009"),
        .init(
            "a dead token in a 403", status: 403,
            body: #"{"error":"invalid_grant","error_description":"Unknown or invalid refresh token."}"#,
            of: .auth0, is: "reauthorization-required code=invalid_grant"),
        .init(
            "too many attempts", status: 429, body: #"{"error":"too_many_attempts"}"#, of: .auth0,
            is: "rate-limited code=too_many_attempts"),
        .init(
            "a wrong secret", status: 401,
            body: #"{"error":"access_denied","error_description":"Unauthorized"}"#,
            of: .auth0, is: "client-configuration code=access_denied"),
        .init(
            "a second factor", status: 403, body: #"{"error":"mfa_required","mfa_token":"m"}"#, of: .auth0,
            is: "reauthorization-required code=mfa_required"),
        .init(
            "a session that is over", status: 400,
            body: #"{"error":"invalid_grant","error_description":"Session not active"}"#, of: .keycloak,
            is: "reauthorization-required code=invalid_grant"),
        .init(
            "a wrong secret", status: 401,
            body: #"{"error":"unauthorized_client","error_description":"Invalid client or credentials"}"#,
            of: .keycloak, is: "client-configuration code=unauthorized_client of-client"),
        .init(
            "a used token", status: 401,
            body: #"{"error":{"message":"x","type":"invalid_request_error","code":"refresh_token_reused"}}"#,
            of: .openai, is: "reauthorization-required code=refresh_token_reused"),
        .init(
            "a code nobody knows leaves it open who must act", status: 401,
            body: #"{"error":{"message":"x","code":"something_new"}}"#, of: .openai,
            is: "unauthorized code=something_new"),
        .init(
            "a token that has expired", status: 400,
            body: #"{"error":{"message":"x","type":"OAuthException","code":190,"error_subcode":463}}"#,
            of: .facebook, is: "reauthorization-required code=190"),
        .init(
            "a limit of the app", status: 403,
            body: #"{"error":{"message":"x","type":"OAuthException","code":4}}"#, of: .facebook,
            is: "rate-limited code=4"),
        .init(
            "its own trouble", status: 500,
            body: #"{"error":{"message":"x","type":"OAuthException","code":2,"is_transient":true}}"#,
            of: .facebook, is: "transient code=2"),
        .init(
            "a token that has expired", status: 400,
            body: #"{"error":{"message":"x","type":"OAuthException","code":190}}"#, of: .instagram,
            is: "reauthorization-required code=190"),
    ]
}
