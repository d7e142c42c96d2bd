import Crypto
import CryptoExtras
import FoundationEssentials
import Testing
import Vocabulary

@testable import OAuth

@Suite("A signing key")
struct SigningKeyTests {
    /// DER in PEM, lines of `width`.
    private static func pem(_ label: String, _ der: Data, width: Int = 64) -> String {
        let base64 = Array(der.base64EncodedString())
        let lines = stride(from: 0, to: base64.count, by: width).map {
            String(base64[$0..<min($0 + width, base64.count)])
        }
        return "-----BEGIN \(label)-----\n\(lines.joined(separator: "\n"))\n-----END \(label)-----\n"
    }

    /// RFC 5915: version 1, the private key, the curve's identifier in [0].
    private static var sec1: Data {
        Data([0x30, 0x31, 0x02, 0x01, 0x01, 0x04, 0x20]) + SigningFixture.p256.rawRepresentation
            + Data([0xA0, 0x0A, 0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07])
    }

    private static let parameters =
        "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n"

    static let usable: [(String, SigningKey.Algorithm, String)] = [
        ("PKCS #8", .rs256, SigningFixture.rsa.pkcs8PEMRepresentation),
        ("PKCS #1", .rs256, pem("RSA PRIVATE KEY", SigningFixture.rsa.derRepresentation)),
        ("PKCS #1", .ps256, pem("RSA PRIVATE KEY", SigningFixture.rsa.derRepresentation)),
        ("PKCS #8", .es256, SigningFixture.p256.pemRepresentation),
        ("SEC 1", .es256, pem("EC PRIVATE KEY", sec1)),
        ("SEC 1 behind OpenSSL's parameters", .es256, parameters + pem("EC PRIVATE KEY", sec1)),
        ("lines of 76", .rs256, pem("PRIVATE KEY", SigningFixture.rsa.pkcs8DERRepresentation, width: 76)),
        ("one line", .es256, pem("PRIVATE KEY", SigningFixture.p256.derRepresentation, width: 4096)),
        (
            "CRLF, indented, text around", .rs256,
            "Bag Attributes\r\n  "
                + SigningFixture.rsa.pkcs8PEMRepresentation.replacing("\n", with: "\r\n  ") + "end"
        ),
    ]

    @Test("signs from every customary PEM", arguments: usable)
    func signs(_ sentence: String, _ algorithm: SigningKey.Algorithm, _ pem: String) throws {
        let key = SigningKey(pem: Secret(pem), algorithm: algorithm)
        try key.check()
        let signature = try key.signature(of: Array("input".utf8))
        #expect(signature.count == (algorithm == .es256 ? 64 : 256))
        #expect(SigningFixture.verifies(signature, of: "input", algorithm))
        #expect(!SigningFixture.verifies(signature, of: "other", algorithm))
    }

    private static let small = try! _RSA.Signing.PrivateKey(unsafeKeySize: .init(bitCount: 1024))

    static let unusable: [(String, SigningKey.Algorithm, String, RequestProblem.KeyDefect)] = [
        ("nothing", .rs256, "", .notPEM),
        ("no PEM", .rs256, "secret", .notPEM),
        ("no end", .rs256, "-----BEGIN PRIVATE KEY-----\nAAAA\n", .notPEM),
        ("no base64", .rs256, "-----BEGIN PRIVATE KEY-----\n!\n-----END PRIVATE KEY-----", .notPEM),
        ("empty", .rs256, "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----", .notPEM),
        ("a public key", .rs256, SigningFixture.rsa.publicKey.pemRepresentation, .notPEM),
        (
            "two keys", .rs256,
            SigningFixture.rsa.pkcs8PEMRepresentation + "\n" + SigningFixture.p256.pemRepresentation,
            .notPEM
        ),
        ("encrypted PKCS #8", .rs256, pem("ENCRYPTED PRIVATE KEY", Data([0x30, 0])), .encrypted),
        (
            "encrypted PKCS #1", .rs256,
            "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nAAAA\n-----END RSA PRIVATE KEY-----",
            .encrypted
        ),
        ("a curve for RSA", .rs256, SigningFixture.p256.pemRepresentation, .notRSA),
        ("a curve for PSS", .ps256, SigningFixture.p256.pemRepresentation, .notRSA),
        ("RSA for a curve", .es256, SigningFixture.rsa.pkcs8PEMRepresentation, .notP256),
        ("another curve", .es256, P384.Signing.PrivateKey().pemRepresentation, .notP256),
        ("a small key", .rs256, small.pkcs8PEMRepresentation, .notRSA),
        ("rubbish", .es256, pem("PRIVATE KEY", Data([1, 2, 3])), .notP256),
    ]

    @Test("says what is wrong with it, and nothing of what is in it", arguments: unusable)
    func defects(
        _ sentence: String, _ algorithm: SigningKey.Algorithm, _ pem: String,
        _ defect: RequestProblem.KeyDefect
    ) {
        let key = SigningKey(pem: Secret(pem), algorithm: algorithm)
        #expect(throws: RequestProblem.unusableSigningKey(defect)) { try key.check() }
    }
}
