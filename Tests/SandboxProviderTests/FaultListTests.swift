// Decides nothing; shows which fault meets which request.

import Testing

@testable import SandboxProvider

@Suite struct FaultListTests {
    @Test("Faults play in order, each for its count")
    func script() {
        var list = FaultList(seed: 1)
        _ = list.add(Fault(.dropBefore, count: 1))
        _ = list.add(Fault(.hang, count: 2))
        let met = (0..<5).map { _ in list.take(endpoint: .token, subject: nil) }
        #expect(met == [.dropBefore, .hang, .hang, nil, nil])
    }

    @Test("A fault meets its subject and endpoints only, and without a count for ever")
    func matching() {
        var list = FaultList(seed: 1)
        let id = list.add(Fault(.huge, endpoints: [.userinfo, .seamlessToken], subject: "alice"))
        for _ in 0..<3 { #expect(list.take(endpoint: .userinfo, subject: "alice") == .huge) }
        #expect(list.take(endpoint: .seamlessToken, subject: "alice") == .huge)
        #expect(list.take(endpoint: .token, subject: "alice") == nil)
        #expect(list.take(endpoint: .userinfo, subject: "bob") == nil)
        #expect(list.take(endpoint: .userinfo, subject: nil) == nil)
        list.remove(id)
        #expect(list.take(endpoint: .userinfo, subject: "alice") == nil)
    }

    @Test("A fault of a client meets only the requests that name it")
    func ofClient() {
        var list = FaultList(seed: 1)
        _ = list.add(Fault(.hang, clientID: "c"))
        #expect(list.take(endpoint: .token, subject: "alice", clientID: "c") == .hang)
        #expect(list.take(endpoint: .token, subject: "alice", clientID: "d") == nil)
        #expect(list.take(endpoint: .token, subject: "alice", clientID: nil) == nil)
    }

    @Test("By default a fault meets both token endpoints and nothing else")
    func defaultEndpoints() {
        var list = FaultList(seed: 1)
        _ = list.add(Fault(.hang))
        let met = Endpoint.allCases.filter { list.take(endpoint: $0, subject: nil) != nil }
        #expect(Set(met) == [.token, .seamlessToken])
    }

    @Test("Equal seeds throw equal dice, and spared requests are not counted")
    func probability() {
        func run(seed: UInt64) -> [Bool] {
            var list = FaultList(seed: seed)
            _ = list.add(Fault(.hang, count: 100, probability: 0.3))
            return (0..<1000).map { _ in list.take(endpoint: .token, subject: nil) != nil }
        }
        #expect(run(seed: 7) == run(seed: 7))
        #expect(run(seed: 7) != run(seed: 8))
        #expect(run(seed: 7).count { $0 } == 100)
        // 100 hits at 0.3 take about 333 throws; the last of them is far from the first hundred.
        #expect((250...450).contains(run(seed: 7).lastIndex(of: true) ?? 0))
    }
}
