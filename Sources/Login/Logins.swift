// Decides which logins are under way and which of them an answer ends: each once, within ten minutes, and for the account it
// was begun for. A value: `now` is a parameter, and whoever acts on it keeps it durable. Rejected: a state that is a signed
// token and needs no memory, which could be used twice.

import Vocabulary
import WireProtocol

/// Every login under way, and how the last one of each account ended.
public struct Logins: Sendable {
    /// How long a user may take at the provider.
    public static let lifetime = Duration.seconds(600)
    /// As many may be under way; those who come next are told to wait. Each is about a kilobyte.
    public static let most = 10_000

    private var pending: [Secret: PendingLogin] = [:]
    /// States that were used, until they would have expired: their second use is told apart from an unknown one.
    private var used: [Secret: WallTime] = [:]
    private var standings: [AccountName: (standing: Standing, until: WallTime)] = [:]

    /// How the login of an account stands that was begun last.
    public enum Standing: Hashable, Sendable {
        case pending(Secret)
        case succeeded(WallTime)
        case failed(RequestError)
    }

    public init() {}

    /// How many are under way.
    public var count: Int { pending.count }

    // MARK: Beginning

    /// A login begins, or goes on after a restart.
    /// - Throws: `busy` where too many are under way.
    public mutating func begin(_ login: PendingLogin, _ now: WallTime) throws(RequestError) {
        if pending.count >= Self.most { forgetExpired(now) }
        guard pending.count < Self.most else {
            throw RequestError(.busy, retryAfter: 60, "too many logins are under way")
        }
        pending[login.state] = login
        if standings.count >= 2 * Self.most { standings = standings.filter { $0.value.until > now } }
        standings[login.account] = (.pending(login.state), login.expiresAt)
    }

    /// It could not be kept: it never began.
    public mutating func withdraw(_ login: PendingLogin) {
        pending[login.state] = nil
        if case .pending(login.state)? = standings[login.account]?.standing { standings[login.account] = nil }
    }

    // MARK: Ending

    /// Takes the login out that `callback` ends; from now on its state is used.
    public mutating func take(
        _ callback: CallbackParameters, _ now: WallTime
    ) throws(RequestError) -> PendingLogin {
        guard let state = callback.state, !state.exposed.isEmpty else {
            throw Self.failed("the redirected URL holds no state")
        }
        if let end = used[state], end > now {
            throw Self.failed("the state was used already: begin the login anew")
        }
        guard let login = pending[state], case .browser = login.flow else {
            throw Self.failed("the state is of no login that is under way here: begin the login anew")
        }
        guard login.expiresAt > now else {
            end(login, .failed(Self.expired))
            throw Self.expired
        }
        remember(login, now)
        return login
    }

    /// Takes a device's login out, whose answer has come; nil where it has ended already.
    public mutating func take(device state: Secret, _ now: WallTime) -> PendingLogin? {
        guard let login = pending[state] else { return nil }
        remember(login, now)
        return login
    }

    /// The device's login that goes on; nil where it has ended.
    public func device(_ state: Secret) -> PendingLogin? { pending[state] }

    /// It could not be ended durably: it is under way as before.
    public mutating func putBack(_ login: PendingLogin) {
        used[login.state] = nil
        pending[login.state] = login
    }

    private mutating func remember(_ login: PendingLogin, _ now: WallTime) {
        pending[login.state] = nil
        if used.count >= Self.most { used = used.filter { $0.value > now } }
        // Beyond that a second use reads as unknown, which is refused as well.
        if used.count < Self.most { used[login.state] = login.expiresAt }
    }

    /// The login has ended this way; only the account's last one is remembered.
    public mutating func end(_ login: PendingLogin, _ standing: Standing) {
        pending[login.state] = nil
        guard case .pending(login.state)? = standings[login.account]?.standing else { return }
        // What has ended is remembered as far as there is room: only `LOGIN` could have told of it.
        guard standings.count < 2 * Self.most else {
            standings[login.account] = nil
            return
        }
        standings[login.account] = (standing, login.expiresAt + Self.lifetime)
    }

    /// How the account's last login stands; nil where none was begun lately.
    public mutating func standing(of account: AccountName, _ now: WallTime) -> Standing? {
        guard let (standing, until) = standings[account] else { return nil }
        if case .pending = standing { return until > now ? standing : .failed(Self.expired) }
        return until > now ? standing : nil
    }

    private mutating func forgetExpired(_ now: WallTime) {
        pending = pending.filter { $0.value.expiresAt > now }
        standings = standings.filter { $0.value.until > now }
    }

    // MARK: Why not

    public static let expired = failed("the login has expired: begin it anew")

    public static func failed(_ sentence: String) -> RequestError { RequestError(.loginFailed, sentence) }
}

extension PendingLogin {
    /// Whether the answer may be from another authorization server than the one that was asked (RFC 9207 §2.4).
    /// - Parameters:
    ///   - issuer: what is configured or was discovered; nil where nothing is known.
    ///   - isSent: whether the server says that it always sends `iss`.
    public static func mixUp(
        _ callback: CallbackParameters, issuer: String?, isSent: Bool
    ) -> RequestError? {
        guard let issuer else { return nil }
        switch callback.issuer {
        case issuer?: return nil
        case nil where !isSent: return nil
        case nil: return Logins.failed("iss is missing, which this authorization server always sends")
        default: return Logins.failed("iss names another authorization server than the configured issuer")
        }
    }
}
