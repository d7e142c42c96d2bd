import Testing

@testable import tokend_sandbox

@Suite("The demo's accounts")
struct DemoAccountsTests {
    @Test("are half at each provider, the same people at both")
    func halves() {
        #expect(
            DemoAccounts(count: 6).names.map(\.text) == [
                "sandbox/alice", "seamless/alice", "sandbox/bob", "seamless/bob", "sandbox/carol",
                "seamless/carol",
            ])
    }

    @Test("have names of their own, however many there are", arguments: [1, 40, 41, 10_000])
    func uniqueness(count: Int) {
        #expect(Set(DemoAccounts(count: count).names).count == count)
    }

    @Test("leave the examples their accounts: the one to revoke is none that another example asks for")
    func roles() {
        let accounts = DemoAccounts(count: 3)
        #expect(accounts.first.text == "sandbox/alice")
        #expect(accounts.caller.text == "seamless/alice")
        #expect(accounts.victim?.text == "sandbox/bob")
    }

    @Test("do without a second dialect and without one to revoke where there are too few")
    func few() {
        #expect(DemoAccounts(count: 1).caller.text == "sandbox/alice")
        #expect(DemoAccounts(count: 2).victim == nil)
    }
}
