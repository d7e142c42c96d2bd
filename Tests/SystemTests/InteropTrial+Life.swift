// An account's life at a server that nobody here wrote: it is connected, kept alive, and revoked.

import Foundation

extension InteropTrial {
    func login() throws -> String {
        let account = "server/alice"
        let url = try authorizeURL(account)
        try killAndRestart()
        let redirected = try server.visit(url)
        let before = server.tokenRequests
        try ask("CALLBACK \(redirected)", expecting: "OK \(account) ")
        let token = try served(account)
        try demand(token.type == "Bearer", "the token's type is \(token.type)")
        try demand(try server.accepts(token.token), "the API refuses the token")
        try demand(server.tokenRequests == before + 1, "\(server.tokenRequests - before) token requests")
        try ask("CALLBACK \(redirected)", expecting: "ERR login-failed - ")
        try demand(server.tokenRequests == before + 1, "a code was presented twice")
        try demand(try served(account) == token, "another token is served")
        var issuer = ""
        if redirected.contains("iss=") {
            try mixUp()
            issuer = "; another iss: login-failed, no request"
        }
        return "token good at the API after a kill -9 in between; second CALLBACK: login-failed, no request"
            + issuer
    }

    /// The answer of another authorization server than the one that was asked (RFC 9207).
    private func mixUp() throws {
        let redirected = try server.visit(try authorizeURL("server/mixed"))
        let pairs = redirected.split(separator: "&", omittingEmptySubsequences: false)
        let forged = pairs.map { pair in
            guard let value = pair.range(of: "iss=")?.upperBound else { return String(pair) }
            return pair[..<value] + "https%3A%2F%2Fother.example"
        }
        let before = server.tokenRequests
        try ask("CALLBACK \(forged.joined(separator: "&"))", expecting: "ERR login-failed - ")
        try demand(server.tokenRequests == before, "the code was shown")
    }

    func denial() throws -> String {
        let account = "server/denier"
        let redirected = try server.visit(try authorizeURL(account), denies: true)
        let before = server.tokenRequests
        let answer = try ask("CALLBACK \(redirected)", expecting: "ERR login-failed - ")
        try demand(server.tokenRequests == before, "a token was asked for")
        try ask("GET \(account)", expecting: "ERR unknown-account ")
        return answer.dropFirst("ERR login-failed - ".count) + "; no token request, no account"
    }

    func refreshing() throws -> String {
        let account = "server/alice"
        var tokens = [try served(account)]
        let before = server.tokenRequests
        for _ in 0..<4 {
            pace()
            try ask("REFRESH \(account)", expecting: "OK ")
            tokens.append(try served(account))
        }
        try demand(Set(tokens.map(\.token)).count == 5, "a token came twice")
        try demand(server.tokenRequests == before + 4, "\(server.tokenRequests - before) requests for 4")
        try demand(try server.accepts(tokens[4].token), "the API refuses the newest token")
        try killAndRestart()
        try demand(try served(account) == tokens[4], "another token after a restart")
        pace()
        try ask("REFRESH \(account)", expecting: "OK ")
        return "5 rotations, one across a kill -9: 5 new tokens in 5 requests, good at the API"
    }

    func postedSecret() throws -> String {
        let account = "poster/alice"
        try logIn(account)
        for _ in 0..<2 {
            pace()
            try ask("REFRESH \(account)", expecting: "OK ")
        }
        try demand(try server.accepts(try served(account).token), "the API refuses the token")
        return "the same secret in a form: login and 2 rotations"
    }

    /// A signed assertion in place of the secret; the server takes none at its revocation endpoint.
    func signedAssertion() throws -> String {
        let account = "signer/alice"
        try logIn(account)
        for _ in 0..<2 {
            pace()
            try ask("REFRESH \(account)", expecting: "OK ")
        }
        try demand(try server.accepts(try served(account).token), "the API refuses the token")
        let answer = try ask("REVOKE \(account)", expecting: "OK removed ")
        return "login and 2 rotations; REVOKE: \(answer)"
    }

    /// A program acts for itself: no user, no refresh token.
    func machine() throws -> String {
        let account = "machine/job"
        try ask("ADD \(account) {}", expecting: "OK ")
        let first = try served(account)
        try demand(first.type == "Bearer", "the token's type is \(first.type)")
        pace()
        try ask("REFRESH \(account)", expecting: "OK ")
        try demand(try served(account) != first, "the same token again")
        return "2 tokens, no refresh token"
    }

    func device() throws -> String {
        let account = "server/device"
        let words = try ask("DEVICE \(account)", expecting: "OK ").split(separator: " ")
        try demand(words.count == 4, "\(words.count) words")
        try ask("LOGIN \(account)", expecting: "ERR try-again ")
        _ = try server.visit("\(words[2])?code=\(words[1])")
        try ask("LOGIN \(account) wait=30", expecting: "OK \(account) ")
        try demand(try server.accepts(try served(account).token), "the API refuses the token")
        try ask("REFRESH \(account)", expecting: "OK ")
        return "token good at the API once the user has entered the code; a rotation after it"
    }

    /// Only where the server says that the client was refused: of glewlwyd's empty 400 nobody can tell.
    func wrongSecret() throws -> String {
        let account = "impostor/alice"
        pace()
        let grant = try server.grantByHand()
        try add(account, grant)
        try ask("REFRESH \(account)", expecting: "ERR operator-needed ")
        let view = try wire.status(of: account)
        try demand(view.needs == "operator", "needs \(view.needs)")
        let requests = server.tokenRequests
        for _ in 0..<20 { try ask("GET \(account) wait=0", expecting: "ERR ") }
        try demand(server.tokenRequests == requests, "\(server.tokenRequests - requests) requests of 20 GETs")
        pace()
        let answer = try server.refreshByHand(grant.refreshToken)
        try demand(answer.status == 200, "the refresh token is lost: \(answer)")
        return "operator-needed, parked: no request for 20 GETs; the refresh token is still good"
    }

    func revocation() throws -> String {
        try ask("REVOKE server/alice", expecting: "OK revoked")
        try ask("GET server/alice", expecting: "ERR unknown-account ")
        let account = "server/revoked"
        pace()
        let grant = try server.grantByHand()
        try add(account, grant, withAccessToken: true)
        let token = try served(account).token
        try demand(try server.accepts(token), "the API refuses the token before it is revoked")
        try ask("REVOKE \(account)", expecting: "OK revoked")
        try ask("GET \(account)", expecting: "ERR unknown-account ")
        let answer = try server.refreshByHand(grant.refreshToken)
        try demand(answer.status == kind.refusalStatus, "the refresh token was not revoked: \(answer)")
        let isAccepted = try server.accepts(token)
        try demand(
            !isAccepted || !kind.revokesAccessToken, "the API accepts the access token after the revocation")
        let rest =
            isAccepted
            ? "; the server lets the access token live to its end" : "; the access token is dead too"
        return "OK revoked; the server then answers the refresh token with \(answer)\(rest)"
    }
}
