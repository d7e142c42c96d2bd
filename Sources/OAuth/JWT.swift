// Decides how a JSON Web Token is written and what is read of one (RFC 7519, compact form of RFC 7515 §3.1). Signatures of
// others are not verified: what we read came straight from the token endpoint over TLS (OpenID Connect Core §3.1.3.7).

import FoundationEssentials
import StrictJSON

enum JWT {
    /// The claims of `token`; nil where it is none.
    static func claims(of token: String) -> JSONObject? {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let payload = Base64URL.decode(parts[1]) else { return nil }
        return (try? JSONValue.parse(payload))?.object
    }

    /// `claims` signed by `key`, its header's members in the order `alg`, `typ`, `kid`.
    static func signed(_ claims: JSONObject, by key: SigningKey) throws(RequestProblem) -> String {
        var header: JSONObject = ["alg": .string(key.algorithm.rawValue), "typ": "JWT"]
        if let keyID = key.keyID { header["kid"] = .string(keyID) }
        let input = [header, claims].map { object in
            Base64URL.encode(Array(JSONValue.object(object).serialized.utf8))
        }.joined(separator: ".")
        return "\(input).\(Base64URL.encode(try key.signature(of: Array(input.utf8))))"
    }
}

/// base64 with `-` and `_`, without padding (RFC 7515 §2).
enum Base64URL {
    static func encode(_ bytes: some Sequence<UInt8>) -> String {
        Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
            .replacing("=", with: "")
    }

    static func decode(_ text: some StringProtocol) -> Data? {
        let base64 = String(text).replacing("-", with: "+").replacing("_", with: "/")
        let padding = String(repeating: "=", count: (4 - base64.utf8.count % 4) % 4)
        return Data(base64Encoded: base64 + padding)
    }
}
