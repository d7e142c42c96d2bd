// Decides what an unsuccessful answer means. A code says more than a status, and what the provider's description says
// more than the standard; but a status that speaks of the server's state (408, 425, 429, 5xx) wins over a standard
// code, since a server that is broken or busy is not believed when it declares a grant dead.

import Vocabulary

/// What an answer without a usable token means. Raw values are the names of a provider's description.
public enum AnswerClass: String, Sendable, CaseIterable {
    case reauthorizationRequired = "reauth_required"
    case clientConfiguration = "client_config"
    case rateLimited = "rate_limited"
    case transient
    case malformedSuccess = "malformed_success"
    /// 401 or 403 without a known code, or one that does not tell: bad client and dead refresh token look alike.
    case authAmbiguous = "auth_ambiguous"
    /// The refresh token may have been consumed.
    case ambiguous
    case tls

    /// The reason an account shows for it.
    public var reason: Reason {
        switch self {
        case .reauthorizationRequired: .reauthorizationRequired
        case .clientConfiguration: .clientConfiguration
        case .rateLimited: .rateLimited
        case .transient: .transient
        case .malformedSuccess: .malformedAnswer
        case .authAmbiguous: .unauthorized
        case .ambiguous: .inDoubt
        case .tls: .tls
        }
    }

    /// Error codes whose meaning a standard fixes.
    static let standardCodes: [String: AnswerClass] = [
        // RFC 6749 §5.2
        "invalid_grant": .reauthorizationRequired,
        "invalid_client": .clientConfiguration,
        "invalid_request": .clientConfiguration,
        "invalid_scope": .clientConfiguration,
        "unauthorized_client": .clientConfiguration,
        "unsupported_grant_type": .clientConfiguration,
        // RFC 8707 §2
        "invalid_target": .clientConfiguration,
        // RFC 6749 §4.1.2.1: codes of the authorization endpoint that token endpoints use as well.
        "server_error": .transient,
        "temporarily_unavailable": .transient,
        // OpenID Connect Core §3.1.2.6: a person has to come.
        "interaction_required": .reauthorizationRequired,
        "login_required": .reauthorizationRequired,
        "account_selection_required": .reauthorizationRequired,
        "consent_required": .reauthorizationRequired,
        // RFC 9470 §3, OpenID Connect Core Error Code unmet_authentication_requirements §2: likewise.
        "insufficient_user_authentication": .reauthorizationRequired,
        "unmet_authentication_requirements": .reauthorizationRequired,
        "mfa_required": .reauthorizationRequired,
        // RFC 8628 §3.5, and what is said of refresh tokens as well.
        "expired_token": .reauthorizationRequired,
        "slow_down": .rateLimited,
        // RFC 6750 §3.1 and its like: a gateway means an access token that we never sent, some servers our refresh token.
        "invalid_token": .authAmbiguous,
        "token_expired": .authAmbiguous,
        "token_inactive": .authAmbiguous,
        "token_revoked": .authAmbiguous,
        // No standard's, but nobody means anything else by them.
        "invalid_refresh_token": .reauthorizationRequired,
        "refresh_token_expired": .reauthorizationRequired,
        "refresh_token_revoked": .reauthorizationRequired,
        "refresh_token_reused": .reauthorizationRequired,
        "rate_limit_exceeded": .rateLimited,
        "rate_limited": .rateLimited,
        "too_many_requests": .rateLimited,
        "internal_error": .transient,
        "internal_server_error": .transient,
        "service_unavailable": .transient,
    ]

    /// What a code means by a standard, however its letters are written.
    static func standard(_ code: String) -> AnswerClass? {
        standardCodes[code] ?? standardCodes[usual(code)]
    }

    /// `Invalid Grant ` as the standard has it.
    static func usual(_ code: String) -> String {
        code.split(separator: " ").joined(separator: "_").lowercased()
    }

    /// Those of the standard codes that refuse the client, whatever grant it shows (RFC 6749 §5.2).
    static let codesOfClient: Set<String> = ["invalid_client", "unauthorized_client"]

    /// What a status says of the server rather than of the request; nil where it does not.
    static func ofServerState(_ status: Int) -> AnswerClass? {
        switch status {
        case 429: .rateLimited
        case 408, 425: .transient
        case 500...599: .transient
        default: nil
        }
    }

    /// What a status means that nothing else explains.
    static func byDefault(_ status: Int, isObject: Bool, isEmpty: Bool) -> AnswerClass {
        switch status {
        case 200..<300: .malformedSuccess
        case 401: .authAmbiguous
        // A page or a text instead of JSON comes from something in front of the token endpoint (a firewall).
        case 403: isObject || isEmpty ? .authAmbiguous : .transient
        case 400: isObject ? .clientConfiguration : .transient
        // "Enhance your calm" and a shop's firewall.
        case 420, 430: .rateLimited
        // A state, a connection or a server further on that was not fit: nothing is wrong with the request.
        case 409, 421, 424, 444, 449, 460, 499: .transient
        // Redirects, which are never followed, mean a moved or mistaken endpoint; so do 404 and 405.
        case 300..<500: .clientConfiguration
        default: .transient
        }
    }
}
