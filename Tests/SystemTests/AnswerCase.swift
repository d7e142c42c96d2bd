// The ways of a provider to give no token, in one table. Each has a provider, a client and an account of its own, so that
// one daemon meets all of them at once and none can be taken for another's.

import SandboxProvider

/// An answer, or what there is in its place, and what the daemon must make of it.
struct AnswerCase: Sendable {
    /// Of the scenarios.
    let scenario: String
    /// Of provider, client and account.
    let name: String
    let fault: Fault.Action
    /// For how many requests; nil for all.
    var count: Int?
    /// What STATUS says of the account while the fault lasts; nil where the fault is over before anybody looks.
    let reason: String?
    /// What the log says of the answer.
    var shape: String?
    /// Requests that may reach the provider in 20 s, though clients never stop asking.
    var mostRequests = 10

    var client: RegisteredClient {
        RegisteredClient(
            id: name, secret: "secret-of-\(name)", redirectURIs: RegisteredClient.standard.redirectURIs)
    }
    var account: String { "\(name)/\(name)" }

    /// Stands where answers hold what nobody may see: it must be in no log and reach no client.
    static let canary = "CANARY-4c1d"

    /// - Parameter elsewhere: the token endpoint of another host.
    static func all(elsewhere: String) -> [AnswerCase] {
        troubled + unusable + refusing + excessive + redirecting(to: elsewhere)
    }

    private static func answer(_ status: Int, _ body: String, _ headers: [String: String] = [:])
        -> Fault.Action
    {
        .respond(ScriptedAnswer(status: status, headers: headers, body: body))
    }

    private static let message = #"{"message":"\#(canary)"}"#
    private static let flood = String(repeating: "x", count: 2 << 20)
    private static let page = "<html><title>\(canary)</title></html>"

    private static let troubled: [AnswerCase] = [
        .init(scenario: "C1", name: "c1-408", fault: answer(408, message), reason: "transient"),
        .init(scenario: "C1", name: "c1-425", fault: answer(425, message), reason: "transient"),
        .init(scenario: "C1", name: "c1-429", fault: answer(429, message), reason: "rate-limited"),
        .init(
            scenario: "C1", name: "c1-429-gzip", fault: answer(429, "", ["Content-Encoding": "gzip"]),
            reason: "rate-limited"),
        .init(scenario: "C1", name: "c1-500", fault: answer(500, message), reason: "transient"),
        .init(scenario: "C1", name: "c1-503", fault: answer(503, page), reason: "transient"),
        .init(scenario: "C1", name: "c1-reset", fault: .dropBefore, reason: "in-doubt"),
        .init(scenario: "C1", name: "c1-timeout", fault: .hang, count: 1, reason: nil),
        .init(
            scenario: "C3", name: "c3-firewall", fault: answer(403, page, ["Content-Type": "text/html"]),
            reason: "transient", shape: "status 403, HTML"),
    ]

    private static func unusable(_ name: String, _ body: String, _ shape: String) -> AnswerCase {
        .init(
            scenario: "C2", name: name, fault: answer(200, body), reason: "malformed-answer",
            shape: "status 200, no access token, " + shape)
    }

    private static let unusable: [AnswerCase] = [
        unusable("c2-html", page, "HTML"), unusable("c2-empty", "", "an empty body"),
        unusable("c2-cut", #"{"access_token":"\#(canary)"#, "neither JSON nor a form"),
        unusable("c2-none", #"{"refresh_token":"\#(canary)"}"#, "an object of refresh_token"),
        unusable("c2-void", #"{"access_token":"","scope":"\#(canary)"}"#, "an object of access_token, scope"),
        unusable(
            "c2-double", #"{"access_token":"\#(canary)","access_token":"b"}"#, "neither JSON nor a form"),
        unusable(
            "c2-deep", String(repeating: "[", count: 100_000), "neither JSON nor a form"),
        .init(
            scenario: "C2", name: "c2-error", fault: answer(200, #"{"error":{"text":"\#(canary)"}}"#),
            reason: "malformed-answer", shape: "status 200, an object of error"),
        .init(
            scenario: "C2", name: "c2-bytes",
            fault: .respond(ScriptedAnswer(status: 200, body: [0x7B, 0x22, 0xFF, 0xFE, 0x22, 0x7D])),
            reason: "malformed-answer", shape: "status 200, no access token, "),
        .init(
            scenario: "C2", name: "c2-gzip", fault: answer(200, message, ["Content-Encoding": "gzip"]),
            reason: "malformed-answer", shape: "status 200, no access token, an object of message"),
    ]

    private static func refusing(
        _ scenario: String, _ name: String, _ status: Int, _ body: String, shape: String
    ) -> AnswerCase {
        .init(
            scenario: scenario, name: name, fault: answer(status, body, ["X-Debug": canary]),
            reason: "client-configuration", shape: shape, mostRequests: 2)
    }

    /// An operator must act: the daemon looks again after minutes.
    private static let refusing: [AnswerCase] = [
        refusing(
            "C5", "c5-credits", 422, #"{"code":"insufficientCredits","msg":"\#(canary)"}"#,
            shape: "status 422, code insufficientCredits"),
        refusing(
            "C5", "c5-licence", 422, #"{"code":"missingLicense","msg":"\#(canary)"}"#,
            shape: "status 422, code missingLicense"),
        refusing(
            "C5", "c5-scope", 403, #"{"code":"insufficientScope","message":"\#(canary)"}"#,
            shape: "status 403, code insufficientScope"),
        refusing(
            "C12", "c12-sql", 400,
            #"{"error":"odd","error_description":"INSERT INTO tokens VALUES ('\#(canary)')"}"#,
            shape: "status 400, code odd, an object of error, error_description"),
    ]

    private static let excessive: [AnswerCase] = [
        .init(scenario: "C14", name: "c14-body", fault: .huge, reason: "malformed-answer"),
        // A form that was cut would be a whole one with half a refresh token.
        .init(
            scenario: "C14", name: "c14-form", fault: answer(200, "access_token=a&refresh_token=" + flood),
            reason: "malformed-answer"),
        .init(
            scenario: "C14", name: "c14-page", fault: answer(403, "<html>" + flood), reason: "transient",
            shape: "status 403, HTML"),
        .init(scenario: "C14", name: "c14-head", fault: .endlessHead, reason: "in-doubt"),
        .init(scenario: "C14", name: "c14-drip", fault: .drip(secondsPerByte: 1), count: 1, reason: nil),
    ]

    private static func redirecting(to elsewhere: String) -> [AnswerCase] {
        [302, 307, 308].map { status in
            .init(
                scenario: "C11", name: "c11-\(status)", fault: answer(status, "", ["Location": elsewhere]),
                reason: "client-configuration", mostRequests: 2)
        }
    }
}
