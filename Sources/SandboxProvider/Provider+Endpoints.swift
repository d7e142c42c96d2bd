// Decides what every endpoint but the token endpoints answers: authorization, device, metadata, revocation, and the API
// behind it all.

extension Provider {
    mutating func authorize(_ endpoint: Endpoint, _ query: String, now: Double) -> Outcome {
        // Seamless does not name itself (RFC 9207).
        let issuer = endpoint == .authorize ? server.issuer : nil
        return Outcome(answer: server.authorizationAnswer(query, issuer: issuer, now: now))
    }

    var metadata: Outcome {
        Outcome(answer: Answer(status: 200, json: Metadata(issuer: server.issuer, baseURL: server.baseURL)))
    }

    mutating func authorizeDevice(
        _ request: Result<DeviceRequest, Rejection>, now: Double
    ) -> Outcome {
        do throws(Rejection) {
            let request = try request.get()
            let client: RegisteredClient
            do throws(Refusal) {
                client = try server.authenticate(id: request.client.id, secret: request.client.secret)
            } catch {
                throw Rejection(error, usedBasic: request.client.usedBasic)
            }
            let authorization = server.authorizeDevice(
                clientID: client.id, scope: request.scope ?? "", now: now)
            return Outcome(answer: PlainDialect.answer(authorization, page: server.baseURL + "/device"))
        } catch {
            return Outcome(answer: PlainDialect.answer(error))
        }
    }

    mutating func revoke(_ request: Result<RevocationRequest, Rejection>) -> Outcome {
        do throws(Rejection) {
            let request = try request.get()
            let subject: String?
            do throws(Refusal) {
                let client = try server.authenticate(id: request.client.id, secret: request.client.secret)
                subject = try server.revoke(request.token, clientID: client.id)
            } catch {
                throw Rejection(error, usedBasic: request.client.usedBasic)
            }
            guard let subject else { return Outcome(answer: PlainDialect.revoked) }
            statistics.count(subject) { $0.revocations += 1 }
            return Outcome(answer: PlainDialect.revoked, events: [.revoked(subject: subject)])
        } catch {
            return Outcome(answer: PlainDialect.answer(error))
        }
    }

    mutating func access(_ endpoint: Endpoint, token: String?, now: Double) -> Outcome {
        let check = token.map { server.check(accessToken: $0, now: now) } ?? .unknown
        if case .valid(let subject, _) = check {
            statistics.count(subject) { $0.accessesGranted += 1 }
            let answer =
                endpoint == .userinfo
                ? Answer(status: 200, json: ["sub": subject]) : SeamlessDialect.contacts
            return Outcome(answer: answer, events: [.accessGranted(subject: subject)])
        }
        let (subject, lapse) = check.refused
        statistics.count(subject) { counters in
            counters.accessesRefused += 1
            if let lapse { counters.longestLapse = max(lapse, counters.longestLapse ?? lapse) }
        }
        let answer =
            endpoint == .userinfo
            ? PlainDialect.unauthorized(hasToken: token != nil) : SeamlessDialect.unauthorized
        return Outcome(answer: answer, events: [.accessRefused(subject: subject, lapsedFor: lapse)])
    }
}

extension AccessCheck {
    /// Whose token was refused, and how long ago it lapsed.
    fileprivate var refused: (subject: String?, lapse: Double?) {
        switch self {
        case .expired(let subject, let secondsAgo): (subject, secondsAgo)
        case .revoked(let subject): (subject, nil)
        case .unknown, .valid: (nil, nil)
        }
    }
}
