// Decides which keys the tests sign with: made in each run, since a private key in a repository alarms whoever scans it.

import Crypto
import CryptoExtras
import FoundationEssentials
import StrictJSON
import Testing
import Vocabulary

@testable import OAuth

enum SigningFixture {
    static let rsa = try! _RSA.Signing.PrivateKey(keySize: .bits2048)
    static let p256 = P256.Signing.PrivateKey()

    static func key(_ algorithm: SigningKey.Algorithm, keyID: String? = nil) -> SigningKey {
        let pem = algorithm == .es256 ? p256.pemRepresentation : rsa.pkcs8PEMRepresentation
        return SigningKey(pem: Secret(pem), keyID: keyID, algorithm: algorithm)
    }

    /// Whether `signature` is that of `input` by the public half of the algorithm's key.
    static func verifies(
        _ signature: some DataProtocol, of input: String, _ algorithm: SigningKey.Algorithm
    ) -> Bool {
        let digest = SHA256.hash(data: Array(input.utf8))
        switch algorithm {
        case .rs256, .ps256:
            return rsa.publicKey.isValidSignature(
                _RSA.Signing.RSASignature(rawRepresentation: signature), for: digest,
                padding: algorithm == .rs256 ? .insecurePKCS1v1_5 : .PSS)
        case .es256:
            guard let signature = try? P256.Signing.ECDSASignature(rawRepresentation: signature) else {
                return false
            }
            return p256.publicKey.isValidSignature(signature, for: digest)
        }
    }
}

/// A signed JWT taken apart by the test's own hands.
struct SignedToken {
    let header: String
    let claims: String
    let isVerified: Bool

    init(_ token: String, _ algorithm: SigningKey.Algorithm) throws {
        let parts = token.split(separator: ".").map(String.init)
        try #require(parts.count == 3)
        try #require(!token.contains { "+/=".contains($0) })
        let decoded = try parts.map { try #require(Base64URL.decode($0)) }
        header = String(decoding: decoded[0], as: UTF8.self)
        claims = String(decoding: decoded[1], as: UTF8.self)
        isVerified = SigningFixture.verifies(decoded[2], of: "\(parts[0]).\(parts[1])", algorithm)
    }
}

extension TokenRequest {
    /// The value of a parameter in a form.
    func parameter(_ name: String) -> String? {
        FormEncoding.decode(body)?.first { $0.name == name }?.value
    }
}
