// Decides what systemd is told of the daemon's life. A thin wrap of libsystemd: the protocol behind NOTIFY_SOCKET has
// grown over the years (abstract sockets, barriers, vsock), and the library knows all of it.

import CSystemd

/// The service manager that started this process, if one did. Every call is harmless without one.
public enum ServiceManager {
    /// One state change to tell, in sd_notify(3)'s words.
    public enum Notification: Hashable, Sendable {
        /// The configuration is valid, the store is loaded, the socket accepts.
        case ready(status: String)
        /// One line for `systemctl status`.
        case status(String)
        /// The daemon has begun to stop.
        case stopping
        /// Stopping goes on: it may take so long from now on (`EXTEND_TIMEOUT_USEC`), for the reason in `status`.
        case extendTimeout(seconds: Int, status: String)

        var assignments: String {
            switch self {
            case .ready(let status): "READY=1\nSTATUS=\(status)"
            case .status(let status): "STATUS=\(status)"
            case .stopping: "STOPPING=1"
            case .extendTimeout(let seconds, let status):
                "EXTEND_TIMEOUT_USEC=\(seconds)000000\nSTATUS=\(status)"
            }
        }
    }

    /// Sends `notification` (sd_notify(3)). Blocks while the manager's socket is full, so it is not for a queue that must
    /// go on; may be called on any thread.
    /// - Returns: whether a service manager was told; false where there is none or its socket is gone.
    @discardableResult
    public static func notify(_ notification: Notification) -> Bool {
        sd_notify(0, notification.assignments) > 0
    }
}
