// Decides how a grant is sealed: AES-256-GCM under subkeys of its own, bound to what the record claims to be.
// A record is sealed in two halves, so that a start-up reads access tokens without opening a single refresh
// token; the access half authenticates the sealed refresh half as it stands, so that opening it vouches for
// the whole record.

import Crypto
import Foundation
import Vocabulary

/// Seals and opens grants under one master key (NIST SP 800-38D, RFC 5869).
struct Sealer: Sendable {
    /// What a record claims to be. Opening fails where any of it differs from what was sealed.
    struct Subject {
        let account: AccountName
        let tokenEndpoint: String
        let generation: Generation
    }

    /// What is stored of a grant: two sealed halves, and two times in clear that the access half
    /// authenticates.
    struct SealedGrant: Hashable {
        /// The refresh token, the redirect URI and the account's variables.
        var refresh: Data
        /// The access token, its type, the scope, the boot-clock expiry with the boot it belongs to, and what a start-up has to
        /// know of the refresh token: whether there is one, whether it is a login's still, and when it ends.
        var access: Data
        var expiresAt: WallTime?
        var obtainedAt: WallTime?
    }

    /// What the access half holds.
    struct Opened: Hashable {
        var accessToken: AccessToken?
        var scope: String?
        var hasRefreshToken = true
        var awaitsFirstExchange = false
        var refreshTokenExpiresAt: WallTime?
    }

    /// What the access half says of an unusual refresh token.
    private enum RefreshTokenMark: String {
        case absent = "none"
        /// `Grant.awaitsFirstExchange`.
        case first
    }

    private enum Field: String {
        case refresh, access, mark, backup
    }

    /// The first byte of everything sealed; bound into it as well.
    private static let format: UInt8 = 1
    /// Format, nonce and tag around an empty content.
    private static let shortest = 1 + 12 + 16

    /// HKDF's pseudorandom key: extracted once, as each account's subkeys are only expanded from it.
    private let root: SymmetricKey
    /// Names the master key in public: 16 hex digits from which nothing about it follows.
    let keyID: String
    /// The boot whose boot times mean something here.
    private let bootID: String

    init(_ key: SymmetricKey, bootID: String) {
        self.bootID = bootID
        let salt = Data("tokend grant store".utf8)
        root = SymmetricKey(data: HKDF<SHA256>.extract(inputKeyMaterial: key, salt: salt))
        let name = HKDF<SHA256>.expand(
            pseudoRandomKey: root, info: Data("key id".utf8), outputByteCount: 8)
        keyID = name.withUnsafeBytes { bytes in
            bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        }
    }

    func seal(_ grant: Grant, as subject: Subject, obtainedAt: WallTime?) -> SealedGrant {
        var refresh = FieldWriter(reserving: 2048)
        refresh.append(grant.refreshToken?.exposed)
        refresh.append(grant.redirectURI)
        for (name, value) in grant.variables.sorted(by: { $0.key < $1.key }) {
            refresh.append(name)
            refresh.append(value)
        }
        var access = FieldWriter(reserving: 2048)
        access.append(grant.accessToken?.secret.exposed)
        access.append(grant.accessToken?.type)
        access.append(grant.scope)
        let bootExpiry = grant.accessToken?.bootExpiry
        let mark: RefreshTokenMark? =
            if grant.refreshToken == nil { .absent } else { grant.awaitsFirstExchange ? .first : nil }
        let isOrdinary = mark == nil && grant.refreshTokenExpiresAt == nil
        if bootExpiry != nil || !isOrdinary {
            access.append(bootExpiry.map { _ in bootID })
            access.append(bootExpiry.map { String($0.nanoseconds) })
        }
        if !isOrdinary {
            access.append(mark?.rawValue)
            access.append(grant.refreshTokenExpiresAt.map { String($0.nanoseconds) })
        }
        var sealed = SealedGrant(
            refresh: seal(
                refresh.bytes, .refresh, subject, binding(.refresh, subject)),
            access: Data(), expiresAt: grant.accessToken?.expiresAt, obtainedAt: obtainedAt)
        sealed.access = seal(access.bytes, .access, subject, accessBinding(sealed, subject))
        return sealed
    }

    /// Opens the access half and vouches for the rest of `sealed`.
    func openAccess(_ sealed: SealedGrant, as subject: Subject) throws(RecordDamage) -> Opened {
        let content = try open(sealed.access, .access, subject, accessBinding(sealed, subject))
        var reader = FieldReader(content)
        let token = try reader.text()
        let type = try reader.text()
        let scope = try reader.text()
        let bootExpiry = try bootExpiry(&reader)
        var opened = Opened(scope: scope)
        if !reader.isAtEnd {
            let mark = try mark(&reader)
            opened.hasRefreshToken = mark != .absent
            opened.awaitsFirstExchange = mark == .first
            opened.refreshTokenExpiresAt = try reader.number().map(WallTime.init(nanoseconds:))
        }
        guard reader.isAtEnd else { throw .malformed }
        guard let token else { return opened }
        guard let type, let expiresAt = sealed.expiresAt else { throw .malformed }
        opened.accessToken = AccessToken(
            secret: Secret(token), type: type, expiresAt: expiresAt, bootExpiry: bootExpiry)
        return opened
    }

    private func mark(_ reader: inout FieldReader) throws(RecordDamage) -> RefreshTokenMark? {
        guard let text = try reader.text() else { return nil }
        guard let mark = RefreshTokenMark(rawValue: text) else { throw .malformed }
        return mark
    }

    /// nil where it is of another boot, or none is there.
    private func bootExpiry(_ reader: inout FieldReader) throws(RecordDamage) -> BootTime? {
        guard !reader.isAtEnd else { return nil }
        let bootID = try reader.text()
        guard let expiry = try reader.number() else { return nil }
        return bootID == self.bootID ? BootTime(nanoseconds: expiry) : nil
    }

    /// Opens both halves.
    func open(_ sealed: SealedGrant, as subject: Subject) throws(RecordDamage) -> Grant {
        let access = try openAccess(sealed, as: subject)
        let content = try open(sealed.refresh, .refresh, subject, binding(.refresh, subject))
        var reader = FieldReader(content)
        let refreshToken = try reader.text()
        let redirectURI = try reader.text()
        var variables: [String: String] = [:]
        while !reader.isAtEnd {
            guard let name = try reader.text(), let value = try reader.text() else { throw .malformed }
            variables[name] = value
        }
        guard (refreshToken != nil) == access.hasRefreshToken else { throw .malformed }
        var grant = Grant(
            refreshToken: refreshToken.map(Secret.init), refreshTokenExpiresAt: access.refreshTokenExpiresAt,
            accessToken: access.accessToken, scope: access.scope, redirectURI: redirectURI,
            variables: variables)
        grant.awaitsFirstExchange = access.awaitsFirstExchange
        return grant
    }
}

extension Sealer {
    /// Names a refresh token in a mark: whoever reads the file cannot even test a guess against it (RFC 2104).
    func refreshHash(_ token: Secret?, of account: AccountName) -> Data {
        let key = subkey(.mark, account)
        let bytes = Data((token?.exposed ?? "").utf8)
        return Data(HMAC<SHA256>.authenticationCode(for: bytes, using: key).prefix(16))
    }
}

extension Sealer {
    /// Vouches for a backup's record as a whole: for what the seal does not cover as well (RFC 2104).
    func tag(_ record: SealedRecord, of origin: BackupOrigin) -> [UInt8] {
        let key = subkey(.backup, record.account)
        return Array(HMAC<SHA256>.authenticationCode(for: record.authenticated(with: origin), using: key))
    }

    /// Whether the record's tag is the one that this key gives it; in constant time.
    func isAuthentic(_ record: SealedRecord, of origin: BackupOrigin) -> Bool {
        HMAC<SHA256>.isValidAuthenticationCode(
            record.tag, authenticating: record.authenticated(with: origin),
            using: subkey(.backup, record.account))
    }
}

// MARK: AES-GCM

extension Sealer {
    private func seal(
        _ content: [UInt8], _ field: Field, _ subject: Subject, _ binding: FieldWriter
    ) -> Data {
        seal(content, subkey(field, subject.account), binding)
    }

    func seal(_ content: [UInt8], _ key: SymmetricKey, _ binding: FieldWriter) -> Data {
        do {
            let box = try AES.GCM.seal(content, using: key, authenticating: binding.bytes)
            return Data([Self.format]) + box.nonce + box.ciphertext + box.tag
        } catch {
            preconditionFailure("AES-GCM seals any content under a key of 256 bits")
        }
    }

    private func open(
        _ sealed: Data, _ field: Field, _ subject: Subject, _ binding: FieldWriter
    ) throws(RecordDamage) -> Data {
        try open(sealed, subkey(field, subject.account), binding)
    }

    func open(_ sealed: Data, _ key: SymmetricKey, _ binding: FieldWriter) throws(RecordDamage) -> Data {
        guard sealed.first == Self.format, sealed.count >= Self.shortest else { throw .unknownFormat }
        do {
            let box = try AES.GCM.SealedBox(combined: sealed.dropFirst())
            return try AES.GCM.open(box, using: key, authenticating: binding.bytes)
        } catch {
            throw .notAuthentic
        }
    }

    /// A subkey per account and field: random nonces of 96 bits stay far from their limit of 2^32 per key,
    /// however many accounts there are and however often they rotate.
    private func subkey(_ field: Field, _ account: AccountName) -> SymmetricKey {
        var info = FieldWriter()
        info.append("subkey")
        info.append(field.rawValue)
        info.append(account.text)
        return HKDF<SHA256>.expand(pseudoRandomKey: root, info: info.bytes, outputByteCount: 32)
    }

    /// Of what is no account's.
    func key(for use: String) -> SymmetricKey {
        HKDF<SHA256>.expand(pseudoRandomKey: root, info: Data(use.utf8), outputByteCount: 32)
    }

    /// The associated data of what is no account's: its row's name and time.
    func binding(_ id: some Collection<UInt8>, _ time: WallTime) -> FieldWriter {
        var binding = FieldWriter()
        binding.append(CollectionOfOne(Self.format))
        binding.append(keyID)
        binding.append(id)
        binding.append(time)
        return binding
    }

    /// The associated data of a half: whatever must not be exchanged under it.
    private func binding(_ field: Field, _ subject: Subject) -> FieldWriter {
        var binding = FieldWriter()
        binding.append(CollectionOfOne(Self.format))
        binding.append(keyID)
        binding.append(subject.account.provider.text)
        binding.append(subject.tokenEndpoint)
        binding.append(subject.account.text)
        binding.append(field.rawValue)
        binding.append(subject.generation.number)
        return binding
    }

    private func accessBinding(_ sealed: SealedGrant, _ subject: Subject) -> FieldWriter {
        var binding = binding(.access, subject)
        binding.append(sealed.expiresAt)
        binding.append(sealed.obtainedAt)
        binding.append(sealed.refresh)
        return binding
    }
}
