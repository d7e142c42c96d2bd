// A budget is what a provider allows: however many accounts are due, it is never exceeded, and it is used.

import Foundation
import SandboxProvider
import Testing

extension SystemTests {
    @Suite("A client's budget")
    struct BudgetTests {
        @Test(
            "of 20 a second holds for 300 accounts due at once: never 2 x in a second nor 1.1 x in 10 s, no 429, the waited-on first"
        )
        func dueAtOnce() async throws {
            var options = Sandbox.Options()
            options.quota = Quota(220, perSeconds: 10)
            try await withSandbox(options) { sandbox in
                let budget = #""rate": {"budget": "20/s"}"#
                let daemon = try RunningDaemon(
                    providers:
                        "{\"sandbox\": \(RunningDaemon.provider(sandbox.baseURL + "/token", more: budget))}")
                try daemon.start()
                let subjects = (0..<300).map { "user\($0)" }
                try daemon.add(subjects, from: sandbox, lifetime: 3600)
                let wire = try daemon.connect()
                #expect(try wire.client("sandbox").budget == "20/s")
                #expect(try wire.client("sandbox").backlog > 100)
                #expect(try wire.token("user299") != nil)
                let overtaken = 300 - sandbox.statistics.total.refreshes
                #expect(overtaken > 100, "the one that was waited for came before \(overtaken)")
                try eventually(within: 60, "all are fresh") { try wire.list(state: "ok").count == 300 }
                let requests = sandbox.tokenRequests
                #expect(requests.count == 300)
                let (second, ten) = (requests.most(within: 1), requests.most(within: 10))
                #expect(second <= 40 && ten <= 220)
                #expect(sandbox.statistics.total.failures(.rateLimited) == 0)
                let seconds = (requests.last!.milliseconds - requests[0].milliseconds) / 1000
                print("budget 20/s: 300 refreshes in \(seconds) s, at most \(second) in 1 s, \(ten) in 10 s")
                #expect(daemon.stop() == 0)
            }
        }

        @Test("C8: is not exceeded by rejections either, though every account is refused for ever")
        func refusedForEver() async throws {
            try await withSandbox { sandbox in
                let rate = #""rate": {"budget": "5/s"}"#
                let daemon = try RunningDaemon(
                    providers:
                        "{\"sandbox\": \(RunningDaemon.provider(sandbox.baseURL + "/token", more: rate))}")
                try daemon.start()
                sandbox.addFault(Fault(.respond(ScriptedAnswer(status: 400, body: #"{"error":"odd"}"#))))
                let subjects = (0..<100).map { "user\($0)" }
                try daemon.add(subjects, from: sandbox, lifetime: 3600)
                let wires = try subjects.map { subject in
                    let wire = try daemon.connect()
                    try wire.send("GET sandbox/\(subject) wait=5\n")
                    return wire
                }
                for wire in wires { #expect(try wire.line()?.hasPrefix("ERR ") == true) }
                let requests = sandbox.tokenRequests
                #expect(requests.count >= 1)
                #expect(requests.most(within: 1) <= 10 && requests.most(within: 10) <= 55)
                let counts = Dictionary(grouping: requests, by: \.subject).mapValues(\.count)
                #expect(counts.values.allSatisfy { $0 <= 10 })
                daemon.crash()
            }
        }
    }
}
