// The rows for successful answers as providers send them, each read as that provider's preset says.

@testable import OAuth

extension AnswerRow {
    static let presetGrants: [AnswerRow] = [
        .init(
            "a refresh brings no refresh token",
            body:
                #"{"access_token":"a1","expires_in":3599,"scope":"https://www.googleapis.com/auth/drive","token_type":"Bearer"}"#,
            of: .google, is: "a1 Bearer 3599 scope='https://www.googleapis.com/auth/drive'"),
        .init(
            "access for a time that the user chose",
            body:
                #"{"access_token":"a1","expires_in":3599,"refresh_token":"r2","refresh_token_expires_in":604799,"token_type":"Bearer"}"#,
            of: .google, is: "a1 Bearer 3599 refresh=r2 refresh-ends=604799"),
        .init(
            "a service account's token",
            body: #"{"access_token":"a1","expires_in":3599,"token_type":"Bearer"}"#,
            of: .googleServiceAccount, is: "a1 Bearer 3599"),
        .init(
            "a new refresh token lives 90 days",
            body:
                #"{"token_type":"Bearer","scope":"Mail.Read","expires_in":4799,"ext_expires_in":4799,"access_token":"a1","refresh_token":"r2"}"#,
            of: .microsoft, is: "a1 Bearer 4799 refresh=r2 refresh-ends=7776000 scope='Mail.Read'"),
        .init(
            "a user's token and how long its refresh token lives",
            body:
                #"{"access_token":"a1","expires_in":28800,"refresh_token":"r2","refresh_token_expires_in":15811200,"scope":"","token_type":"bearer"}"#,
            of: .github, is: "a1 Bearer 28800 refresh=r2 refresh-ends=15811200 scope=''"),
        .init(
            "a form, as it answers who does not ask for JSON",
            body: "access_token=a1&expires_in=28800&refresh_token=r2&scope=&token_type=bearer", of: .github,
            is: "a1 Bearer 28800 refresh=r2 scope=''"),
        .init(
            "a bot's token",
            body:
                #"{"ok":true,"access_token":"a1","expires_in":43200,"refresh_token":"r2","token_type":"bot","scope":"chat:write","bot_user_id":"B","app_id":"A","team":{"id":"T"},"authed_user":{"id":"U"}}"#,
            of: .slack, is: "a1 Bearer 43200 refresh=r2 scope='chat:write'"),
        .init(
            "a user's token where there is no bot",
            body:
                #"{"ok":true,"app_id":"A","authed_user":{"id":"U","scope":"search:read","access_token":"a1","expires_in":43200,"refresh_token":"r2","token_type":"user"},"team":{"id":"T"}}"#,
            of: .slack, is: "a1 Bearer 43200 refresh=r2 scope='search:read'"),
        .init(
            "a session of two hours that began a minute ago",
            body:
                #"{"access_token":"a1","signature":"s","scope":"refresh_token api","instance_url":"https://x.my.salesforce.com","id":"https://login.salesforce.com/id/0/1","token_type":"Bearer","issued_at":"1799999940000"}"#,
            of: .salesforce, is: "a1 Bearer 7140 scope='refresh_token api'"),
        .init(
            "the same refresh token comes back",
            body: #"{"refresh_token":"r1","access_token":"a1","expires_in":1800,"token_type":"bearer"}"#,
            of: .hubspot, is: "a1 Bearer 1800 refresh=r1"),
        .init(
            "its own scheme",
            body:
                #"{"access_token":"a1","api_domain":"https://www.zohoapis.com","token_type":"Bearer","expires_in":3600}"#,
            of: .zoho, is: "a1 Zoho-oauthtoken 3600"),
        .init(
            "milliseconds beside seconds",
            body:
                #"{"access_token":"a1","expires_in_sec":3600,"token_type":"Bearer","expires_in":3600000}"#,
            of: .zoho, is: "a1 Zoho-oauthtoken 3600"),
        .init(
            "half an hour and 60 days",
            body:
                #"{"id_token":"i","access_token":"a1","expires_in":1800,"token_type":"Bearer","refresh_token":"r2","scope":"openid offline_access"}"#,
            of: .xero, is: "a1 Bearer 1800 refresh=r2 refresh-ends=5184000 scope='openid offline_access'"),
        .init(
            "the rest of 100 days",
            body:
                #"{"token_type":"bearer","expires_in":3600,"refresh_token":"r2","x_refresh_token_expires_in":8726400,"access_token":"a1"}"#,
            of: .intuit, is: "a1 Bearer 3600 refresh=r2 refresh-ends=8726400"),
        .init(
            "no token type",
            body:
                #"{"access_token":"a1","refresh_token":"r2","expires_in":3600,"scope":"read:jira-work offline_access"}"#,
            of: .atlassian,
            is: "a1 Bearer 3600 refresh=r2 refresh-ends=7776000 scope='read:jira-work offline_access'"),
        .init(
            "a refresh brings an access token alone",
            body: #"{"access_token":"a1","expires_in":14399,"token_type":"bearer"}"#, of: .dropbox,
            is: "a1 Bearer 14399"),
        .init(
            "an hour and 60 days",
            body:
                #"{"access_token":"a1","expires_in":3765,"restricted_to":[],"refresh_token":"r2","token_type":"bearer"}"#,
            of: .box, is: "a1 Bearer 3765 refresh=r2 refresh-ends=5184000"),
        .init(
            "no lifetime",
            body:
                #"{"access_token":"a1","token_type":"bearer","refresh_token":"r2","bot_id":"b","workspace_id":"w","owner":{"type":"user"}}"#,
            of: .notion, is: "a1 Bearer 3600 assumed refresh=r2"),
        .init(
            "a day; the scopes in a list",
            body:
                #"{"access_token":"a1","token_type":"Bearer","expires_in":86399,"scope":["read","write"],"refresh_token":"r2"}"#,
            of: .linear, is: "a1 Bearer 86399 refresh=r2 scope='read write'"),
        .init(
            "a week",
            body:
                #"{"token_type":"Bearer","access_token":"a1","expires_in":604800,"refresh_token":"r2","scope":"identify"}"#,
            of: .discord, is: "a1 Bearer 604800 refresh=r2 scope='identify'"),
        .init(
            "a refresh keeps the old token, whose end does not move",
            body:
                #"{"access_token":"a1","token_type":"Bearer","expires_in":3600,"scope":"user-read-private"}"#,
            of: .spotify, is: "a1 Bearer 3600 scope='user-read-private'"),
        .init(
            "two hours",
            body:
                #"{"token_type":"bearer","expires_in":7200,"access_token":"a1","scope":"tweet.read offline.access","refresh_token":"r2"}"#,
            of: .x, is: "a1 Bearer 7200 refresh=r2 scope='tweet.read offline.access'"),
        .init(
            "the refresh token's year goes on",
            body:
                #"{"access_token":"a1","expires_in":5183999,"refresh_token":"r1","refresh_token_expires_in":26438400,"scope":"r_basicprofile"}"#,
            of: .linkedin, is: "a1 Bearer 5183999 refresh=r1 refresh-ends=26438400 scope='r_basicprofile'"),
        .init(
            "an hour and 90 days",
            body:
                #"{"access_token":"a1","scope":"read_products","expires_in":3600,"refresh_token":"r2","refresh_token_expires_in":7776000}"#,
            of: .shopify, is: "a1 Bearer 3600 refresh=r2 refresh-ends=7776000 scope='read_products'"),
        .init(
            "a key without an end is renewed within a year",
            body:
                #"{"access_token":"a1","livemode":true,"refresh_token":"r2","token_type":"bearer","stripe_user_id":"acct_1","scope":"read_write"}"#,
            of: .stripe, is: "a1 Bearer 31536000 refresh=r2 scope='read_write'"),
        .init(
            "an hour, and a year to refresh in",
            body:
                #"{"access_token":"a1","livemode":false,"refresh_token":"r2","scope":"stripe_apps","stripe_user_id":"acct_1","token_type":"bearer"}"#,
            of: .stripeApps, is: "a1 Bearer 3600 refresh=r2 refresh-ends=31536000 scope='stripe_apps'"),
        .init(
            "a rotated token",
            body:
                #"{"token_type":"Bearer","expires_in":3600,"access_token":"a1","scope":"offline_access openid","refresh_token":"r2","id_token":"i"}"#,
            of: .okta, is: "a1 Bearer 3600 refresh=r2 scope='offline_access openid'"),
        .init(
            "a day without rotation",
            body:
                #"{"access_token":"a1","id_token":"i","scope":"openid offline_access","expires_in":86400,"token_type":"Bearer"}"#,
            of: .auth0, is: "a1 Bearer 86400 scope='openid offline_access'"),
        .init(
            "a session that ends in half an hour",
            body:
                #"{"access_token":"a1","expires_in":300,"refresh_expires_in":1800,"refresh_token":"r2","token_type":"Bearer","not-before-policy":0,"session_state":"s","scope":"profile"}"#,
            of: .keycloak, is: "a1 Bearer 300 refresh=r2 refresh-ends=1800 scope='profile'"),
        .init(
            "an offline session without an end",
            body:
                #"{"access_token":"a1","expires_in":300,"refresh_expires_in":0,"refresh_token":"r2","token_type":"Bearer"}"#,
            of: .keycloak, is: "a1 Bearer 300 refresh=r2"),
        .init(
            "the life that stands in the token",
            body:
                #"{"access_token":"e30.eyJleHAiOjE4MDAwMDA2MDB9.c2ln","refresh_token":"r2","id_token":"i"}"#,
            of: .openai, is: "e30.eyJleHAiOjE4MDAwMDA2MDB9.c2ln Bearer 600 refresh=r2"),
        .init(
            "a longer life", body: #"{"access_token":"a1","token_type":"bearer","expires_in":5183944}"#,
            of: .facebook, is: "a1 Bearer 5183944"),
        .init(
            "a longer life that is not told", body: #"{"access_token":"a1","token_type":"bearer"}"#,
            of: .facebook, is: "a1 Bearer 5184000"),
        .init(
            "another 60 days",
            body: #"{"access_token":"a1","token_type":"bearer","expires_in":5183944,"permissions":"p"}"#,
            of: .instagram, is: "a1 Bearer 5183944 scope='p'"),
    ]
}
