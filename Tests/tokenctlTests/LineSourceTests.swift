import Glibc
import Testing

@testable import tokenctl

@Suite struct LineSourceTests {
    /// A pipe whose reading end is a line source, and its writing end.
    private func pipe() -> (source: LineSource, reader: Int32, writer: Int32) {
        var ends: [Int32] = [0, 0]
        precondition(Glibc.pipe(&ends) == 0, "a pipe can be made")
        return (LineSource(descriptor: ends[0]), ends[0], ends[1])
    }

    private func lines(of text: String) throws -> [LineSource.Step] {
        var (source, reader, writer) = pipe()
        defer { close(reader) }
        _ = Array(text.utf8).withUnsafeBytes { write(writer, $0.baseAddress, $0.count) }
        close(writer)
        var steps: [LineSource.Step] = []
        while true {
            let step = try source.next(mayBlock: true)
            guard step != .end else { return steps }
            steps.append(step)
        }
    }

    @Test(
        "lines end at LF, the last also at the end",
        arguments: [
            ("", []), ("a", ["a"]), ("a\n", ["a"]), ("\n", [""]), ("a\n\nb", ["a", "", "b"]),
            ("a\r\nb\n", ["a\r", "b"]),
        ])
    func lines(_ row: (text: String, lines: [String])) throws {
        #expect(try lines(of: row.text) == row.lines.map { .line(Array($0.utf8)) })
    }

    @Test("an empty pipe is waited for only where that is allowed")
    func later() throws {
        var (source, reader, writer) = pipe()
        defer { close(reader) }
        #expect(try source.next(mayBlock: false) == .later)
        #expect(write(writer, "ab", 2) == 2)
        #expect(try source.next(mayBlock: false) == .later)
        #expect(write(writer, "c\nd", 3) == 3)
        #expect(try source.next(mayBlock: false) == .line(Array("abc".utf8)))
        #expect(try source.next(mayBlock: false) == .later)
        close(writer)
        #expect(try source.next(mayBlock: true) == .line(Array("d".utf8)))
        #expect(try source.next(mayBlock: false) == .end)
    }

    @Test("a line that is too long is skipped to its end, and the next is read")
    func tooLong() throws {
        var path = Array("/tmp/tokenctl.XXXXXX".utf8CString)
        let descriptor = mkstemp(&path)
        defer { close(descriptor) }
        #expect(unlink(path) == 0)
        let most = [UInt8](repeating: UInt8(ascii: "x"), count: LineSource.longest)
        for bytes in [most + Array("x\nab\n".utf8), most + [UInt8(ascii: "\n")], most + Array("xx".utf8)] {
            #expect(bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) } == bytes.count)
        }
        lseek(descriptor, 0, SEEK_SET)
        var source = LineSource(descriptor: descriptor)
        #expect(try source.next(mayBlock: false) == .tooLong)
        #expect(try source.next(mayBlock: false) == .line(Array("ab".utf8)))
        #expect(try source.next(mayBlock: false) == .line(most))
        #expect(try source.next(mayBlock: false) == .tooLong)
        #expect(try source.next(mayBlock: false) == .end)
    }

    @Test("what cannot be read is a complaint", arguments: [Int32(-1)])
    func unreadable(_ descriptor: Int32) {
        var source = LineSource(descriptor: descriptor)
        #expect(throws: Complaint.self) { try source.next(mayBlock: true) }
    }
}
