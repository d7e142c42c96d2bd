import Foundation
import Testing
import Vocabulary

@testable import GrantStore

@Suite("Logins in the store")
struct LoginTests {
    private let state: TemporaryStore

    init() throws { state = try TemporaryStore() }

    private let now = WallTime(epochSeconds: 1_800_000_000)

    private func login(_ name: String, lives: Int64 = 600) -> StoredLogin {
        StoredLogin(
            name: Secret(name), expiresAt: now + .seconds(lives), content: Secret("{\"of\":\"\(name)\"}"))
    }

    @Test("survive a restart, until they are taken or have expired")
    func survive() throws {
        try state.use { store throws in
            #expect(try store.carryOut(.keepLogin(login("s1"), now: now)) == .kept)
            #expect(try store.carryOut(.keepLogin(login("s2", lives: 10), now: now)) == .kept)
            #expect(try store.carryOut(.keepLogin(login("s3"), now: now)) == .kept)
        }
        try state.use { store throws in
            #expect(Set(try store.logins(now)) == [login("s1"), login("s2", lives: 10), login("s3")])
            #expect(Set(try store.logins(now + .seconds(10))) == [login("s1"), login("s3")])
            #expect(try store.carryOut(.takeLogin(Secret("s1"))) == .taken)
        }
        try state.use { store throws in
            #expect(try store.logins(now + .seconds(10)) == [login("s3")])
        }
    }

    @Test("are taken once")
    func once() throws {
        try state.use { store throws in
            #expect(try store.carryOut(.takeLogin(Secret("s1"))) == .gone)
            _ = try store.carryOut(.keepLogin(login("s1"), now: now))
            #expect(try store.carryOut(.takeLogin(Secret("s1"))) == .taken)
            #expect(try store.carryOut(.takeLogin(Secret("s1"))) == .gone)
        }
    }

    @Test("that have expired are deleted when another is kept")
    func pruned() throws {
        try state.use { store throws in
            _ = try store.carryOut(.keepLogin(login("s1", lives: 5), now: now))
            _ = try store.carryOut(.keepLogin(login("s2"), now: now + .seconds(5)))
            #expect(try store.carryOut(.takeLogin(Secret("s1"))) == .gone)
        }
    }
}

@Suite("A grant with what only some providers give")
struct UnusualGrantTests {
    private let state: TemporaryStore

    init() throws { state = try TemporaryStore() }

    @Test("is kept whole: no refresh token, its end, the account's variables", arguments: 0..<4)
    func whole(kind: Int) throws {
        let token = AccessToken(
            secret: Secret("at"), type: "Bearer", expiresAt: WallTime(epochSeconds: 1_900_000_000))
        let grant = Grant(
            refreshToken: kind & 1 == 0 ? nil : Secret("rt"),
            refreshTokenExpiresAt: kind & 2 == 0 ? nil : WallTime(nanoseconds: 1_950_000_000_000_000_001),
            accessToken: token, scope: "a b", redirectURI: "https://app.example/cb",
            variables: kind == 3 ? ["shop": "one", "region": "eu"] : [:])
        let name = AccountName("p/alice")!
        let record = try state.use { try $0.added(name, grant) }
        try state.use { store throws in
            #expect(try store.grant(of: record)?.grant == grant)
            guard case .account(let account)? = try store.records().first else {
                Issue.record("the account is missing")
                return
            }
            #expect(account.hasRefreshToken == (grant.refreshToken != nil))
            #expect(account.refreshTokenExpiresAt == grant.refreshTokenExpiresAt)
            #expect(account.accessToken == token && account.scope == "a b")
        }
    }
}
