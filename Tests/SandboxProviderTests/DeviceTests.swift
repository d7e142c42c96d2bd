// Decides nothing; shows the device authorization grant, in virtual time and over the plain dialect.

import FoundationEssentials
import Testing

@testable import SandboxProvider

private struct DeviceAnswer: Decodable {
    let deviceCode, userCode, verificationUri, verificationUriComplete: String
    let expiresIn, interval: Double
}

@Suite struct DeviceTests {
    private var provider = Provider {
        $0.deviceCodeLifetime = 30
        $0.deviceInterval = 0.5
    }

    private mutating func begin(scope: String = "read") throws -> DeviceAnswer {
        provider.server.baseURL = "http://127.0.0.1:1"
        let answer = try provider.process(
            form("\(credentials)&scope=\(scope)", path: "/device_authorization")
        ).answer
        #expect(answer.status == 200 && answer.headers["Cache-Control"] == "no-store")
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(DeviceAnswer.self, from: Data(answer.body))
    }

    private mutating func open(_ query: String, now: Double = epoch) throws -> Int {
        try provider.process(WireRequest(method: "GET", path: "/device", query: query), now: now).answer
            .status
    }

    private mutating func poll(_ code: String, at seconds: Double) throws -> (Int, JSONScalar?) {
        let answer = try provider.process(
            form("\(credentials)&grant_type=\(deviceGrantType)&device_code=\(code)"), now: epoch + seconds
        ).answer
        return (answer.status, try object(answer)["error"])
    }

    @Test("The answer has what RFC 8628 §3.2 names, and the code is easy to type")
    mutating func begins() throws {
        let device = try begin()
        #expect(device.userCode.wholeMatch(of: /[B-DF-HJ-NP-TV-XZ]{4}-[B-DF-HJ-NP-TV-XZ]{4}/) != nil)
        #expect(device.verificationUri == "http://127.0.0.1:1/device")
        #expect(
            device.verificationUriComplete == "http://127.0.0.1:1/device?user_code=\(device.userCode)")
        #expect(device.expiresIn == 30 && device.interval == 0.5)
        #expect(try begin().userCode != device.userCode)
        let refused = try provider.process(form("client_id=x&client_secret=y", path: "/device_authorization"))
        #expect(refused.answer.status == 401)
    }

    @Test("Polls are pending until the user approves; then there are tokens, once")
    mutating func approved() throws {
        let device = try begin(scope: "read+openid")
        #expect(try poll(device.deviceCode, at: 0) == (400, .string("authorization_pending")))
        #expect(try poll(device.deviceCode, at: 0.5) == (400, .string("authorization_pending")))
        // As a person types it.
        let typed = device.userCode.lowercased().replacing("-", with: "")
        #expect(try open("user_code=\(typed)&login_hint=bob") == 200)
        #expect(try open("user_code=\(device.userCode)") == 404, "it was used")
        let answer = try provider.process(
            form("\(credentials)&grant_type=\(deviceGrantType)&device_code=\(device.deviceCode)"),
            now: epoch + 1)
        #expect(answer.answer.status == 200)
        #expect(answer.tokens?.subject == "bob" && answer.tokens?.scope == "read openid")
        #expect(try object(answer.answer)["id_token"] != nil)
        #expect(try object(answer.answer)["refresh_token"] != nil)
        #expect(provider.statistics["bob"].redemptions == 1)
        #expect(try poll(device.deviceCode, at: 2) == (400, .string("invalid_grant")))
        let token = try #require(answer.tokens).accessToken
        #expect(provider.server.check(accessToken: token, now: epoch + 2) == .revoked(subject: "bob"))
    }

    @Test("A poll that comes too early lengthens the interval by five seconds (RFC 8628 §3.5)")
    mutating func slowDown() throws {
        let code = try begin().deviceCode
        #expect(try poll(code, at: 0) == (400, .string("authorization_pending")))
        #expect(try poll(code, at: 0.4) == (400, .string("slow_down")))
        #expect(try poll(code, at: 5.8) == (400, .string("slow_down")), "0.4 + 5.5 was the time")
        #expect(try poll(code, at: 16.2) == (400, .string("slow_down")), "5.8 + 10.5 was the time")
        #expect(try poll(code, at: 16.2 + 15.6) == (400, .string("expired_token")))
        let second = try begin().deviceCode
        #expect(try poll(second, at: 1) == (400, .string("authorization_pending")))
        #expect(try poll(second, at: 1.5) == (400, .string("authorization_pending")))
    }

    @Test("A refusal is access_denied, a late poll expired_token, and a lapsed code approves nothing")
    mutating func ends() throws {
        let denied = try begin()
        #expect(try open("user_code=\(denied.userCode)&deny=1") == 200)
        #expect(try poll(denied.deviceCode, at: 1) == (400, .string("access_denied")))
        let late = try begin()
        #expect(try open("user_code=\(late.userCode)", now: epoch + 30) == 404)
        #expect(try poll(late.deviceCode, at: 30) == (400, .string("expired_token")))
        #expect(try poll("dc.0.0.0.x", at: 0) == (400, .string("invalid_grant")))
        #expect(try open("user_code=XXXX-XXXX") == 404)
        #expect(try open("") == 200)
        #expect(try open("user_code=a&user_code=b") == 400)
    }

    @Test("A device code is no access token and cannot be revoked or refreshed")
    mutating func otherUses() throws {
        let code = try begin().deviceCode
        #expect(provider.server.check(accessToken: code, now: epoch) == .unknown)
        #expect(try provider.process(form("\(credentials)&token=\(code)", path: "/revoke")).events.isEmpty)
        let refresh = try provider.process(
            form("\(credentials)&grant_type=refresh_token&refresh_token=\(code)"))
        #expect(try object(refresh.answer)["error"] == .string("invalid_grant"))
    }
}
