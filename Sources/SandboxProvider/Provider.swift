// Decides everything between a request that was read and an answer that is ready to write: which fault meets it, what
// the authorization server says, what is counted and told. A value under the shell's one lock; it never waits.

/// The authorization server with its faults, rate limits and statistics.
struct Provider: Sendable {
    /// What becomes of a request that just arrived.
    struct Arrival: Sendable {
        /// Whose grant it is about, if that can be told.
        let subject: String?
        let fault: Fault.Action?
    }

    /// The outcome of a request that was processed.
    struct Outcome: Sendable {
        let answer: Answer
        /// What was issued, for placeholders in scripted bodies.
        var tokens: IssuedTokens?
        var events: [Event] = []
    }

    var server: AuthorizationServer
    var statistics = Statistics()
    private(set) var tokenRequests: [TokenRequestRecord] = []
    var faults: FaultList
    private let quota: Quota?
    private let recordsTokenRequests: Bool
    private var limits: [RateLimitKey: RateLimit] = [:]

    private struct RateLimitKey: Hashable {
        let clientID: String
        let endpoint: Endpoint
    }

    init(
        server: AuthorizationServer, faults: FaultList, quota: Quota?, recordsTokenRequests: Bool
    ) {
        self.server = server
        self.faults = faults
        self.quota = quota
        self.recordsTokenRequests = recordsTokenRequests
    }

    /// Counts the request and finds its fault. Each arrival of a token request needs one `land`.
    ///
    /// - Parameter milliseconds: on CLOCK_MONOTONIC.
    mutating func arrive(_ operation: Operation, milliseconds: Double) -> Arrival {
        let subject = operation.credential.flatMap { server.subject(of: $0) }
        if operation.isTokenRequest {
            statistics.count(subject) { $0.takeOff() }
            if recordsTokenRequests {
                tokenRequests.append(
                    TokenRequestRecord(
                        milliseconds: milliseconds, subject: subject, clientID: operation.clientID))
            }
        }
        let fault = faults.take(
            endpoint: operation.endpoint, subject: subject, clientID: operation.clientID)
        if let fault {
            statistics.count(subject) { counters in
                counters.faults += 1
                if operation.isTokenRequest, fault.preventsProcessing {
                    counters.failures[Refusal.scripted.rawValue, default: 0] += 1
                }
            }
        }
        return Arrival(subject: subject, fault: fault)
    }

    /// A token request is no longer in flight.
    mutating func land(subject: String?) { statistics.count(subject) { $0.land() } }

    /// Carries the request out.
    mutating func process(_ operation: Operation, now: Double) -> Outcome {
        switch operation {
        case .authorize(let endpoint, let query): authorize(endpoint, query, now: now)
        case .metadata: metadata
        case .deviceAuthorization(let request): authorizeDevice(request, now: now)
        case .device(let query): Outcome(answer: server.devicePage(query, now: now))
        case .token(let endpoint, let request): issue(endpoint, request, now: now)
        case .revoke(let request): revoke(request)
        case .access(let endpoint, let token): access(endpoint, token: token, now: now)
        }
    }

    mutating func grant(
        subject: String, clientID: String, scope: String, lifetime: Double?, now: Double
    ) -> IssuedTokens {
        statistics.count(subject) { _ in }
        return server.grant(
            subject: subject, clientID: clientID, scope: scope, lifetime: lifetime, now: now)
    }

    mutating func revokeAll(subject: String) {
        server.revokeAll(subject: subject)
        statistics.count(subject) { $0.revocations += 1 }
    }

    // MARK: Token endpoints

    private mutating func issue(
        _ endpoint: Endpoint, _ request: Result<TokenRequest, Rejection>, now: Double
    ) -> Outcome {
        let subject = (try? request.get())?.grant.credential.flatMap { server.subject(of: $0) }
        var headers: [String: String] = [:]
        do throws(Rejection) {
            let request = try request.get()
            let reading = limit(request.client.id, endpoint, now: now)
            if endpoint == .seamlessToken, let reading { headers = reading.headers }
            if let reading, !reading.isAllowed {
                if endpoint == .token {
                    headers["Retry-After"] = String(max(1, reading.reset - Int(clampingDown: now)))
                }
                throw Rejection(.rateLimited)
            }
            let (tokens, events) = try tokens(for: request, endpoint, now: now)
            return Outcome(
                answer: render(tokens, for: request, endpoint, now: now).adding(headers), tokens: tokens,
                events: events)
        } catch {
            let answer =
                endpoint == .seamlessToken ? SeamlessDialect.answer(error) : PlainDialect.answer(error)
            return Outcome(answer: answer.adding(headers), events: refuse(error.refusal, subject))
        }
    }

    private mutating func tokens(
        for request: TokenRequest, _ endpoint: Endpoint, now: Double
    ) throws(Rejection) -> (IssuedTokens, [Event]) {
        do throws(Refusal) {
            let client = try client(of: request)
            switch request.grant {
            case .refreshToken(let token, let scope):
                if endpoint == .seamlessToken, !client.accepts(redirectURI: request.redirectURI ?? "") {
                    throw .redirectURIMismatch
                }
                let isReplay = server.isUsed(refreshToken: token)
                let isLate = server.hasLapsed(accessTokenBeside: token, now: now)
                let tokens = try server.refresh(token, clientID: client.id, scope: scope, now: now)
                statistics.count(tokens.subject) { counters in
                    guard !isReplay else {
                        counters.replays += 1
                        return
                    }
                    counters.refreshes += 1
                    if isLate { counters.lateRefreshes += 1 }
                    counters.lastRefreshAt = now
                }
                return (tokens, [.refreshed(subject: tokens.subject, expiresAt: tokens.expiresAt)])
            case .authorizationCode(let code, let verifier):
                let tokens = try server.redeem(
                    code: code, redirectURI: request.redirectURI, verifier: verifier, clientID: client.id,
                    now: now)
                return redeemed(tokens)
            case .deviceCode(let code):
                return redeemed(try server.redeem(deviceCode: code, clientID: client.id, now: now))
            case .clientCredentials(let scope):
                return redeemed(server.grantToClient(client.id, scope: scope, now: now))
            case .assertion(let claims, let scope):
                return redeemed(try server.grant(claims, scope: scope, now: now))
            }
        } catch {
            throw Rejection(error, usedBasic: request.client.usedBasic)
        }
    }

    /// The client that asks: by its secret, or because an assertion of its own is there.
    private func client(of request: TokenRequest) throws(Refusal) -> RegisteredClient {
        if case .assertion = request.grant, request.client.secret == nil {
            guard let client = server.clients[request.client.id] else { throw .invalidClient }
            return client
        }
        return try server.authenticate(id: request.client.id, secret: request.client.secret)
    }

    private mutating func redeemed(_ tokens: IssuedTokens) -> (IssuedTokens, [Event]) {
        statistics.count(tokens.subject) { $0.redemptions += 1 }
        return (tokens, [.granted(subject: tokens.subject, expiresAt: tokens.expiresAt)])
    }

    private func render(
        _ tokens: IssuedTokens, for request: TokenRequest, _ endpoint: Endpoint, now: Double
    ) -> Answer {
        var includesRefreshToken = !request.grant.isRepeatable
        if case .refreshToken = request.grant, server.policy.rotation == .neverAndOmitted {
            includesRefreshToken = false
        }
        return endpoint == .seamlessToken
            ? SeamlessDialect.answer(tokens, includesRefreshToken: includesRefreshToken)
            : PlainDialect.answer(tokens, includesRefreshToken: includesRefreshToken, now: now)
    }

    private mutating func refuse(_ refusal: Refusal, _ subject: String?) -> [Event] {
        statistics.count(subject) { counters in
            counters.failures[refusal.rawValue, default: 0] += 1
            if refusal == .reused { counters.reuses += 1 }
        }
        let refused = Event.refused(subject: subject, refusal)
        if refusal == .reused, let subject { return [.reused(subject: subject), refused] }
        return [refused]
    }

    /// One more request of a registered client at this endpoint; nil where nothing is limited.
    private mutating func limit(
        _ clientID: String, _ endpoint: Endpoint, now: Double
    ) -> RateLimit.Reading? {
        guard let quota, server.clients[clientID] != nil else { return nil }
        let key = RateLimitKey(clientID: clientID, endpoint: endpoint)
        return limits[key, default: RateLimit(quota)].take(now: now)
    }
}

extension Answer {
    fileprivate func adding(_ headers: [String: String]) -> Answer {
        var answer = self
        answer.headers.merge(headers) { _, added in added }
        return answer
    }
}
