import Testing
import Vocabulary

@Suite struct NameTests {
    @Test(
        "a provider's name is a small letter or digit and up to 31 more, hyphens and underscores among them",
        arguments: [
            ("seamless", true), ("a", true), ("0", true), ("a-b_c", true),
            (String(repeating: "a", count: 32), true),
            ("", false), ("-a", false), ("_a", false), ("A", false), ("a.b", false), ("a b", false),
            ("é", false),
            ("a\u{0}", false), ("a/b", false), (String(repeating: "a", count: 33), false),
        ])
    func providers(_ row: (text: String, isName: Bool)) {
        #expect(ProviderName(row.text)?.text == (row.isName ? row.text : nil))
    }

    @Test(
        "an account's name is its provider's, a slash, and 1 to 200 bytes of the allowed ones",
        arguments: [
            ("p/a", "p"), ("p/AZaz09._@:+~/-", "p"), ("p/a/b/", "p"), ("p//", "p"),
            ("seamless/alice@example.com", "seamless"),
            ("p/" + String(repeating: "a", count: 200), "p"),
        ])
    func accounts(_ row: (text: String, provider: String)) throws {
        let account = try #require(AccountName(row.text))
        #expect(account.text == row.text)
        #expect(account.provider.text == row.provider)
    }

    @Test(
        "nothing else is an account's name",
        arguments: [
            "", "/", "p", "p/", "/a", "P/a", "p/a b", "p/a%20", "p/é", "p/a\n", "p/a\u{0}", "p/a=b", "p/a*",
            "p/a?",
            "p/a,b", "p/a;b", "p/(a)", "-p/a", "p/" + String(repeating: "a", count: 201),
        ])
    func noAccounts(_ text: String) {
        #expect(AccountName(text) == nil)
    }

    @Test("the longest account name is as long as it says")
    func longest() {
        let provider = String(repeating: "p", count: 32)
        let name = provider + "/" + String(repeating: "a", count: 200)
        #expect(name.utf8.count == AccountName.longest)
        #expect(AccountName(name) != nil)
    }

    @Test("accounts are ordered bytewise")
    func order() {
        let names = ["a-b/x", "a/Z", "a/a", "a/aa", "a/b", "a0/x", "a_/x"].map { AccountName($0)! }
        #expect(names.shuffled().sorted() == names)
        for (left, right) in zip(names, names.dropFirst()) {
            #expect(left.text.utf8.lexicographicallyPrecedes(right.text.utf8))
        }
    }
}
