// Decides how the lines of a reply become answers. Pure: bytes go in as they arrive, whole answers come out in order.

import Glibc
import StrictJSON
import WireProtocol

/// A request's answer that is not a refusal.
public struct Answer: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
    /// The JSON of the `DATA` lines, in order.
    public var data: [JSONValue]
    /// What follows `OK `; empty where nothing does.
    public var text: String

    public init(data: [JSONValue] = [], text: String = "") {
        self.data = data
        self.text = text
    }

    /// Only the sizes: the answer of `GET` carries a token.
    public var description: String { "Answer(\(data.count) data lines, \(text.utf8.count) bytes)" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// Cuts a stream of reply bytes into answers.
struct AnswerReader {
    /// A line that is longer is no answer of tokend: a token is at most 64 KiB, and memory stays bounded.
    static let longestLine = 1 << 20

    private var bytes: [UInt8] = []
    /// Where the first line that was not yet taken begins.
    private var start = 0
    /// Up to here there is surely no LF.
    private var searched = 0
    private var data: [JSONValue] = []

    /// Whether an answer has begun and not ended.
    var isInsideAnswer: Bool { start < bytes.count || !data.isEmpty }

    mutating func append(_ new: UnsafeRawBufferPointer) {
        // Taken bytes are dropped only once they are the greater half: each byte is moved once on average.
        if start > bytes.count / 2 {
            bytes.removeSubrange(..<start)
            searched -= start
            start = 0
        }
        bytes.append(contentsOf: new)
    }

    /// The next whole answer, or nil until more bytes arrive.
    mutating func next() throws(TokenClientError) -> Result<Answer, RequestError>? {
        while let line = try nextLine() {
            switch ReplyLine(line) {
            case .data(let json)?: data.append(json)
            case .ok(let text)?: return .success(Answer(data: takeData(), text: text))
            case .error(let error)?:
                data = []
                return .failure(error)
            case nil: throw .malformedAnswer
            }
        }
        return nil
    }

    private mutating func takeData() -> [JSONValue] {
        defer { data = [] }
        return data
    }

    private mutating func nextLine() throws(TokenClientError) -> String? {
        guard let end = lineFeed() else {
            searched = bytes.count
            guard bytes.count - start <= Self.longestLine else { throw .malformedAnswer }
            return nil
        }
        guard let line = String(validating: bytes[start..<end], as: UTF8.self) else {
            throw .malformedAnswer
        }
        start = end + 1
        searched = start
        return line
    }

    /// memchr(3): a loop over the array is ten times slower, in a debug build a hundred times.
    private func lineFeed() -> Int? {
        bytes.withUnsafeBytes { buffer in
            guard searched < buffer.count, let base = buffer.baseAddress,
                let found = memchr(base + searched, Int32(UInt8(ascii: "\n")), buffer.count - searched)
            else { return nil }
            return UnsafeRawPointer(found) - base
        }
    }
}
