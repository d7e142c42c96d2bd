import Testing
import Vocabulary

@testable import OAuth

@Suite("What is kept of an issuer's metadata")
struct ConfirmedMetadataTests {
    private static let issuer = "https://as.example/a"
    private static let now = WallTime(epochSeconds: 1_800_000_000)
    private static let day = Duration.seconds(86_400)

    private static let whole =
        #"{"issuer":"https://as.example/a","authorization_endpoint":"https://as.example/authorize","#
        + #""token_endpoint":"https://as.example/token","revocation_endpoint":"http://127.0.0.1/revoke","#
        + #""device_authorization_endpoint":"https://as.example/device","jwks_uri":"https://as.example/keys","#
        + #""authorization_response_iss_parameter_supported":true}"#
    private static let little = #"{"issuer":"https://as.example/a"}"#

    private func metadata(_ document: String = whole) throws -> ServerMetadata {
        try ServerMetadata(Array(document.utf8), issuer: Self.issuer)
    }

    private func read(
        _ document: [UInt8], age: Duration = .zero, issuer: String = Self.issuer
    ) throws(MetadataProblem) -> ConfirmedMetadata {
        try ConfirmedMetadata(
            kept: document, confirmedAt: Self.now + (.zero - age), issuer: issuer, now: Self.now)
    }

    @Test("is read back as it was, and is no more than what is used", arguments: [whole, little])
    func roundTrip(_ document: String) throws {
        let metadata = try metadata(document)
        #expect(try read(metadata.kept) == ConfirmedMetadata(metadata, confirmedAt: Self.now))
        #expect(!String(decoding: metadata.kept, as: UTF8.self).contains("jwks"))
    }

    @Test("passes the checks of a fresh document: its issuer, and endpoints that may see credentials")
    func checked() throws {
        let kept = try metadata().kept
        #expect(throws: MetadataProblem.otherIssuer(named: Self.issuer)) {
            try read(kept, issuer: "https://as.example/b")
        }
        let clear = String(decoding: kept, as: UTF8.self).replacing(
            "https://as.example/token", with: "http://as.example/token")
        #expect(throws: MetadataProblem.unusableEndpoint(.token)) { try read(Array(clear.utf8)) }
        #expect(throws: MetadataProblem.notAnObject) { try read(Array(kept.dropLast())) }
    }

    @Test("serves for 30 days after the issuer has last said so; a wrong clock does not end that")
    func age() throws {
        let kept = try metadata().kept
        _ = try read(kept, age: Self.day * 30)
        _ = try read(kept, age: .seconds(-86_400))
        let problem = MetadataProblem.outdated
        #expect(throws: problem) { try read(kept, age: Self.day * 30 + .nanoseconds(1)) }
        #expect(problem.description == "the discovery document is more than 30 days old")
    }

    @Test(
        "is written when it says something else, or is of another day",
        arguments: [
            (Duration.zero, false), (day - .nanoseconds(1), false), (day, true), (day * 40, true),
            (.nanoseconds(-1), true),
        ])
    func renewed(_ age: Duration, _ isWorthKeeping: Bool) throws {
        let kept = ConfirmedMetadata(try metadata(), confirmedAt: Self.now)
        let same = ConfirmedMetadata(try metadata(), confirmedAt: Self.now + age)
        #expect(same.isWorthKeeping(over: kept) == isWorthKeeping)
        #expect(same.isWorthKeeping(over: nil))
        let other = ConfirmedMetadata(try metadata(Self.little), confirmedAt: Self.now + age)
        #expect(other.isWorthKeeping(over: kept))
    }

    @Test("is not written by a clock that was never set")
    func unset() throws {
        let fresh = ConfirmedMetadata(try metadata(), confirmedAt: WallTime(epochSeconds: 40))
        #expect(!fresh.isWorthKeeping(over: nil))
    }
}
