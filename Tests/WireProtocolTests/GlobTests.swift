import Testing
import WireProtocol

@Suite struct GlobTests {
    @Test(
        "a pattern takes exactly the names it describes",
        arguments: [
            ("*", "sandbox/alice", true), ("*", "", true), ("", "", true), ("", "a", false),
            ("sandbox/*", "sandbox/alice", true), ("sandbox/*", "sandbox/", true),
            ("sandbox/*", "other/alice", false),
            ("*/alice", "sandbox/alice", true), ("*/alice", "sandbox/team/alice", true),
            ("*/alice", "alice", false),
            ("*alice", "alicealice", true), ("a*b*c", "aXbYbZc", true), ("a*b*c", "aXcYb", false),
            ("?", "a", true), ("?", "", false), ("?", "ab", false), ("s?ndbox/*e", "sandbox/alice", true),
            ("**", "x", true), ("*?*", "", false), ("[a]", "a", false), ("[a]", "[a]", true),
            ("alice", "Alice", false), ("a*", "ba", false),
        ])
    func matching(_ row: (pattern: String, name: String, matches: Bool)) {
        #expect(Glob(row.pattern).matches(row.name) == row.matches)
    }

    @Test("a hostile pattern costs no more than the product of the lengths")
    func hostile() {
        // With naive backtracking this would not end before the sun does.
        let pattern = String(repeating: "*a", count: 100) + "b"
        #expect(!Glob(pattern).matches(String(repeating: "a", count: 4000)))
    }
}
