// Decides what has to be remembered of a login between the moment a user is sent to a provider and the moment the answer is
// there, and how it is written down for a restart.

import StrictJSON
import Vocabulary

/// A login under way: everything its end must be checked against.
public struct PendingLogin: Hashable, Sendable {
    /// What `CALLBACK` is told, or the number of a device login that only the daemon knows; unique and unguessable.
    public let state: Secret
    public let account: AccountName
    public let expiresAt: WallTime
    public let flow: Flow
    /// What the account fills into its provider's templates.
    public let variables: [String: String]

    public enum Flow: Hashable, Sendable {
        /// RFC 6749 §4.1.
        case browser(Browser)
        /// RFC 8628.
        case device(Device)
    }

    /// What a login by redirection needs at its end.
    public struct Browser: Hashable, Sendable {
        /// Must be repeated with the code (RFC 6749 §4.1.3); nil where none was sent.
        public var redirectURI: String?
        /// RFC 7636; nil where the provider's description turns it off.
        public var verifier: Secret?
        /// What an ID token must repeat (OpenID Connect Core §3.1.3.7); nil where none was asked for.
        public var nonce: String?

        public init(redirectURI: String?, verifier: Secret?, nonce: String?) {
            self.redirectURI = redirectURI
            self.verifier = verifier
            self.nonce = nonce
        }
    }

    public struct Device: Hashable, Sendable {
        public var code: Secret
        /// The least time between polls (RFC 8628 §3.5).
        public var interval: Duration

        public init(code: Secret, interval: Duration) {
            self.code = code
            self.interval = interval
        }
    }

    public init(
        state: Secret, account: AccountName, expiresAt: WallTime, flow: Flow,
        variables: [String: String] = [:]
    ) {
        self.state = state
        self.account = account
        self.expiresAt = expiresAt
        self.flow = flow
        self.variables = variables
    }
}

// MARK: As text

extension PendingLogin {
    /// All but state and expiry, which the store keeps itself.
    public var content: Secret {
        var object: JSONObject = ["account": .string(account.text)]
        switch flow {
        case .browser(let browser):
            object["redirect_uri"] = browser.redirectURI.map { .string($0) }
            object["verifier"] = browser.verifier.map { .string($0.exposed) }
            object["nonce"] = browser.nonce.map { .string($0) }
        case .device(let device):
            object["device_code"] = .string(device.code.exposed)
            object["interval_ms"] = JSONValue(device.interval.nanoseconds / 1_000_000)
        }
        for (name, value) in variables.sorted(by: { $0.key < $1.key }) {
            object["var.\(name)"] = .string(value)
        }
        return Secret(JSONValue.object(object).serialized)
    }

    /// nil where `content` was not written by this version or an earlier one.
    public init?(state: Secret, expiresAt: WallTime, content: Secret) {
        guard let object = (try? JSONValue.parse(content.exposed))?.object,
            let account = object["account"]?.string.flatMap({ AccountName($0) })
        else { return nil }
        var variables: [String: String] = [:]
        for member in object.members where member.name.hasPrefix("var.") {
            variables[String(member.name.dropFirst(4))] = member.value.string
        }
        let flow: Flow
        if let code = object["device_code"]?.string {
            guard let interval = object["interval_ms"]?.number?.exactInteger else { return nil }
            flow = .device(Device(code: Secret(code), interval: .milliseconds(interval)))
        } else {
            flow = .browser(
                Browser(
                    redirectURI: object["redirect_uri"]?.string,
                    verifier: object["verifier"]?.string.map(Secret.init), nonce: object["nonce"]?.string))
        }
        self.init(state: state, account: account, expiresAt: expiresAt, flow: flow, variables: variables)
    }
}
