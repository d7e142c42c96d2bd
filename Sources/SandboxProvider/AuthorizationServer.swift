// Decides who holds which grant: codes, token families, rotation, reuse and revocation, as one value with `now` as a
// parameter. It knows neither HTTP nor JSON, so both dialects and the library speak to the same rules. Families are
// never dropped: a test wants to see what became of a token, and a family costs about 150 bytes.

/// An OAuth 2.0 authorization server without a wire (RFC 6749, 7009, 7636; rotation and reuse as in RFC 9700 §4.14.2).
public struct AuthorizationServer: Sendable {
    /// What becomes of a refresh token when it is used.
    public enum Rotation: String, Hashable, Sendable {
        case everyUse = "every-use"
        /// The same token stays good and is repeated in every answer.
        case never
        /// The same token stays good and answers do not mention it (RFC 6749 §6 allows that).
        case neverAndOmitted = "never-and-omitted"
    }

    /// What the operator of the server may choose.
    public struct Policy: Hashable, Sendable {
        /// Seconds, also fractions; 60 so that a demo shows several refreshes in a few minutes.
        public var accessTokenLifetime: Double = 60
        public var rotation: Rotation = .everyUse
        /// For so many seconds after a rotation the used token yields the pair issued in its place, once more.
        public var reuseGrace: Double = 0
        /// Seconds; RFC 6749 §4.1.2 recommends at most ten minutes, and nobody waits here.
        public var codeLifetime: Double = 60
        /// Seconds, also fractions; ten minutes as most providers have it.
        public var deviceCodeLifetime: Double = 600
        /// Seconds between two polls, also fractions; 5 is what RFC 8628 §3.2 means where none is named.
        public var deviceInterval: Double = 5
        /// Seconds by which a poll that comes too early lengthens the interval (RFC 8628 §3.5).
        public var slowDown: Double = 5
        /// What the server says that it is (RFC 8414 §2, RFC 9207); nil for the truth, its base URL.
        public var issuer: String?

        public init() {}
    }

    struct Family: Sendable {
        let subject: String
        let clientID: String
        let scope: String
        let lifetime: Double
        /// OpenID Connect Core 1.0 §3.1.2.1; repeated in the first ID token.
        let nonce: String?
        var refreshSerial = 0
        var accessSerial = 0
        var issuedAt: Double
        var accessExpiresAt: Double
        var isRevoked = false
        /// Serials of access tokens revoked one by one (RFC 7009 §2.1).
        var revokedAccess: Set<Int> = []
    }

    struct Code: Sendable {
        let request: AuthorizationRequest
        let expiresAt: Double
        /// The family it was redeemed for.
        var family: Int?
    }

    public let policy: Policy
    let clients: [String: RegisteredClient]
    let mint: TokenMint
    var families: [Family] = []
    var codes: [Code] = []
    var devices: [Device] = []
    /// Where the server is reached, without a slash at the end; empty until that is known.
    public var baseURL = ""
    /// The issuer that the server names.
    var issuer: String { policy.issuer ?? baseURL }

    /// - Parameter key: the secret under which tokens are made; equal keys and equal calls give equal tokens.
    public init(clients: [RegisteredClient], policy: Policy, key: [UInt8]) {
        self.clients = Dictionary(clients.map { ($0.id, $0) }, uniquingKeysWith: { _, last in last })
        self.policy = policy
        mint = TokenMint(key: key)
    }

    /// The client with this identifier and secret.
    public func authenticate(id: String, secret: String?) throws(Refusal) -> RegisteredClient {
        guard let client = clients[id], client.secret == secret else { throw .invalidClient }
        return client
    }

    /// Starts a family without asking anybody: a login that already happened.
    ///
    /// - Parameter lifetime: seconds of its access tokens; nil for the policy's.
    /// - Precondition: the client is registered.
    public mutating func grant(
        subject: String, clientID: String, scope: String, lifetime: Double? = nil, nonce: String? = nil,
        now: Double
    ) -> IssuedTokens {
        precondition(clients[clientID] != nil, "a grant must go to a registered client")
        let lifetime = lifetime ?? policy.accessTokenLifetime
        families.append(
            Family(
                subject: subject, clientID: clientID, scope: scope, lifetime: lifetime,
                nonce: nonce, issuedAt: now, accessExpiresAt: now + lifetime))
        return tokens(of: families.count - 1)
    }

    /// Uses a refresh token (RFC 6749 §6). A used one revokes its family, unless the grace time still runs.
    ///
    /// - Parameter scope: what the client asks for, which may be less than was granted; nil for the same.
    public mutating func refresh(
        _ token: String, clientID: String, scope: String? = nil, now: Double
    ) throws(Refusal) -> IssuedTokens {
        guard let claims = claims(token), claims.kind == .refresh else { throw .unknownGrant }
        let family = families[claims.family]
        guard family.clientID == clientID else { throw .foreignGrant }
        if claims.serial < family.refreshSerial { return try replay(claims, now: now) }
        guard !family.isRevoked else { throw .revoked }
        guard isGranted(scope, by: family.scope) else { throw .invalidScope }

        if policy.rotation == .everyUse { families[claims.family].refreshSerial += 1 }
        families[claims.family].accessSerial += 1
        families[claims.family].issuedAt = now
        families[claims.family].accessExpiresAt = now + family.lifetime
        return tokens(of: claims.family)
    }

    /// Revokes a refresh token with its family, or one access token; says nothing of tokens it does not know
    /// (RFC 7009 §2.2). Returns the subject whose grant ended.
    @discardableResult
    public mutating func revoke(_ token: String, clientID: String) throws(Refusal) -> String? {
        guard let claims = claims(token), claims.kind == .access || claims.kind == .refresh else {
            return nil
        }
        guard families[claims.family].clientID == clientID else { throw .foreignGrant }
        if claims.kind == .refresh {
            families[claims.family].isRevoked = true
        } else {
            families[claims.family].revokedAccess.insert(claims.serial)
        }
        return families[claims.family].subject
    }

    /// Revokes every family of `subject`, as a user does who disconnects the app at the provider.
    public mutating func revokeAll(subject: String) {
        for index in families.indices where families[index].subject == subject {
            families[index].isRevoked = true
        }
    }

    /// Whether an access token is good at `now`; it lapses at its expiry, not after it.
    public func check(accessToken: String, now: Double) -> AccessCheck {
        guard let claims = claims(accessToken), claims.kind == .access else { return .unknown }
        let family = families[claims.family]
        if family.isRevoked || family.revokedAccess.contains(claims.serial) {
            return .revoked(subject: family.subject)
        }
        guard now < claims.expiresAt else {
            return .expired(subject: family.subject, secondsAgo: now - claims.expiresAt)
        }
        return .valid(subject: family.subject, scope: family.scope)
    }

    /// Whose token or code this is, whatever its state.
    public func subject(of token: String) -> String? {
        guard let claims = claims(token) else { return nil }
        switch claims.kind {
        case .code: return codes[claims.family].request.subject
        case .access, .refresh: return families[claims.family].subject
        case .device:
            switch devices[claims.family].decision {
            case .approved(let subject): return subject
            case .redeemed(let family): return families[family].subject
            case .none, .denied: return nil
            }
        }
    }

    /// Whether this refresh token was rotated away.
    func isUsed(refreshToken: String) -> Bool {
        guard let claims = claims(refreshToken), claims.kind == .refresh else { return false }
        return claims.serial < families[claims.family].refreshSerial
    }

    /// Whether the access token that was issued last with this refresh token's family is no longer good.
    func hasLapsed(accessTokenBeside refreshToken: String, now: Double) -> Bool {
        guard let claims = claims(refreshToken), claims.kind == .refresh else { return false }
        return families[claims.family].accessExpiresAt <= now
    }

    /// The claims of a token of this server; one made under the same key by an earlier server is none.
    func claims(_ token: String) -> TokenClaims? {
        guard let claims = mint.claims(token) else { return nil }
        let known =
            switch claims.kind {
            case .code: codes.indices
            case .device: devices.indices
            case .access, .refresh: families.indices
            }
        return known.contains(claims.family) ? claims : nil
    }

    /// A refresh token that was used before came back.
    private mutating func replay(_ claims: TokenClaims, now: Double) throws(Refusal) -> IssuedTokens {
        let family = families[claims.family]
        let isPredecessor = claims.serial == family.refreshSerial - 1
        if isPredecessor, !family.isRevoked, now < family.issuedAt + policy.reuseGrace {
            return tokens(of: claims.family)
        }
        families[claims.family].isRevoked = true
        throw .reused
    }

    /// The newest pair of a family.
    func tokens(of index: Int) -> IssuedTokens {
        let family = families[index]
        let access = TokenClaims(
            kind: .access, family: index, serial: family.accessSerial, expiresAt: family.accessExpiresAt)
        let refresh = TokenClaims(
            kind: .refresh, family: index, serial: family.refreshSerial, expiresAt: .infinity)
        return IssuedTokens(
            subject: family.subject, accessToken: mint.token(access), refreshToken: mint.token(refresh),
            expiresAt: family.accessExpiresAt, scope: family.scope, idToken: idToken(of: family))
    }

    /// Where OpenID Connect was asked for. Only the first one repeats the nonce (Core 1.0 §12.2).
    private func idToken(of family: Family) -> String? {
        guard family.scope.split(separator: " ").contains("openid") else { return nil }
        return IDToken(
            iss: issuer, sub: family.subject, aud: family.clientID, iat: Int(clampingDown: family.issuedAt),
            exp: Int(clampingDown: family.accessExpiresAt),
            nonce: family.accessSerial == 0 ? family.nonce : nil
        ).text
    }

    private func isGranted(_ scope: String?, by granted: String) -> Bool {
        guard let scope else { return true }
        return Set(scope.split(separator: " ")).isSubset(of: Set(granted.split(separator: " ")))
    }
}

/// A pair of tokens as a family issued it.
public struct IssuedTokens: Hashable, Sendable {
    public let subject: String
    public let accessToken: String
    public let refreshToken: String
    /// Epoch seconds, exact; what goes on the wire is rounded down.
    public let expiresAt: Double
    /// Space-separated (RFC 6749 §3.3).
    public let scope: String
    /// Where the scope has `openid`.
    public let idToken: String?

    /// Whole epoch seconds, never later than the token really lapses.
    public var expiresAtRoundedDown: Int { Int(clampingDown: expiresAt) }
}

/// What the server thinks of an access token.
public enum AccessCheck: Hashable, Sendable {
    case valid(subject: String, scope: String)
    case expired(subject: String, secondsAgo: Double)
    case revoked(subject: String)
    case unknown
}

extension Int {
    /// The greatest integer not above `value`, clamped to what Int can hold; 0 for what is no number.
    init(clampingDown value: Double) {
        guard !value.isNaN else {
            self = 0
            return
        }
        self = Int(exactly: value.rounded(.down)) ?? (value < 0 ? .min : .max)
    }
}
