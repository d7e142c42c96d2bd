import Testing
import Vocabulary
import WireProtocol

@testable import Login

@Suite("Logins under way")
struct LoginsTests {
    private static let alice = AccountName("acme/alice")!
    private static let bob = AccountName("acme/bob")!
    private let now = WallTime(epochSeconds: 1_800_000_000)
    private var logins = Logins()

    private func login(
        _ state: String, _ account: AccountName = alice, _ flow: PendingLogin.Flow? = nil
    ) -> PendingLogin {
        PendingLogin(
            state: Secret(state), account: account, expiresAt: now + Logins.lifetime,
            flow: flow
                ?? .browser(.init(redirectURI: "http://127.0.0.1/cb", verifier: Secret("v"), nonce: "n")),
            variables: ["shop": "one"])
    }

    private func callback(_ state: String) -> CallbackParameters {
        do { return try CallbackParameters(Secret("code=c&state=\(state)")) } catch {
            preconditionFailure("\(error)")
        }
    }

    private mutating func refusal(of state: String, at time: WallTime) -> String? {
        do {
            _ = try logins.take(callback(state), time)
            return nil
        } catch {
            return "\(error.code.rawValue): \(error.sentence)"
        }
    }

    @Test(
        "are each ended by their own state, for the account that they were begun for, whichever comes first")
    mutating func ended() throws {
        try logins.begin(login("s1"), now)
        try logins.begin(login("s2", Self.bob), now)
        #expect(try logins.take(callback("s2"), now).account == Self.bob)
        #expect(try logins.take(callback("s1"), now).account == Self.alice)
        #expect(logins.count == 0)
    }

    @Test("refuse a state that is unknown, used, expired, empty or a device's, each in its own words")
    mutating func refused() throws {
        try logins.begin(login("used"), now)
        _ = try logins.take(callback("used"), now)
        try logins.begin(login("old"), now)
        try logins.begin(
            login("device", Self.alice, .device(.init(code: Secret("d"), interval: .seconds(5)))), now)
        #expect(
            refusal(of: "used", at: now) == "login-failed: the state was used already: begin the login anew")
        #expect(
            refusal(of: "unknown", at: now)
                == "login-failed: the state is of no login that is under way here: begin the login anew")
        #expect(
            refusal(of: "old", at: now + Logins.lifetime)
                == "login-failed: the login has expired: begin it anew")
        #expect(refusal(of: "", at: now) == "login-failed: the redirected URL holds no state")
        #expect(
            refusal(of: "device", at: now)
                == "login-failed: the state is of no login that is under way here: begin the login anew")
    }

    @Test("are at most ten thousand; those that have expired make room")
    mutating func bounded() throws {
        for number in 0..<Logins.most { try logins.begin(login("s\(number)"), now) }
        #expect(throws: RequestError(.busy, retryAfter: 60, "too many logins are under way")) {
            try logins.begin(login("more"), now)
        }
        try logins.begin(login("later"), now + Logins.lifetime)
        #expect(logins.count == 1)
    }

    @Test("that could not be ended durably are under way as before")
    mutating func putBack() throws {
        try logins.begin(login("s1"), now)
        let taken = try logins.take(callback("s1"), now)
        logins.putBack(taken)
        #expect(try logins.take(callback("s1"), now) == taken)
    }

    @Test("tell how the account's last one stands")
    mutating func standing() throws {
        #expect(logins.standing(of: Self.alice, now) == nil)
        let first = login("s1")
        let second = login("s2")
        try logins.begin(first, now)
        #expect(logins.standing(of: Self.alice, now) == .pending(Secret("s1")))
        try logins.begin(second, now)
        logins.end(first, .succeeded(now))
        #expect(
            logins.standing(of: Self.alice, now) == .pending(Secret("s2")), "the earlier one is not the last")
        logins.end(second, .failed(Logins.expired))
        #expect(logins.standing(of: Self.alice, now) == .failed(Logins.expired))
        #expect(logins.standing(of: Self.alice, now + Logins.lifetime * 2) == nil)
    }

    @Test("that nobody ended read as expired")
    mutating func expired() throws {
        try logins.begin(login("s1"), now)
        #expect(logins.standing(of: Self.alice, now + Logins.lifetime) == .failed(Logins.expired))
    }

    @Test("survive a restart word for word, by redirection and by device", arguments: [false, true])
    func written(isDevice: Bool) {
        let flow = PendingLogin.Flow.device(.init(code: Secret("d-1"), interval: .milliseconds(5500)))
        let login = login("s1", Self.alice, isDevice ? flow : nil)
        #expect(PendingLogin(state: login.state, expiresAt: login.expiresAt, content: login.content) == login)
    }

    @Test(
        "that were damaged are none",
        arguments: ["", "{}", "[]", #"{"account":"x"}"#, #"{"account":"a/b","device_code":"d"}"#])
    func damaged(content: String) {
        #expect(PendingLogin(state: Secret("s"), expiresAt: now, content: Secret(content)) == nil)
    }

    @Test("are refused where iss names another issuer, or is missing though it is always sent (RFC 9207)")
    func mixUp() throws {
        let own = try CallbackParameters(Secret("code=c&state=s&iss=https://as.example"))
        let other = try CallbackParameters(Secret("code=c&state=s&iss=https://evil.example"))
        let silent = callback("s")
        #expect(PendingLogin.mixUp(own, issuer: "https://as.example", isSent: true) == nil)
        #expect(PendingLogin.mixUp(other, issuer: "https://as.example", isSent: false)?.code == .loginFailed)
        #expect(PendingLogin.mixUp(silent, issuer: "https://as.example", isSent: false) == nil)
        #expect(PendingLogin.mixUp(silent, issuer: "https://as.example", isSent: true)?.code == .loginFailed)
        #expect(PendingLogin.mixUp(other, issuer: nil, isSent: false) == nil)
    }
}
