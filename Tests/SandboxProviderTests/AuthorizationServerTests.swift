// Decides nothing; shows the rules of rotation, reuse, codes and expiry in virtual time.

import Testing

@testable import SandboxProvider

private let client = RegisteredClient.standard
private let other = RegisteredClient(id: "other", secret: "x", redirectURIs: ["https://other.example/cb"])
private let start = 1_800_000_000.25

private func server(
    _ change: (inout AuthorizationServer.Policy) -> Void = { _ in }
) -> AuthorizationServer {
    var policy = AuthorizationServer.Policy()
    change(&policy)
    return AuthorizationServer(clients: [client, other], policy: policy, key: Array(0..<32))
}

extension AuthorizationServer {
    fileprivate mutating func alice(lifetime: Double? = nil) -> IssuedTokens {
        grant(subject: "alice", clientID: client.id, scope: "read write", lifetime: lifetime, now: start)
    }
}

@Suite struct AuthorizationServerTests {
    @Test("Each refresh yields a new pair, and the new refresh token is the next to use")
    func rotation() throws {
        var server = server()
        var tokens = server.alice()
        var seen: Set<String> = [tokens.refreshToken, tokens.accessToken]
        for step in 1...3 {
            tokens = try server.refresh(tokens.refreshToken, clientID: client.id, now: start + Double(step))
            #expect(seen.insert(tokens.refreshToken).inserted)
            #expect(seen.insert(tokens.accessToken).inserted)
            #expect(tokens.expiresAt == start + Double(step) + 60)
            #expect(tokens.subject == "alice")
        }
    }

    @Test("A used refresh token revokes its family, the newest tokens included, and no other family")
    func reuse() throws {
        var server = server()
        let first = server.alice()
        let bystander = server.alice()
        let second = try server.refresh(first.refreshToken, clientID: client.id, now: start + 1)
        #expect(throws: Refusal.reused) {
            try server.refresh(first.refreshToken, clientID: client.id, now: start + 2)
        }
        #expect(throws: Refusal.revoked) {
            try server.refresh(second.refreshToken, clientID: client.id, now: start + 3)
        }
        #expect(server.check(accessToken: second.accessToken, now: start + 3) == .revoked(subject: "alice"))
        _ = try server.refresh(bystander.refreshToken, clientID: client.id, now: start + 3)
    }

    @Test(
        "Within the grace time a used token yields its successor again; at its end it is reuse",
        arguments: [(0.0, true), (9.999, true), (10.0, false), (11.0, false)])
    func grace(secondsAfterRotation: Double, isReplayed: Bool) throws {
        var server = server { $0.reuseGrace = 10 }
        let first = server.alice()
        let second = try server.refresh(first.refreshToken, clientID: client.id, now: start + 1)
        let now = start + 1 + secondsAfterRotation
        let replayed = Result { try server.refresh(first.refreshToken, clientID: client.id, now: now) }
        if isReplayed {
            #expect(try replayed.get() == second)
            _ = try server.refresh(second.refreshToken, clientID: client.id, now: now)
        } else {
            #expect(throws: Refusal.reused) { try replayed.get() }
        }
    }

    @Test("The grace time covers the direct predecessor only")
    func graceForTheDirectPredecessor() throws {
        var server = server { $0.reuseGrace = 10 }
        let first = server.alice()
        let second = try server.refresh(first.refreshToken, clientID: client.id, now: start)
        _ = try server.refresh(second.refreshToken, clientID: client.id, now: start)
        #expect(throws: Refusal.reused) {
            try server.refresh(first.refreshToken, clientID: client.id, now: start)
        }
    }

    @Test(
        "Without rotation the refresh token stays and access tokens change",
        arguments: [AuthorizationServer.Rotation.never, .neverAndOmitted])
    func noRotation(rotation: AuthorizationServer.Rotation) throws {
        var server = server { $0.rotation = rotation }
        let first = server.alice()
        let second = try server.refresh(first.refreshToken, clientID: client.id, now: start + 1)
        let third = try server.refresh(first.refreshToken, clientID: client.id, now: start + 2)
        #expect(second.refreshToken == first.refreshToken && third.refreshToken == first.refreshToken)
        #expect(Set([first, second, third].map(\.accessToken)).count == 3)
    }

    @Test(
        "An access token is good until its expiry and not at it",
        arguments: [60.0, 5.0, 0.5])
    func expiryEdge(lifetime: Double) {
        var server = server()
        let tokens = server.alice(lifetime: lifetime)
        let edge = start + lifetime
        #expect(
            server.check(accessToken: tokens.accessToken, now: edge.nextDown)
                == .valid(subject: "alice", scope: "read write"))
        #expect(
            server.check(accessToken: tokens.accessToken, now: edge)
                == .expired(subject: "alice", secondsAgo: 0))
        #expect(
            server.check(accessToken: tokens.accessToken, now: edge + 2)
                == .expired(subject: "alice", secondsAgo: 2))
    }

    @Test("A grant's own lifetime holds after refreshes too")
    func ownLifetime() throws {
        var server = server()
        let tokens = try server.refresh(
            server.alice(lifetime: 2.5).refreshToken, clientID: client.id, now: start + 1)
        #expect(tokens.expiresAt == start + 3.5)
        #expect(tokens.expiresAtRoundedDown == 1_800_000_003)
    }

    @Test("An older access token of the family stays good until it lapses by itself")
    func olderAccessToken() throws {
        var server = server()
        let first = server.alice()
        _ = try server.refresh(first.refreshToken, clientID: client.id, now: start + 1)
        #expect(
            server.check(accessToken: first.accessToken, now: start + 59)
                == .valid(subject: "alice", scope: "read write"))
    }

    @Test("Another client's, an invented and an altered token are refused")
    func wrongTokens() {
        var server = server()
        let tokens = server.alice()
        #expect(throws: Refusal.foreignGrant) {
            try server.refresh(tokens.refreshToken, clientID: other.id, now: start)
        }
        for token in ["", "rt.0.0.0.x", tokens.refreshToken + "x", tokens.accessToken] {
            #expect(throws: Refusal.unknownGrant) {
                try server.refresh(token, clientID: client.id, now: start)
            }
        }
        #expect(server.check(accessToken: tokens.refreshToken, now: start) == .unknown)
    }

    @Test("A token that an earlier server made under the same key is unknown")
    func foreignServer() {
        var first = server()
        let token = first.alice().refreshToken
        var second = server()
        #expect(throws: Refusal.unknownGrant) { try second.refresh(token, clientID: client.id, now: start) }
        #expect(second.subject(of: token) == nil)
    }

    @Test("A refresh may ask for less scope and not for more")
    func scope() throws {
        var server = server()
        let tokens = server.alice()
        #expect(throws: Refusal.invalidScope) {
            try server.refresh(tokens.refreshToken, clientID: client.id, scope: "read admin", now: start)
        }
        _ = try server.refresh(tokens.refreshToken, clientID: client.id, scope: "read", now: start)
    }

    @Test("Revoking a refresh token ends the family, revoking an access token ends that token")
    func revocation() throws {
        var server = server()
        let first = server.alice()
        #expect(try server.revoke(first.accessToken, clientID: client.id) == "alice")
        #expect(server.check(accessToken: first.accessToken, now: start) == .revoked(subject: "alice"))
        let second = try server.refresh(first.refreshToken, clientID: client.id, now: start)
        #expect(throws: Refusal.foreignGrant) {
            try server.revoke(second.refreshToken, clientID: other.id)
        }
        try server.revoke(second.refreshToken, clientID: client.id)
        #expect(server.check(accessToken: second.accessToken, now: start) == .revoked(subject: "alice"))
        #expect(throws: Refusal.revoked) {
            try server.refresh(second.refreshToken, clientID: client.id, now: start)
        }
        #expect(try server.revoke("never issued", clientID: client.id) == nil)
    }

    @Test("A user who disconnects loses every family, and nobody else does")
    func revokeAll() throws {
        var server = server()
        let grants = [server.alice(), server.alice()]
        let bob = server.grant(subject: "bob", clientID: client.id, scope: "", now: start)
        server.revokeAll(subject: "alice")
        for tokens in grants {
            #expect(throws: Refusal.revoked) {
                try server.refresh(tokens.refreshToken, clientID: client.id, now: start)
            }
        }
        _ = try server.refresh(bob.refreshToken, clientID: client.id, now: start)
    }

    @Test(
        "A client is known by identifier and secret",
        arguments: [("sandbox-client", "x"), ("x", "sandbox-secret")])
    func authentication(id: String, secret: String) throws {
        let server = server()
        #expect(try server.authenticate(id: client.id, secret: client.secret) == client)
        #expect(throws: Refusal.invalidClient) { try server.authenticate(id: id, secret: secret) }
    }
}
