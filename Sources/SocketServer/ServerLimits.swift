// Decides how much of the daemon one client, or all of them, may take up. Everything is bounded: bytes, requests,
// time and connections; what a bound does to the client is said with each.

import Glibc

/// The server's bounds. The defaults are meant for production; tests shorten the times.
public struct ServerLimits: Hashable, Sendable {
    /// Connections at once; the next one is told `busy`. 4096 idle ones take about 1 MiB here, the kernel's part not
    /// counted. Lowered at start so that `reservedDescriptors` stay free below RLIMIT_NOFILE.
    public var connections = 4096
    /// Descriptors kept for the store, the provider calls and the log.
    public var reservedDescriptors = 64
    /// Requests of one connection that are not answered yet; then it is not read for a while. Enough for a group
    /// commit to be worth while.
    public var outstandingRequests = 1024
    /// Bytes of replies held for one connection; then it is not read for a while. One socket buffer more than the
    /// kernel already holds, so that a client in a hurry never waits for us.
    public var unsentBytes = 256 * 1024
    /// Lines handled for one connection before others have their turn: about 0.1 ms of answers from memory.
    public var linesPerTurn = 256
    /// How long a client may take none of the bytes we hold for it; then it is closed.
    public var stalledOutput = Duration.seconds(30)
    /// How long a line may take from its first byte to its last; then it is told `timeout` and closed.
    public var unfinishedLine = Duration.seconds(30)
    /// How long input is read and thrown away behind a last reply, so that closing does not reset the client before
    /// it has read that reply (unix(7): ECONNRESET when unread input is dropped).
    public var discarding = Duration.seconds(2)
    /// How many bytes are thrown away at most. A client that wrote a gigabyte without a line feed gets an error on
    /// its write instead of our time.
    public var discardedBytes = 4 * 1024 * 1024
    /// How long accepting pauses when the process has no descriptor left, unless a connection closes before.
    public var acceptPause = Duration.milliseconds(100)
    /// How long `stop` waits for clients to take the replies held for them.
    public var stopping = Duration.seconds(1)

    public init() {}

    /// The connections that RLIMIT_NOFILE leaves room for, at least one.
    var effectiveConnections: Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return connections }
        return max(1, min(connections, Int(clamping: limit.rlim_cur) - reservedDescriptors))
    }

    /// How often deadlines are looked at while there are any: they are met within this much, and a daemon without
    /// stalled clients is never woken.
    var sweepInterval: Duration { min(.seconds(1), stalledOutput, unfinishedLine, discarding) }
}
