// Decides how sealed bytes stand in JSON: base64 with padding (RFC 4648 §4), in the one way in which it is written.

import FoundationEssentials

enum Base64 {
    static func encode(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }

    /// nil unless `text` is what `encode` writes.
    static func decode(_ text: String) -> [UInt8]? {
        guard let data = Data(base64Encoded: text), data.base64EncodedString() == text else { return nil }
        return Array(data)
    }
}
