// Decides who a client is: what the kernel noted when it connected. Nothing the client says or does later, such as the
// path its socket is bound to, takes part.

import CLinux

/// The process at the other end as it was when it connected (SO_PEERCRED, unix(7)).
public struct Peer: Hashable, Sendable {
    public let uid: UInt32
    public let gid: UInt32
    /// 0 where the process lives in a pid namespace that this one cannot see.
    public let pid: Int32

    public init(uid: UInt32, gid: UInt32, pid: Int32) {
        self.uid = uid
        self.gid = gid
        self.pid = pid
    }

    /// Asks the kernel; nil when it will not tell, which must be taken as a refusal.
    init?(of descriptor: Int32) {
        var (uid, gid, pid) = (uid_t.max, gid_t.max, pid_t(0))
        guard clinux_peer_credentials(descriptor, &uid, &gid, &pid) == 0 else { return nil }
        self.init(uid: uid, gid: gid, pid: pid)
    }
}
