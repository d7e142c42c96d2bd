// Decides how what is no account's is sealed: logins under way, and what issuers told of their endpoints. Each has a subkey of
// its own, bound to its row's name and time.

import Crypto
import Foundation
import Vocabulary

// MARK: Logins

extension Sealer {
    /// Names a login's row; nothing about its name follows from it (RFC 2104).
    func loginID(_ name: Secret) -> Data {
        let code = HMAC<SHA256>.authenticationCode(for: Data(name.exposed.utf8), using: key(for: "login id"))
        return Data(code.prefix(16))
    }

    func seal(_ login: StoredLogin, id: Data) -> Data {
        var content = FieldWriter(reserving: 1024)
        content.append(login.name.exposed)
        content.append(login.content.exposed)
        return seal(content.bytes, key(for: "login"), binding(id, login.expiresAt))
    }

    func openLogin(_ sealed: Data, id: Data, expiresAt: WallTime) throws(RecordDamage) -> StoredLogin {
        var reader = FieldReader(try open(sealed, key(for: "login"), binding(id, expiresAt)))
        guard let name = try reader.text(), let content = try reader.text(), reader.isAtEnd else {
            throw .malformed
        }
        return StoredLogin(name: Secret(name), expiresAt: expiresAt, content: Secret(content))
    }
}

// MARK: Metadata

extension Sealer {
    /// Bound to the provider and the time; the issuer stands in the document.
    func seal(_ metadata: StoredMetadata) -> Data {
        seal(
            metadata.document, key(for: "metadata"),
            binding(metadata.provider.text.utf8, metadata.confirmedAt))
    }

    func openMetadata(
        _ sealed: Data, of provider: ProviderName, confirmedAt: WallTime
    ) throws(RecordDamage) -> StoredMetadata {
        let document = try open(sealed, key(for: "metadata"), binding(provider.text.utf8, confirmedAt))
        return StoredMetadata(provider: provider, confirmedAt: confirmedAt, document: Array(document))
    }
}
