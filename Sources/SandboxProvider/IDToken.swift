// Decides the ID token: unsigned, as OpenID Connect Core 1.0 §3.1.3.7 lets a client take it that got it from the token
// endpoint itself. A signature was rejected: it would need a key document that nobody here reads.

import FoundationEssentials

/// What an ID token says (OpenID Connect Core 1.0 §2).
struct IDToken: Encodable {
    let iss, sub, aud: String
    let iat, exp: Int
    let nonce: String?

    /// A JWT of the algorithm `none` (RFC 7515 Appendix A.5).
    var text: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return base64URL(#"{"alg":"none"}"#.utf8) + "." + base64URL(try encoder.encode(self)) + "."
        } catch {
            preconditionFailure("strings and integers can always be encoded: \(error)")
        }
    }
}
