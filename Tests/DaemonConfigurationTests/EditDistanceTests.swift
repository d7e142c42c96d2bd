import Testing

@testable import DaemonConfiguration

@Suite("The edit distance")
struct EditDistanceTests {
    @Test(
        "counts insertions, deletions, replacements and swaps",
        arguments: [
            ("", "", 0), ("a", "", 1), ("", "abc", 3), ("path", "path", 0), ("pth", "path", 1),
            ("pathh", "path", 1),
            ("bath", "path", 1), ("apth", "path", 1), ("PATH", "path", 0), ("kitten", "sitting", 3),
            ("ca", "abc", 3),
        ])
    func distance(_ left: String, _ right: String, _ distance: Int) {
        #expect(EditDistance.between(left, right) == distance)
        #expect(EditDistance.between(right, left) == distance)
    }

    @Test("ranks words by nearness, equally near ones in their order")
    func ranks() {
        #expect(
            EditDistance.nearestFirst(["mode", "group", "path"], to: "pth") == ["path", "mode", "group"])
        #expect(EditDistance.nearestFirst(["ab", "cd"], to: "xy") == ["ab", "cd"])
    }

    @Test("does not mind a key of a megabyte")
    func longKey() {
        #expect(
            EditDistance.nearestFirst(["ab", "cd"], to: String(repeating: "d", count: 1 << 20)).first == "cd")
    }
}
