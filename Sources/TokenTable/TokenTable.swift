// Decides what readers see: per account the finished bytes of GET's answer, behind one short lock. Rejected: an actor
// (300 ns to 10 us a look-up), a lock per account (memory), String keys (each GET would have to make one), and one
// big hash table, whose doubling at a million accounts would hold every reader for tens of milliseconds. The table
// is 256 small ones under the one lock instead, so that the longest hold is the doubling of a small one.

import Synchronization
import Vocabulary
import WireProtocol

/// The access tokens that may be served, by account; any thread may call anything.
///
/// A look-up holds the lock while it finds and copies the reply: two cache misses, 50 to 300 ns. `publish` holds it as
/// short, but for the doubling of one of the 256 parts: tens of microseconds, 0.3 ms at worst, on the way to 1,000,000
/// accounts.
public final class TokenTable: Sendable {
    private let parts = Mutex(Parts())

    public init() {}

    deinit { parts.withLock { $0.free() } }

    /// How many accounts have a token here, expired ones included.
    public var count: Int { parts.withLock { $0.count } }

    /// Serves `token` for `account` from now on, in place of the one before.
    /// - Parameter expiry: when `token` lapses; it is not served from that instant on.
    public func publish(
        account: AccountName, token: AccessToken, fingerprint: Fingerprint, expiry: BootTime
    ) {
        let reply = Reply.token(token)
        let replaced = Self.withBytes(of: account.text) { name in
            let record = TokenRecord(name: name, reply: reply, fingerprint: fingerprint, expiry: expiry)
            let hash = Self.hash(name)
            return parts.withLock { $0.store(record, name: name, hash: hash) }
        }
        replaced?.free()
    }

    /// Tells another expiry of the token that is served for `account`; nothing changes where there is none.
    /// - Parameter expiresAt: the same instant as `expiry`, as the wall clock shows it.
    public func reexpire(account: AccountName, expiry: BootTime, expiresAt: WallTime) {
        let replaced = Self.withBytes(of: account.text) { name in
            let hash = Self.hash(name)
            return parts.withLock { parts -> TokenRecord? in
                guard let old = parts.record(name: name, hash: hash),
                    let reply = Reply.token(old.reply, expiringAt: expiresAt)
                else { return nil }
                let record = TokenRecord(
                    name: name, reply: reply, fingerprint: old.fingerprint, expiry: expiry)
                return parts.store(record, name: name, hash: hash)
            }
        }
        replaced?.free()
    }

    /// Serves nothing for `account` any more.
    public func remove(_ account: AccountName) {
        let removed = Self.withBytes(of: account.text) { bytes in
            let hash = Self.hash(bytes)
            return parts.withLock { $0.remove(name: bytes, hash: hash) }
        }
        removed?.free()
    }

    /// Appends the answer of GET to `output` when a token may be served: it is there, has not expired, lives for at
    /// least `minTTL` seconds more and is not `refused`. Otherwise false, and `output` is as it was.
    ///
    /// Served or not, an account that is here counts as asked for at `now`. Allocates only to grow `output`.
    public func serve(
        account: UnsafeRawBufferPointer, minTTL: Int64, refused: Fingerprint?, now: BootTime,
        into output: inout [UInt8]
    ) -> Bool {
        let hash = Self.hash(account)
        return parts.withLock {
            $0.ask(name: account, hash: hash, minTTL: minTTL, refused: refused, now: now, into: &output)
        }
    }

    /// When `serve` was last called for `account`; nil when never since it was first published.
    public func lastAsked(_ account: AccountName) -> BootTime? {
        Self.withBytes(of: account.text) { bytes in
            let hash = Self.hash(bytes)
            return parts.withLock { $0.lastAsked(name: bytes, hash: hash) }
        }
    }

    /// Swift's own hasher: seeded per process, so that no client can choose names that collide.
    private static func hash(_ name: UnsafeRawBufferPointer) -> UInt64 {
        var hasher = Hasher()
        hasher.combine(bytes: name)
        return UInt64(truncatingIfNeeded: hasher.finalize())
    }

    private static func withBytes<Result>(
        of name: String, _ body: (UnsafeRawBufferPointer) -> Result
    ) -> Result {
        var name = name
        return name.withUTF8 { body(UnsafeRawBufferPointer($0)) }
    }
}

/// The 256 tables; the top byte of a name's hash chooses one, the low half is its tag there.
private struct Parts {
    private var parts = [TokenPart](repeating: TokenPart(), count: 256)

    var count: Int { parts.reduce(0) { $0 + $1.count } }

    mutating func store(_ record: TokenRecord, name: UnsafeRawBufferPointer, hash: UInt64) -> TokenRecord? {
        parts[Int(hash >> 56)].store(record, name: name, tag: UInt32(truncatingIfNeeded: hash))
    }

    mutating func remove(name: UnsafeRawBufferPointer, hash: UInt64) -> TokenRecord? {
        parts[Int(hash >> 56)].remove(name: name, tag: UInt32(truncatingIfNeeded: hash))
    }

    func record(name: UnsafeRawBufferPointer, hash: UInt64) -> TokenRecord? {
        parts[Int(hash >> 56)].record(name: name, tag: UInt32(truncatingIfNeeded: hash))
    }

    func ask(
        name: UnsafeRawBufferPointer, hash: UInt64, minTTL: Int64, refused: Fingerprint?, now: BootTime,
        into output: inout [UInt8]
    ) -> Bool {
        parts[Int(hash >> 56)].ask(
            name: name, tag: UInt32(truncatingIfNeeded: hash), minTTL: minTTL, refused: refused, now: now,
            into: &output)
    }

    func free() { for part in parts { part.free() } }

    func lastAsked(name: UnsafeRawBufferPointer, hash: UInt64) -> BootTime? {
        parts[Int(hash >> 56)].lastAsked(name: name, tag: UInt32(truncatingIfNeeded: hash))
    }
}
