import StrictJSON
import Testing

@Suite struct JSONReaderTests {
    @Test(
        "a valid text is its value",
        arguments: [
            ("null", .null), ("true", true), (" \t\r\n false \n", false), ("0", 0), ("-7", -7), ("\"\"", ""),
            ("\u{FEFF}1", 1), ("[]", .array([])), ("{}", [:]),
            ("[ 1 , [ ] , {} ]", .array([1, .array([]), [:]])),
            ("{\"b\":1,\"a\":{\"b\":2}}", ["b": 1, "a": ["b": 2]]),
            (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"), (#""\u0041\u00e9\u00E9""#, "Aéé"),
            (#""\ud83d\ude00""#, "😀"), (#""\u0000""#, "\u{0}"), ("\"é😀\u{7F}\"", "é😀\u{7F}"),
        ] as [(String, JSONValue)])
    func valid(_ row: (text: String, value: JSONValue)) throws {
        #expect(try JSONValue.parse(row.text) == row.value)
    }

    @Test(
        "an invalid text is refused with what is wrong and where",
        arguments: [
            ("", .empty, 0), ("  ", .empty, 2), ("\u{FEFF}", .empty, 3),
            ("{", .unexpectedEnd, 1), ("[1", .unexpectedEnd, 2), ("\"a", .unexpectedEnd, 2),
            ("tru", .unexpectedEnd, 3),
            ("{\"a\"", .unexpectedEnd, 4), ("{\"a\":", .unexpectedEnd, 5), ("\"\\", .unexpectedEnd, 2),
            ("\"\\u00", .unexpectedEnd, 3),
            ("nul1", .unexpectedCharacter, 3), ("True", .unexpectedCharacter, 0),
            ("'a'", .unexpectedCharacter, 0),
            ("[1,]", .unexpectedCharacter, 3), ("{\"a\":1,}", .unexpectedCharacter, 7),
            ("{a:1}", .unexpectedCharacter, 1),
            ("{\"a\" 1}", .unexpectedCharacter, 5), ("[1 2]", .unexpectedCharacter, 3),
            ("NaN", .unexpectedCharacter, 0),
            ("+1", .unexpectedCharacter, 0), (".5", .unexpectedCharacter, 0),
            ("// x\n1", .unexpectedCharacter, 0),
            ("\u{A0}1", .unexpectedCharacter, 0), ("1\u{0}", .trailingText, 1),
            ("-", .malformedNumber, 1), ("-a", .malformedNumber, 1), ("1.", .malformedNumber, 2),
            ("1e", .malformedNumber, 2),
            ("1e+", .malformedNumber, 3), ("1.e5", .malformedNumber, 2),
            ("01", .trailingText, 1), ("-01", .trailingText, 2), ("0x1", .trailingText, 1),
            ("1 2", .trailingText, 2),
            ("{}{}", .trailingText, 2), ("null\u{FEFF}", .trailingText, 4),
            ("\"\n\"", .malformedString, 2), ("\"\t\"", .malformedString, 2),
            ("\"\u{0}\"", .malformedString, 2),
            (#""\x41""#, .malformedString, 3), (#""\u00g0""#, .malformedString, 3),
            (#""\ud83d""#, .malformedString, 7),
            (#""\ud83dx""#, .malformedString, 7), (#""\ud83d\u0041""#, .malformedString, 13),
            (#""\ude00\ud83d""#, .malformedString, 7), (#""\u+123""#, .malformedString, 3),
            ("{\"a\":1,\"a\":1}", .duplicateName, 10), (#"{"a":1,"\u0061":2}"#, .duplicateName, 15),
            ("[{\"a\":{\"b\":1,\"b\":2}}]", .duplicateName, 16),
        ] as [(String, JSONError.Problem, Int)])
    func invalid(_ row: (text: String, problem: JSONError.Problem, offset: Int)) {
        let error = #expect(throws: JSONError.self) { try JSONValue.parse(row.text) }
        #expect(error?.problem == row.problem)
        #expect(error?.offset == row.offset)
    }

    @Test(
        "bytes that are not UTF-8 are refused",
        arguments: [
            [0x80], [0xC3], [0xC0, 0x80], [0xE2, 0x82], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xFF],
        ] as [[UInt8]])
    func invalidUTF8(_ bytes: [UInt8]) {
        let quote = UInt8(ascii: "\"")
        let error = #expect(throws: JSONError.self) { try JSONValue.parse([quote] + bytes + [quote]) }
        #expect(error?.problem == .invalidUTF8)
        #expect(throws: JSONError.self) { try JSONValue.parse(bytes) }
    }

    @Test("UTF-16 and UTF-32 are refused")
    func otherEncodings() {
        for bytes: [UInt8] in [[0xFF, 0xFE, 0x31, 0x00], [0x00, 0x31], [0x31, 0x00], [0, 0, 0, 0x31]] {
            #expect(throws: JSONError.self) { try JSONValue.parse(bytes) }
        }
    }

    @Test("nesting is taken to the limit and no further", arguments: [("[", "]"), ("{\"a\":", "}")])
    func depth(_ row: (open: String, close: String)) throws {
        func nested(_ depth: Int) -> String {
            String(repeating: row.open, count: depth) + "1" + String(repeating: row.close, count: depth)
        }
        #expect(throws: Never.self) { try JSONValue.parse(nested(JSONValue.deepest)) }
        let error = #expect(throws: JSONError.self) { try JSONValue.parse(nested(JSONValue.deepest + 1)) }
        #expect(error?.problem == .tooDeep)
        // Far more than the stack would hold, were it not counted.
        #expect(throws: JSONError.self) { try JSONValue.parse(String(repeating: "[", count: 1_000_000)) }
    }

    @Test("an error says nothing of what stood in the text")
    func silence() {
        let error = #expect(throws: JSONError.self) { try JSONValue.parse("{\"refresh_token\":\"canary\"") }
        #expect(error?.description == "the text ends in the middle of a value at byte 25")
    }
}
