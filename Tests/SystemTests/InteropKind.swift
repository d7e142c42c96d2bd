// What the authorization servers of the interoperability tests are like: where their endpoints are, and what of them
// tokend's configuration must say. What a server answers was found by asking it, not in its manual.

import Foundation
import Testing

/// An authorization server that nobody here wrote.
struct InteropKind: Sendable, CustomTestStringConvertible {
    /// Of the report.
    let name: String
    /// In the folder of scripts.
    let script: String
    /// In the folder that `.ci/interop-setup` fills; there when the server is.
    let program: String
    var usesTLS = false
    /// Of its metadata; nil where the endpoints stand in the configuration.
    var issuerPath: String?
    let authorizationPath: String
    let tokenPath: String
    let revocationPath: String
    /// Where an access token is shown to see whether it is good.
    let resourcePath: String
    let scopes: [String]
    /// How the client `tokend` authenticates: who wants the words of HTTP Basic form-encoded, and who takes them raw.
    let authMethod: String
    /// Of a client with `client_secret_post`.
    var postClient = "tokend"
    /// Whether it has a client `signer` that authenticates by `private_key_jwt`, its key in `signer.pem`.
    var knowsSigner = false
    /// The client and the scope of a program that acts for itself (RFC 6749 §4.4).
    let machine: (client: String, scope: String)
    /// Further members of the provider's configuration, in JSON.
    var configuration: [String] = []
    var environment: [String: String] = [:]
    let reuse: Reuse
    /// Of a refresh token that is refused.
    let refusalStatus = 400
    /// The server's access tokens differ by nothing but the second.
    var issuesATokenASecond = false
    /// Revoking the refresh token ends the access token.
    var revokesAccessToken = true
    /// A line of the server's log that has one of these is a token request.
    let tokenRequestMarks: [String]

    var testDescription: String { name }

    /// What a refresh token that was rotated away does when it is shown again.
    enum Reuse {
        /// It and all that came of it are dead.
        case endsFamily
        /// The last one still gives what it gave; an older one ends the family.
        case isForgivenOnce
        /// It is refused, and that is all.
        case isRefused
    }

    static let glewlwyd = InteropKind(
        name: "glewlwyd, TLS by a private CA", script: "glewlwyd.py", program: "glewlwyd/usr/bin/glewlwyd",
        usesTLS: true, issuerPath: "/api/oidc", authorizationPath: "/api/oidc/auth",
        tokenPath: "/api/oidc/token",
        revocationPath: "/api/oidc/revoke", resourcePath: "/api/oidc/userinfo",
        scopes: ["openid", "contacts"],
        authMethod: "client_secret_basic_raw", machine: ("tokend", "machine"),
        // Every refusal at its token endpoint is a 400 with nothing in it.
        configuration: [#""response": {"empty_body_class": {"400": "reauth_required"}}"#],
        reuse: .endsFamily, revokesAccessToken: false,
        tokenRequestMarks: [
            "Access token generated for client", "Security - Token invalid", "Security - Code invalid",
        ])

    /// - Parameter grace: seconds in which the refresh token that was just replaced still works.
    static func djangoOAuthToolkit(grace: Int) -> InteropKind {
        InteropKind(
            name: "django-oauth-toolkit, grace \(grace) s", script: "django_site.py", program: "python/sites",
            authorizationPath: "/o/authorize/", tokenPath: "/o/token/", revocationPath: "/o/revoke_token/",
            resourcePath: "/me", scopes: ["contacts"], authMethod: "client_secret_basic",
            machine: ("machine", "machine"),
            environment: ["GRACE": "\(grace)"], reuse: grace > 0 ? .isForgivenOnce : .endsFamily,
            tokenRequestMarks: ["POST /o/token/"])
    }

    static let canaille = InteropKind(
        name: "Canaille", script: "canaille_site.py", program: "python/sites",
        issuerPath: "", authorizationPath: "/oauth/authorize", tokenPath: "/oauth/token",
        revocationPath: "/oauth/revoke",
        resourcePath: "/oauth/userinfo", scopes: ["openid", "profile"], authMethod: "client_secret_basic_raw",
        postClient: "poster", knowsSigner: true, machine: ("machine", "profile"), reuse: .isRefused,
        issuesATokenASecond: true,
        tokenRequestMarks: ["POST /oauth/token"])

    /// Where `.ci/interop-setup` put the servers.
    static let folder: String = {
        if let folder = ProcessInfo.processInfo.environment["TOKEND_INTEROP"] { return folder }
        return InteropReport.root.appendingPathComponent(".build/interop").path
    }()

    var isInstalled: Bool { FileManager.default.fileExists(atPath: Self.folder + "/" + program) }
}
