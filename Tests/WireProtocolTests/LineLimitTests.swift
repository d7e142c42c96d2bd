import Testing
import WireProtocol

@Suite struct LineLimitTests {
    @Test(
        "only what carries a grant may be long",
        arguments: [
            ("ADD sandbox/alice {}", 65536), ("aDd ", 65536), ("ADD", 4096), ("ADDX a", 4096),
            ("ADD\t", 4096), ("RESTORE {}", 131072), ("reStore ", 131072), ("RESTORE", 4096),
            ("RESTORE\t", 4096),
            ("GET sandbox/alice", 4096), ("", 4096), (" ADD ", 4096),
        ])
    func limits(_ row: (start: String, limit: Int)) {
        #expect(
            Array(row.start.utf8).withUnsafeBytes { LineLimit.limit(forLineStartingWith: $0) } == row.limit)
    }
}
