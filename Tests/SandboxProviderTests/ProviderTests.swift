// Decides nothing; shows what is counted, whose request it is, and which fault meets it.

import Testing

@testable import SandboxProvider

@Suite struct ProviderTests {
    @Test("Requests in flight are counted per subject, and the most at once is remembered")
    func inFlight() throws {
        var provider = Provider()
        let token = provider.alice().refreshToken
        let refresh = try #require(Operation(try seamless(["refresh_token": token])))
        let stranger = try #require(Operation(try seamless(["refresh_token": "x"])))
        #expect(provider.arrive(refresh, milliseconds: 1).subject == "alice")
        #expect(provider.arrive(stranger, milliseconds: 2).subject == nil)
        #expect(provider.statistics["alice"].inFlight == 1)
        #expect(provider.statistics.total.inFlight == 2)
        provider.land(subject: "alice")
        _ = provider.arrive(refresh, milliseconds: 3)
        #expect(provider.statistics["alice"].maximumInFlight == 1)
        _ = provider.arrive(refresh, milliseconds: 4)
        #expect(provider.statistics["alice"].maximumInFlight == 2)
        #expect(provider.statistics["alice"].tokenRequests == 3)
        #expect(provider.tokenRequests.map(\.milliseconds) == [1, 2, 3, 4])
        #expect(provider.tokenRequests.map(\.subject) == ["alice", nil, "alice", "alice"])
        #expect(provider.tokenRequests.allSatisfy { $0.clientID == RegisteredClient.standard.id })
    }

    @Test("Rates are counted over any window, not only over whole ones")
    func rates() {
        let records = [0, 900, 1000, 1100, 1899.5, 1900, 5000].map {
            TokenRequestRecord(milliseconds: $0, subject: nil, clientID: nil)
        }
        #expect(records.most(within: 1) == 4)
        #expect(records.reversed().most(within: 0.1) == 2)
        #expect(records.most(within: 100) == 7)
        #expect([TokenRequestRecord]().most(within: 1) == 0)
    }

    @Test("A token is the same subject's after it was used and after it was revoked")
    func subjectOfDeadToken() throws {
        var provider = Provider()
        let token = provider.alice().refreshToken
        let request = try seamless(["refresh_token": token])
        _ = try provider.process(request)
        _ = try provider.process(request)
        provider.revokeAll(subject: "alice")
        #expect(provider.arrive(try #require(Operation(request)), milliseconds: 0).subject == "alice")
    }

    @Test("A fault that keeps the server from processing counts as a scripted failure, another does not")
    func scriptedFailure() throws {
        var provider = Provider()
        let token = provider.alice().refreshToken
        let operation = try #require(Operation(try seamless(["refresh_token": token])))
        _ = provider.faults.add(Fault(.dropBefore, count: 1))
        _ = provider.faults.add(Fault(.rotateAndLose, count: 1))
        #expect(provider.arrive(operation, milliseconds: 0).fault == .dropBefore)
        #expect(provider.arrive(operation, milliseconds: 0).fault == .rotateAndLose)
        #expect(provider.statistics["alice"].faults == 2)
        #expect(provider.statistics["alice"].failures == ["scripted": 1])
    }

    @Test(
        "What is no endpoint is no operation",
        arguments: [("GET", "/token"), ("POST", "/authorize"), ("GET", "/")])
    func routing(method: String, path: String) {
        #expect(Operation(WireRequest(method: method, path: path)) == nil)
    }
}
