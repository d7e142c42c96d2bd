import Testing
import Vocabulary

@Suite struct SecretTests {
    private static let secret = Secret("canary-5f1c")
    private static let grant = Grant(
        refreshToken: secret,
        accessToken: AccessToken(secret: secret, type: "Bearer", expiresAt: WallTime(epochSeconds: 1)))

    /// Ways to print that a careless line of code might take.
    private static func prints(_ value: some Any) -> [String] {
        var dumped = ""
        dump(value, to: &dumped)
        var printed = ""
        print(value, to: &printed)
        var debugged = ""
        debugPrint(value, to: &debugged)
        let mirrored = Mirror(reflecting: value).children.map { "\($0.label ?? ""): \($0.value)" }
        return [
            "\(value)", String(describing: value), String(reflecting: value), "\([value])",
            "\(["key": value])",
            "\(Optional(value) as Any)", dumped, printed, debugged,
        ] + mirrored
    }

    @Test("no way of printing shows a secret, alone or inside of what holds it")
    func redaction() {
        let texts = Self.prints(Self.secret) + Self.prints(Self.grant) + Self.prints(Self.grant.accessToken!)
        for text in texts { #expect(!text.contains("canary")) }
        #expect("\(Self.secret)" == "<redacted>")
        #expect(Mirror(reflecting: Self.secret).children.isEmpty)
    }

    @Test(
        "one or more visible ASCII characters can stand in a header",
        arguments: [
            ("abc.def-_~+/=", true), ("!", true), ("~", true), ("", false), ("a b", false),
            ("a\r\nX: y", false),
            ("a\u{0}", false), ("\u{7F}", false), ("é", false),
        ])
    func headers(_ row: (text: String, isSafe: Bool)) {
        #expect(Secret(row.text).isHeaderSafe == row.isSafe)
    }

    @Test(
        "the Bearer scheme is served in one spelling, others as they are",
        arguments: [
            ("bearer", "Bearer"), ("BEARER", "Bearer"), ("Bearer", "Bearer"), ("DPoP", "DPoP"),
            ("mac", "mac"),
        ])
    func types(_ row: (given: String, type: String)) {
        let token = AccessToken(secret: Self.secret, type: row.given, expiresAt: WallTime(epochSeconds: 0))
        #expect(token.type == row.type)
    }
}
