// Decides which differences between token endpoints are data. The knobs bear the names that a configuration gives
// them (`expires_at`, `status_class`); each has RFC 6749's value as its default, so `AnswerFormat()` is the standard.
// There is no knob for the text of an error: it may hold tokens and is never read. None for errors in a 200 either:
// they are always recognized.

import StrictJSON

/// The dialect in which a token endpoint answers (RFC 6749 §5 and what providers made of it).
///
/// Paths are JSON pointers (RFC 6901); a form-encoded answer is read as a flat object of strings.
public struct AnswerFormat: Hashable, Sendable {
    /// `roots`: where the token's members may lie; the first object with an access token counts.
    public var roots = [""]
    /// `fields`: other names of a member, tried in order before its standard name.
    public var fields: [TokenMember: [String]] = [:]
    /// `success_status`: the only statuses that carry a token; nil means every 2xx.
    public var successStatus: Set<Int>?
    /// `success_when`: a 2xx is a success exactly when this holds; nil leaves it to the error codes.
    public var successWhen: Condition?

    /// `expires_at`: the member with the absolute expiry, besides `expires_in`; the earlier one counts.
    public var expiresAt: TimeMember?
    /// `expires_in_fields`: members with the lifetime, the first present one counts; empty means `fields`.
    public var expiresInFields: [String] = []
    /// `expires_in_unit`
    public var expiresInUnit = LifetimeUnit.seconds
    /// `expires_in_zero`
    public var expiresInZero = ZeroLifetime.unknown
    /// `expires_from_jwt`: whether the access token is a JWT whose `exp` counts (RFC 7519 §4.1.4) beside what else is said;
    /// where nothing is, it does anyway, and so do members of another name in use (`expires_on`, `expiresIn`).
    public var expiresFromJWT = false
    /// `default_lifetime_s`: the lifetime of a token whose answer names none.
    public var defaultLifetime: Duration?
    /// `issued_at`: from when a relative lifetime counts, if that is before the request was sent.
    public var issuedAt: TimeMember?
    /// `refresh_expires_in`: the member with the refresh token's lifetime in seconds.
    public var refreshExpiresIn: String?
    /// `refresh_expires_at`: the member with the refresh token's expiry.
    public var refreshExpiresAt: TimeMember?

    /// `token_type_map`: the scheme for a token type of the provider's own.
    public var tokenTypeMap: [String: String] = [:]
    /// `token_type_default`: the scheme where the answer names none.
    public var tokenTypeDefault = "Bearer"

    /// `error_code_paths`: where an error's code may lie; the first code that is known counts, else the first. A standard's
    /// code is found wherever codes are usually put.
    public var errorCodePaths = ["/error"]
    /// `reauth_codes`, `client_codes`, `rate_codes`, `transient_codes` and `interaction_codes` (a person must come:
    /// reauthorization) in one table, so that no code can have two meanings. They win over every status.
    public var codes: [String: AnswerClass] = [:]
    /// `status_class`: what a status means where no code is known.
    public var statusClass: [Int: AnswerClass] = [:]
    /// `empty_body_class`: the same where the body is empty; wins over `statusClass`.
    public var emptyBodyClass: [Int: AnswerClass] = [:]
    /// `rate_reset_header`: asked before the customary ones, which always count (X-RateLimit-Reset and its relatives).
    public var rateResetHeader: RateResetHeader?
    /// `default_cooldown_s`: how long a rate limit lasts that names no end.
    public var defaultCooldown: Duration?

    /// RFC 6749's format; assign what differs.
    public init() {}

    /// A member of a successful answer, by its standard name (RFC 6749 §5.1).
    public enum TokenMember: String, Sendable, CaseIterable {
        case accessToken = "access_token"
        case refreshToken = "refresh_token"
        case expiresIn = "expires_in"
        case tokenType = "token_type"
        case scope
    }

    /// Equality of the value at a path with a constant.
    public struct Condition: Hashable, Sendable {
        public var path: String
        public var equals: JSONValue

        public init(path: String, equals: JSONValue) {
            self.path = path
            self.equals = equals
        }
    }

    /// A member that holds a point in time.
    public struct TimeMember: Hashable, Sendable {
        public var field: String
        public var format: TimeFormat

        public init(field: String, format: TimeFormat) {
            self.field = field
            self.format = format
        }
    }

    /// How a point in time is written.
    public enum TimeFormat: String, Sendable, CaseIterable {
        case epochSeconds = "epoch_s"
        case epochMilliseconds = "epoch_ms"
        /// RFC 3339; a text of this form is understood under the other two as well.
        case iso8601
    }

    public enum LifetimeUnit: String, Sendable, CaseIterable {
        case seconds = "s"
        case milliseconds = "ms"
    }

    /// What `expires_in: 0` means.
    public enum ZeroLifetime: String, Sendable, CaseIterable {
        /// The provider does not say, as with a negative one (Mailchimp means "for ever").
        case unknown = "use_default"
        /// The token is already dead: it is stored, for its refresh token's sake, and never served.
        case expired
    }

    /// A header that names the end of the current rate limit window.
    public struct RateResetHeader: Hashable, Sendable {
        public var name: String
        /// The header that says how many requests are left in the window.
        public var remaining: String
        /// A number too small for a point in time is a delta under either.
        public var format: Format

        public enum Format: String, Sendable, CaseIterable {
            case epochSeconds = "epoch_s"
            case deltaSeconds = "delta_s"
        }

        public init(name: String, remaining: String, format: Format) {
            self.name = name
            self.remaining = remaining
            self.format = format
        }
    }
}
