// Decides how an account lies in memory: one allocation that begins with what a look-up compares and ends with the
// reply it copies. A look-up among many accounts costs what its cache misses cost, so there are two: one for the slot,
// one for the record. Rejected: arrays for name and reply (four misses, and atomic counts on each look-up) and
// ManagedBuffer (its class cannot be Sendable, so it could not be made outside the lock).

import CLinux
import Glibc
import Vocabulary

/// One account's rules, name and finished reply, in memory that its owner frees.
struct TokenRecord: @unchecked Sendable {
    // SAFETY: its maker fills it before anyone else has it; then it is read and marked only by the holder of the
    // table's lock, and freed by whoever took it out of the table.

    private struct Rules {
        let fingerprint: Fingerprint
        let expiry: BootTime
        /// `distantPast` until first asked for.
        var lastAsked: BootTime
        let nameLength: Int32
        let replyLength: Int32
    }

    private let rules: UnsafeMutablePointer<Rules>

    /// - Parameter reply: the whole answer of GET, line feed included.
    init(name: UnsafeRawBufferPointer, reply: [UInt8], fingerprint: Fingerprint, expiry: BootTime) {
        let memory = UnsafeMutableRawBufferPointer.allocate(
            byteCount: MemoryLayout<Rules>.size + name.count + reply.count,
            alignment: MemoryLayout<Rules>.alignment)
        rules = memory.baseAddress!.bindMemory(to: Rules.self, capacity: 1)
        rules.initialize(
            to: Rules(
                fingerprint: fingerprint, expiry: expiry, lastAsked: .distantPast,
                nameLength: Int32(name.count), replyLength: Int32(reply.count)))
        var rest = UnsafeMutableRawBufferPointer(rebasing: memory[MemoryLayout<Rules>.size...])
        rest.copyMemory(from: name)
        rest = UnsafeMutableRawBufferPointer(rebasing: rest[name.count...])
        rest.copyBytes(from: reply)
    }

    /// Nothing may touch the record any more.
    func free() { UnsafeMutableRawPointer(rules).deallocate() }

    /// Bytes of the whole record.
    var size: UInt32 {
        UInt32(MemoryLayout<Rules>.size) + UInt32(rules.pointee.nameLength + rules.pointee.replyLength)
    }

    /// Fetches the record without waiting for it. The longest tokens in use are some kilobytes; what lies behind the
    /// first four comes while those are copied.
    func prefetch(size: UInt32) { clinux_prefetch(rules, min(Int(size), 4096)) }

    var lastAsked: BootTime { rules.pointee.lastAsked }

    func markAsked(at time: BootTime) { rules.pointee.lastAsked = time }

    func hasName(_ name: UnsafeRawBufferPointer) -> Bool {
        guard name.count == rules.pointee.nameLength, let wanted = name.baseAddress else { return false }
        return memcmp(rules + 1, wanted, name.count) == 0
    }

    /// Whether the reply may leave: unexpired, `minTTL` seconds to live, not `refused`.
    func maySend(minTTL: Int64, refused: Fingerprint?, now: BootTime) -> Bool {
        let expiry = rules.pointee.expiry
        guard now < expiry else { return false }
        let (left, overflow) = expiry.nanoseconds.subtractingReportingOverflow(now.nanoseconds)
        // Compared in whole seconds, so that no `minTTL` can overflow.
        guard overflow || left / 1_000_000_000 >= minTTL else { return false }
        return refused != rules.pointee.fingerprint
    }

    var fingerprint: Fingerprint { rules.pointee.fingerprint }

    /// The whole answer of GET, in the record's memory.
    var reply: UnsafeRawBufferPointer {
        let start = UnsafeRawPointer(rules + 1) + Int(rules.pointee.nameLength)
        return UnsafeRawBufferPointer(start: start, count: Int(rules.pointee.replyLength))
    }

    func appendReply(to output: inout [UInt8]) { output.append(contentsOf: reply) }
}
