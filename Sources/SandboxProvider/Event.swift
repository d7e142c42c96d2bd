// Decides what the sandbox tells while it runs. Only outcomes: what a demo prints, and what a test waits for without
// polling the statistics.

/// Something that just happened at the sandbox.
public enum Event: Hashable, Sendable {
    case granted(subject: String, expiresAt: Double)
    case refreshed(subject: String, expiresAt: Double)
    /// A used refresh token came back and its family was revoked. A `refused` follows.
    case reused(subject: String)
    case refused(subject: String?, Refusal)
    case revoked(subject: String)
    /// A fault met a request.
    case faulted(subject: String?, endpoint: Endpoint, Fault.Action)
    case accessGranted(subject: String)
    /// - Parameter lapsedFor: seconds since the token's expiry, where that was the reason.
    case accessRefused(subject: String?, lapsedFor: Double?)
}
