import Testing
import Vocabulary

@Suite struct FingerprintTests {
    // FIPS 180-4's own examples, and one whose first digit is a zero.
    @Test(
        "a fingerprint is the first 16 hex digits of SHA-256",
        arguments: [
            ("abc", "ba7816bf8f01cfea"), ("", "e3b0c44298fc1c14"),
            ("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "248d6a61d20638b8"),
            ("39", "0b918943df0962bc"),
        ])
    func known(_ row: (token: String, hex: String)) {
        #expect(Fingerprint(of: Secret(row.token)).description == row.hex)
        #expect(Fingerprint(hex: row.hex) == Fingerprint(of: Secret(row.token)))
    }

    @Test("hex digits are read in either case and written small, all sixteen")
    func digits() {
        #expect(Fingerprint(hex: "00ABCDEF00abcdef")?.description == "00abcdef00abcdef")
        #expect(Fingerprint(bits: 1).description == "0000000000000001")
    }

    @Test(
        "anything but 16 hex digits is no fingerprint",
        arguments: [
            "", "0123456789abcde", "0123456789abcdef0", "+123456789abcdef", "0x23456789abcdef",
            "0123456789abcdeg",
            "０123456789abcde", " 123456789abcdef",
        ])
    func malformed(_ hex: String) {
        #expect(Fingerprint(hex: hex) == nil)
    }
}
