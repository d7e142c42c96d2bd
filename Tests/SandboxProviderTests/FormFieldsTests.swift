// Decides nothing; shows what form decoding and Basic credentials make of odd input.

import Testing

@testable import SandboxProvider

@Suite struct FormFieldsTests {
    @Test("Fields are decoded, plus signs and percent signs alike")
    func decoding() throws {
        let fields = try FormFields("a=1+2%2B3&b=%C3%A9&c=x=y&empty=&flag")
        #expect(fields["a"] == "1 2+3")
        #expect(fields["b"] == "é")
        #expect(fields["c"] == "x=y")
        #expect(fields["empty"] == nil && fields["flag"] == nil && fields["none"] == nil)
    }

    @Test("A field may occur only once (RFC 6749 §3.2)")
    func doubled() {
        #expect(throws: FormFields.FormError.doubled("a")) { try FormFields("a=1&b=2&%61=1") }
    }

    @Test("Bad encodings are refused", arguments: ["a=%", "a=%4", "a=%zz", "a=%FF", "%=1"])
    func badEncoding(text: String) {
        #expect(throws: FormFields.FormError.badEncoding) { try FormFields(text) }
    }

    @Test("What is encoded for a query decodes to itself", arguments: ["", "a b", "s&t=u", "é%+/~", "\u{1}"])
    func roundTrip(text: String) throws {
        #expect(try FormFields.decoded(FormFields.encoded(text)) == text)
    }
}

@Suite struct BasicCredentialsTests {
    @Test(
        "Both halves are form-decoded after Base64 (RFC 6749 §2.3.1)",
        arguments: [
            // client:s3cr3t%2F%2B%25%26+%3D
            ("Basic Y2xpZW50OnMzY3IzdCUyRiUyQiUyNSUyNislM0Q=", "client", "s3cr3t/+%& ="),
            // a%3Ab:c
            ("basic YSUzQWI6Yw==", "a:b", "c"),
            // client:with:colon
            ("Basic Y2xpZW50OndpdGg6Y29sb24=", "client", "with:colon"),
        ])
    func decoding(header: String, id: String, secret: String) throws {
        let credentials = try #require(BasicCredentials(header))
        #expect(credentials.id == id)
        #expect(credentials.secret == secret)
    }

    @Test(
        "Another scheme, broken Base64, a missing colon and an unencoded percent sign are refused",
        arguments: ["Bearer Y2xpZW50OmM=", "Basic", "Basic ***", "Basic Y2xpZW50", "Basic YTpiJQ=="])
    func refusal(header: String) {
        #expect(BasicCredentials(header) == nil)
    }
}
