// Decides where the master key comes from and what it looks like in text. The default key file is made once,
// on the very first start; never beside an existing database, where a new key would only hide that the old
// one is lost.

import Crypto
import Foundation
import Glibc
import Vocabulary

/// Where the key comes from that seals all records.
public enum KeySource: Sendable {
    /// The file `key` in the state directory, made on the first start.
    case file
    /// 32 bytes as base64 or as 64 hex digits, with or without a newline behind.
    case secret(Secret)

    static let fileName = "key"

    /// The key, if there is one. Writes nothing.
    /// - Returns: nil where the key file is not there.
    func read(_ directory: StateDirectory) throws(StoreError) -> SymmetricKey? {
        switch self {
        case .secret(let secret):
            guard let key = Self.parse(secret.exposed) else { throw .keyMalformed(source: "encryption_key") }
            return key
        case .file:
            // Two spare bytes: a longer file than any key must not pass as one that was cut.
            guard let bytes = try directory.read(Self.fileName, atMost: 67) else { return nil }
            guard let key = Self.parse(String(decoding: bytes, as: UTF8.self)) else {
                throw .keyMalformed(source: directory.path(of: Self.fileName))
            }
            return key
        }
    }

    /// Makes the key file.
    static func make(_ directory: StateDirectory) throws(StoreError) -> SymmetricKey {
        let key = SymmetricKey(size: .bits256)
        let text = key.withUnsafeBytes { Data($0).base64EncodedString() } + "\n"
        try directory.create(fileName, containing: Array(text.utf8))
        return key
    }

    private static func parse(_ text: String) -> SymmetricKey? {
        var text = text[...]
        if text.last == "\n" { text.removeLast() }
        let bytes = hexadecimal(text) ?? Data(base64Encoded: String(text))
        guard let bytes, bytes.count == 32 else { return nil }
        return SymmetricKey(data: bytes)
    }

    /// nil unless `text` is 64 hex digits; no base64 of 32 bytes is that long.
    private static func hexadecimal(_ text: Substring) -> Data? {
        guard text.utf8.count == 64 else { return nil }
        let digits = text.utf8.compactMap { Character(UnicodeScalar($0)).hexDigitValue }
        guard digits.count == 64 else { return nil }
        return Data((0..<32).map { UInt8(digits[2 * $0] << 4 | digits[2 * $0 + 1]) })
    }
}
