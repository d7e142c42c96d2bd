// Decides how a program logs users in through the daemon: it gets a URL or a code to show, and hands back what the browser
// brought. No secret of the login passes through it but the callback's own.

import StrictJSON
import Vocabulary
import WireProtocol

extension TokenClient {
    /// The URL at which a user connects `account` (RFC 6749 §4.1.1); good for ten minutes and one use.
    public func authorize(
        _ account: AccountName, _ options: LoginOptions = LoginOptions()
    ) throws(TokenClientError) -> String {
        try send(.authorize(account, options)).text
    }

    /// Ends a login with the URL, or its query, that the user's browser was redirected to (RFC 6749 §4.1.2). The new grant is
    /// durable when this returns.
    /// - Throws: `refused` with `login-failed` where the user or the provider said no, or the state is not of a login that
    ///   is under way; the account is as it was then.
    public func callback(_ redirected: Secret) throws(TokenClientError) -> LoggedIn {
        guard let loggedIn = LoggedIn(try send(.callback(redirected)).text) else { throw .malformedAnswer }
        return loggedIn
    }

    /// Begins a login at another device (RFC 8628). The daemon polls; `login(of:wait:)` tells how it ended.
    public func device(
        _ account: AccountName, _ options: LoginOptions = LoginOptions()
    ) throws(TokenClientError) -> DeviceCode {
        guard let code = DeviceCode(try send(.device(account, options))) else { throw .malformedAnswer }
        return code
    }

    /// How the login ended that was begun last for `account`.
    /// - Parameter wait: whole seconds, rounded up, at most 60 s.
    /// - Throws: `refused` with `try-again` while it goes on, `login-failed` where it came to nothing.
    public func login(of account: AccountName, wait: Duration = .zero) throws(TokenClientError) -> LoggedIn {
        let seconds = min(max(wait.secondsRoundedUp, 0), GetOptions.longestWait)
        guard let loggedIn = LoggedIn(try send(.login(account, wait: seconds)).text) else {
            throw .malformedAnswer
        }
        return loggedIn
    }

    /// Revokes the grant of `account` at its provider (RFC 7009) and forgets it. For root and the daemon's own user.
    public func revoke(_ account: AccountName) throws(TokenClientError) -> Revocation {
        guard let revocation = Revocation(try send(.revoke(account)).text) else { throw .malformedAnswer }
        return revocation
    }
}

/// A login that succeeded.
public struct LoggedIn: Hashable, Sendable {
    public let account: AccountName
    /// When the access token lapses.
    public let expiresAt: WallTime

    init?(_ text: String) {
        let words = text.split(separator: " ")
        guard words.count == 2, let account = AccountName(words[0]), let seconds = Int64(words[1]) else {
            return nil
        }
        self.account = account
        expiresAt = WallTime(epochSeconds: seconds)
    }
}

/// What a user is shown who logs in at another device (RFC 8628 §3.2).
public struct DeviceCode: Hashable, Sendable {
    public let userCode: String
    public let verificationURI: String
    /// With the code in it, for a QR code; nil where the provider has none.
    public let verificationURIComplete: String?
    public let expiresIn: Duration

    init?(_ answer: Answer) {
        let words = answer.text.split(separator: " ").map(String.init)
        guard words.count == 3, let code = Self.decoded(words[0]), let uri = Self.decoded(words[1]),
            let seconds = Int64(words[2])
        else { return nil }
        userCode = code
        verificationURI = uri
        verificationURIComplete = answer.data.first?.object?["verification_uri_complete"]?.string
        expiresIn = .seconds(seconds)
    }

    private static func decoded(_ word: String) -> String? { PercentEncoding.decode(Array(word.utf8)) }
}

/// What a `REVOKE` came to. The account is gone either way.
public enum Revocation: Hashable, Sendable {
    case revoked
    /// The provider did not revoke: its grant may live on there. The sentence says why.
    case removedOnly(String)

    init?(_ text: String) {
        if text == "revoked" {
            self = .revoked
        } else if text.hasPrefix("removed ") {
            self = .removedOnly(String(text.dropFirst("removed ".count)))
        } else {
            return nil
        }
    }
}
