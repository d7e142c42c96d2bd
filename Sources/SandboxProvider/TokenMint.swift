// Decides what a token looks like: its claims in plain sight under a MAC. The server then keeps only each family's
// newest serial number, and can still tell a used token from an invented one and a lapsed one from an unknown one.
// A dictionary of every token ever issued was rejected: it grows by two strings with each refresh.

import Crypto
import FoundationEssentials

/// What a token says of itself.
struct TokenClaims: Hashable, Sendable {
    enum Kind: String, Sendable {
        case access = "at"
        case refresh = "rt"
        case code = "ac"
        case device = "dc"
    }

    let kind: Kind
    /// The index of a token family, of an authorization code, or of a device code.
    let family: Int
    /// Counts the tokens of this kind in the family from 0.
    let serial: Int
    /// Epoch seconds; infinity for what does not lapse by itself.
    let expiresAt: Double
}

/// Writes and reads tokens of the form `kind.family.serial.expiry.mac`, numbers in base 36.
struct TokenMint: Sendable {
    private let key: SymmetricKey

    init(key: [UInt8]) { self.key = SymmetricKey(data: key) }

    func token(_ claims: TokenClaims) -> String {
        let payload = [
            claims.kind.rawValue, String(claims.family, radix: 36), String(claims.serial, radix: 36),
            String(claims.expiresAt.bitPattern, radix: 36),
        ].joined(separator: ".")
        return payload + "." + code(payload)
    }

    /// The claims of a token that this mint wrote, nil for anything else.
    func claims(_ token: String) -> TokenClaims? {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 5, let kind = TokenClaims.Kind(rawValue: String(parts[0])),
            let family = Int(parts[1], radix: 36), let serial = Int(parts[2], radix: 36),
            let bits = UInt64(parts[3], radix: 36)
        else { return nil }
        let claims = TokenClaims(
            kind: kind, family: family, serial: serial, expiresAt: Double(bitPattern: bits))
        return self.token(claims) == token ? claims : nil
    }

    /// What a person types: eight consonants, as RFC 8628 §6.1 proposes.
    func userCode(_ index: Int) -> String {
        let letters = Array("BCDFGHJKLMNPQRSTVWXZ")
        let mac = HMAC<SHA256>.authenticationCode(for: Data("user-code.\(index)".utf8), using: key)
        let code = String(mac.prefix(8).map { letters[Int($0) % letters.count] })
        return code.prefix(4) + "-" + code.suffix(4)
    }

    /// 96 of the MAC's bits: beyond guessing for a test, and 16 characters without padding.
    private func code(_ payload: String) -> String {
        let mac = HMAC<SHA256>.authenticationCode(for: Data(payload.utf8), using: key)
        return base64URL(mac.prefix(12))
    }
}

/// Base64 with the URL alphabet and no padding (RFC 4648 §5, RFC 7636 §3).
func base64URL(_ bytes: some Sequence<UInt8>) -> String {
    let text = Data(bytes).base64EncodedString()
    return String(
        text.compactMap { character in
            switch character {
            case "+": "-"
            case "/": "_"
            case "=": nil
            default: character
            }
        })
}
