// Decides which private keys sign, and how (RFC 7518 §3.3 to §3.5). The key is read anew for each signature: assertions are
// rare, and a parsed key beside its PEM would be a second place where the secret lies.

import Crypto
import CryptoExtras
import FoundationEssentials

extension SigningKey {
    /// Whether the key can sign, tried: for a configuration, before anything depends on it.
    public func check() throws(RequestProblem) {
        _ = try signature(of: Array("check".utf8))
    }

    /// The signature of `input` as RFC 7518 wants it: for ES256 both integers, 32 bytes each.
    func signature(of input: [UInt8]) throws(RequestProblem) -> [UInt8] {
        let pem = try privateKeyBlock()
        switch algorithm {
        case .rs256: return try Self.rsa(pem, input, padding: .insecurePKCS1v1_5)
        case .ps256: return try Self.rsa(pem, input, padding: .PSS)
        case .es256: return try Self.p256(pem, input)
        }
    }

    private static func rsa(
        _ pem: String, _ input: [UInt8], padding: _RSA.Signing.Padding
    ) throws(RequestProblem) -> [UInt8] {
        guard let key = try? _RSA.Signing.PrivateKey(pemRepresentation: pem) else {
            throw .unusableSigningKey(.notRSA)
        }
        guard let signature = try? key.signature(for: SHA256.hash(data: input), padding: padding) else {
            throw .unusableSigningKey(.refused)
        }
        return Array(signature.rawRepresentation)
    }

    private static func p256(_ pem: String, _ input: [UInt8]) throws(RequestProblem) -> [UInt8] {
        guard let key = try? P256.Signing.PrivateKey(pemRepresentation: pem) else {
            throw .unusableSigningKey(.notP256)
        }
        guard let signature = try? key.signature(for: SHA256.hash(data: input)) else {
            throw .unusableSigningKey(.refused)
        }
        return Array(signature.rawRepresentation)
    }

    /// The one private key in the PEM, in lines of 64. Files hold more: OpenSSL writes `EC PARAMETERS` in front, people
    /// comments and certificates (RFC 7468 §2 allows text around, and lines of any length are met with).
    private func privateKeyBlock() throws(RequestProblem) -> String {
        let lines = pem.exposed.split(whereSeparator: \.isNewline).map {
            $0.trimmingPrefix(while: \.isWhitespace)
        }
        let begins = lines.indices.filter {
            lines[$0].hasPrefix("-----BEGIN ") && lines[$0].contains("PRIVATE KEY-----")
        }
        guard begins.count == 1, let begin = begins.first,
            let end = lines[begin...].firstIndex(where: { $0.hasPrefix("-----END ") })
        else { throw .unusableSigningKey(.notPEM) }
        let label = lines[begin].dropFirst("-----BEGIN ".count).prefix { $0 != "-" }
        let inner = lines[(begin + 1)..<end]
        guard !label.hasPrefix("ENCRYPTED"), !inner.contains(where: { $0.contains("ENCRYPTED") }) else {
            throw .unusableSigningKey(.encrypted)
        }
        let base64 = inner.joined().filter { !$0.isWhitespace }
        guard let bytes = Data(base64Encoded: base64), !bytes.isEmpty else {
            throw .unusableSigningKey(.notPEM)
        }
        let body = bytes.base64EncodedString(options: [.lineLength64Characters, .endLineWithLineFeed])
        return "-----BEGIN \(label)-----\n\(body)\n-----END \(label)-----\n"
    }
}
