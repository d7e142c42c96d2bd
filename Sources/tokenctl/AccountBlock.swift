// Decides how one account is told in full: a field a line, times both as they are and as they feel. Pure.

import TokenClient

/// What `tokenctl status ACCOUNT` shows.
enum AccountBlock {
    /// The whole text, LF at its end.
    static func render(_ status: AccountStatus, now: WallTime, _ paint: Paint) -> String {
        let now = now.epochSeconds
        let fields: [(String, String)] = [
            ("account", status.account.text),
            ("state", paint(status.state.rawValue, status.state.color)),
            ("needs", needs(status)),
            ("reason", reason(status)),
            ("expires", time(status.expiresAt, now)),
            ("next refresh", time(status.nextRefreshAt, now)),
            ("login ends", time(status.refreshTokenExpiresAt, now)),
            ("last success", time(status.lastSuccessAt, now)),
            ("last failure", time(status.lastFailureAt, now)),
            ("failures", status.failures == 0 ? "none in a row" : "\(status.failures.grouped) in a row"),
            ("generation", String(status.generation)),
            ("fingerprint", status.fingerprint?.description ?? "-"),
            ("token type", status.tokenType?.printable ?? "-"),
            ("scope", status.scope?.printable ?? "-"),
        ]
        let width = fields.map(\.0.count).max()! + 2
        return fields.map { name, value in
            name + String(repeating: " ", count: width - name.count) + value + "\n"
        }.joined()
    }

    private static func reason(_ status: AccountStatus) -> String {
        guard let reason = status.reason else { return "-" }
        return reason.printable + (Reason(rawValue: reason).map { ": " + $0.explanation } ?? "")
    }

    private static func needs(_ status: AccountStatus) -> String {
        switch status.needs {
        case .nobody: "nobody"
        case .time: "time: it mends itself or is tried again"
        case .operator: "operator: look at the provider's configuration and the daemon's log"
        case .user: "user: log in again: tokenctl login \(status.account)"
        }
    }

    private static func time(_ seconds: Int64?, _ now: Int64) -> String {
        seconds.map { "\(RelativeTime.utc($0)) (\(RelativeTime.until($0, now: now)))" } ?? "-"
    }
}
