// Decides what the answers mean: each request of the protocol as one typed call.

import StrictJSON
import Vocabulary
import WireProtocol

extension TokenClient {
    /// A token of `account` that the API accepts now.
    /// - Parameters:
    ///   - minTTL: The life the token must have left; whole seconds, rounded up.
    ///   - wait: How long the daemon may take to refresh; whole seconds, rounded up, at most 60 s. Without it, what
    ///     `timeout` allows (`GetOptions.wait(within:)`).
    ///   - token: The token that the API refused. It is not returned again.
    public func token(
        for account: AccountName, minTTL: Duration = .zero, wait: Duration? = nil,
        refusing token: Secret? = nil
    ) throws(TokenClientError) -> AccessToken {
        let options = GetOptions(
            minTTL: minTTL.secondsRoundedUp,
            wait: wait?.secondsRoundedUp ?? GetOptions.wait(within: timeout),
            refused: token.map(Fingerprint.init(of:)))
        return try self.token(for: account, options)
    }

    /// A token of `account`, by the protocol's own options.
    public func token(for account: AccountName, _ options: GetOptions) throws(TokenClientError) -> AccessToken
    {
        let words = try send(.get(account, options)).text.split(separator: " ", maxSplits: 2)
        guard words.count == 3, let expiresAt = Int64(words[0]) else { throw .malformedAnswer }
        let secret = Secret(String(words[2]))
        guard secret.isHeaderSafe else { throw .malformedAnswer }
        return AccessToken(
            secret: secret, type: String(words[1]), expiresAt: WallTime(epochSeconds: expiresAt))
    }

    /// Gets `account` a new token now, also one that needs a login or an operator, and returns its expiry once it is
    /// durable.
    @discardableResult
    public func refresh(_ account: AccountName) throws(TokenClientError) -> WallTime {
        guard let seconds = Int64(try send(.refresh(account)).text) else { throw .malformedAnswer }
        return WallTime(epochSeconds: seconds)
    }

    /// Gives the daemon an account to keep. For root and the daemon's own user.
    @discardableResult
    public func add(_ account: AccountName, _ grant: AddedGrant) throws(TokenClientError) -> AccountState {
        guard let state = AccountState(rawValue: try send(.add(account, grant)).text) else {
            throw .malformedAnswer
        }
        return state
    }

    /// Makes the daemon forget `account` and its grant. For root and the daemon's own user.
    public func remove(_ account: AccountName) throws(TokenClientError) {
        _ = try send(.remove(account))
    }

    /// How `account` is.
    public func status(of account: AccountName) throws(TokenClientError) -> AccountStatus {
        let text = try send(.status(account)).text
        guard let json = try? JSONValue.parse(text), let status = AccountStatus(json) else {
            throw .malformedAnswer
        }
        return status
    }

    /// How the daemon is.
    public func status() throws(TokenClientError) -> DaemonStatus {
        let text = try send(.status(nil)).text
        guard let json = try? JSONValue.parse(text), let status = DaemonStatus(json) else {
            throw .malformedAnswer
        }
        return status
    }

    /// Whether the daemon answers.
    public func ping() throws(TokenClientError) { _ = try send(.ping) }

    /// Who answers, and what it can.
    public func hello() throws(TokenClientError) -> Hello {
        guard let hello = Hello(try send(.hello).text) else { throw .malformedAnswer }
        return hello
    }
}

/// What `HELLO` told.
public struct Hello: Hashable, Sendable {
    /// The daemon's name and version, `tokend/1.2.3`.
    public let server: String
    /// The protocol's version.
    public let version: Int
    /// What this daemon can beyond the version's common ground; unknown words are to be ignored.
    public let capabilities: [String]

    init?(_ text: String) {
        let words = text.split(separator: " ").map(String.init)
        guard words.count >= 2, words[1].hasPrefix("protocol/"),
            let version = Int(words[1].dropFirst("protocol/".count))
        else { return nil }
        server = words[0]
        self.version = version
        capabilities = Array(words.dropFirst(2))
    }
}

extension GetOptions {
    /// The `wait` that lets the daemon's own answer come before `timeout`: a third of it, at least 1 s, is left for that.
    /// 15 s gives the protocol's default of 10, 90 s and more give its longest, 60; 1 s and less give 0.
    public static func wait(within timeout: Duration) -> Int64 {
        let rest = max(timeout / 3, .seconds(1))
        return min(max((timeout - rest).components.seconds, 0), longestWait)
    }
}
