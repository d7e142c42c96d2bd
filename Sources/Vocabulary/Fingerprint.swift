// Decides how a token is named without being shown: by the first 64 bits of its SHA-256.

import Crypto

/// The first 16 hex digits of SHA-256 of an access token, as `GET not=` and `STATUS` carry it.
public struct Fingerprint: Hashable, Sendable, CustomStringConvertible {
    public let bits: UInt64

    public init(bits: UInt64) { self.bits = bits }

    /// The fingerprint of `token`.
    public init(of token: Secret) {
        bits = SHA256.hash(data: Array(token.exposed.utf8)).prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// nil unless `hex` is exactly 16 hexadecimal digits.
    public init?(hex: some StringProtocol) {
        guard hex.utf8.count == 16,
            hex.utf8.allSatisfy({ UInt8(ascii: "0") <= $0 && $0 <= UInt8(ascii: "f") }),
            let bits = UInt64(hex, radix: 16)
        else { return nil }
        self.bits = bits
    }

    public var description: String {
        let digits = String(bits, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
