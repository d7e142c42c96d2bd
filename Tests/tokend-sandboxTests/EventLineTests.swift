import SandboxProvider
import Testing

@testable import tokend_sandbox

@Suite("An event's line")
struct EventLineTests {
    private struct Row: Sendable, CustomTestStringConvertible {
        let event: Event
        let line: String
        var testDescription: String { line }
    }

    private static let noon = 1_800_000_000.0
    private static let clock = EventLine.clock(noon)

    private static let rows = [
        Row(
            event: .refreshed(subject: "sandbox/bob", expiresAt: noon + 0.9),
            line: "\(clock)  refreshed    sandbox/bob    until \(clock)"),
        Row(
            event: .refused(subject: nil, .invalidClient),
            line: "\(clock)  refused      -              invalid-client"),
        Row(
            event: .reused(subject: "seamless/alice"),
            line:
                "\(clock)  reused       seamless/alice  a used refresh token came back: its family is revoked"
        ),
        Row(
            event: .faulted(
                subject: "a/a-name-longer-than-the-column", endpoint: .token, .respond(.init(status: 503))),
            line: "\(clock)  fault        a/a-name-longer-than-the-column  scripted answer 503 at token"),
        Row(
            event: .accessRefused(subject: "sandbox/bob", lapsedFor: 1.2),
            line: "\(clock)  turned away  sandbox/bob    the API refused the token 2 s after its expiry"),
        Row(
            event: .accessRefused(subject: "sandbox/bob", lapsedFor: nil),
            line: "\(clock)  turned away  sandbox/bob    the API refused the token"),
    ]

    @Test("has time, word, account and consequence in columns", arguments: rows)
    private func columns(row: Row) {
        let output = Output(isColored: false) {}
        #expect(EventLine(row.event).text(time: Self.noon, width: 13, output) == row.line)
    }

    @Test("is coloured on a terminal, its columns unmoved")
    func color() {
        let line = EventLine(.refreshed(subject: "a/b", expiresAt: Self.noon)).text(
            time: Self.noon, width: 3, Output(isColored: true) {})
        #expect(line == "\(Self.clock)  \u{1B}[32mrefreshed  \u{1B}[0m  a/b  until \(Self.clock)")
    }

    @Test("never has what a scripted answer says, which may be a token")
    func secrecy() {
        let answer = ScriptedAnswer(status: 200, body: "secret-token")
        for action in [Fault.Action.respond(answer), .bodyOverride(answer)] {
            #expect(!action.words.contains("secret"))
        }
    }
}
