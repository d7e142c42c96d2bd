// Decides what a person is told of a login that came to nothing. Never the provider's own text: it may hold tokens.

import Vocabulary

/// Why a login failed; nothing stored was touched by it.
public struct LoginFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// The provider's error code where it looks like one; nil where there was none.
    public let code: String?
    /// What happened, for a person.
    public let sentence: String
    /// Whether the same request may succeed later: polling for a device code goes on.
    public let isTransient: Bool

    /// - Parameter code: kept only if it looks like one: 1 to 64 of `[A-Za-z0-9_.-]`.
    public init(code: String? = nil, _ sentence: String, isTransient: Bool = false) {
        self.code = code.flatMap(LogSafe.code)
        self.sentence = sentence
        self.isTransient = isTransient
    }

    /// An error that the provider named, at whichever endpoint (RFC 6749 §4.1.2.1 and §5.2, RFC 8628 §3.5).
    ///
    /// - Parameter otherwise: the sentence for a code that no standard explains.
    public init(refusal code: String, otherwise: String = "the provider refused the login") {
        self.init(
            code: code, Self.sentence(for: code) ?? otherwise,
            isTransient: AnswerClass.standard(code) == .transient)
    }

    public var description: String { code.map { "\(sentence) (\($0))" } ?? sentence }

    /// What a standard's code means at a login; nil for one that no standard has.
    static func sentence(for code: String) -> String? { sentences[code] }

    private static let sentences = [
        "access_denied": "the user or the provider has declined",
        "expired_token": "the device code has expired before anybody consented",
        "invalid_grant":
            "the code has expired, was used before, or was issued for another client or redirect URI",
        "invalid_client": "the provider does not accept our client's credentials",
        "unauthorized_client": "the provider does not allow our client this kind of login",
        "unsupported_grant_type": "the provider does not know this kind of login",
        "unsupported_response_type": "the provider does not allow logins by code",
        "invalid_scope": "the provider does not know or allow a scope that was asked for",
        "invalid_request": "the provider finds our request malformed",
        "redirect_uri_mismatch": "the redirect URI is not the one that is registered",
        "server_error": "the provider is troubled",
        "temporarily_unavailable": "the provider is overloaded or down for maintenance",
        "login_required": "the provider wants the user to log in",
        "consent_required": "the provider wants the user's consent",
        "interaction_required": "the provider wants something of the user",
    ]
}
