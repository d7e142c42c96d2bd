import Testing

@testable import OAuth

@Suite("Form encoding")
struct FormEncodingTests {
    @Test(
        "leaves ALPHA, DIGIT and -._* and encodes the rest",
        arguments: [
            ("AZaz09-._*", "AZaz09-._*"), (" ", "+"), ("+", "%2B"), ("~", "%7E"), ("%", "%25"),
            ("&=", "%26%3D"),
            ("ü€", "%C3%BC%E2%82%AC"), ("\r\n\0", "%0D%0A%00"), ("", ""),
            ("s3cr3t/+%& =", "s3cr3t%2F%2B%25%26+%3D"),
        ])
    func encodes(_ text: String, _ encoded: String) { #expect(FormEncoding.encode(text) == encoded) }

    @Test("reads back what it wrote, for every character up to U+07FF")
    func roundTrip() throws {
        for value in UInt32(0)...0x7FF {
            let text = "a\(Character(try #require(Unicode.Scalar(value))))b"
            let decoded = try #require(FormEncoding.decode(FormEncoding.encode([Parameter("n", text)])))
            #expect(decoded.map(\.value) == [text])
        }
    }

    @Test(
        "refuses what is no form",
        arguments: [
            "", "a", "a=1&", "&a=1", "=1", "a=%", "a=%1", "a=%zz", "a=%ff", "a=1&a=2", "a=b c",
            "{\"a\":\"=\"}", "a=<b>",
        ])
    func refuses(_ text: String) { #expect(FormEncoding.decode(text.utf8) == nil) }
}
