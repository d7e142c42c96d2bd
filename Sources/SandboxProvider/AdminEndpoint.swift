// Decides what a script can do to a running sandbox over HTTP: what a test does through `Sandbox`, under `/sandbox/`.
// It asks for no credential, since the sandbox listens on loopback and guards nothing.

import FoundationEssentials

/// Answers `/sandbox/grants`, `/sandbox/revocations`, `/sandbox/faults` and `/sandbox/statistics`.
struct AdminEndpoint: Sendable {
    private struct GrantRequest: Decodable {
        let subject: String
        /// Seconds.
        let lifetime: Double?
        let scope: String?
        let clientId: String?
    }

    private struct GrantAnswer: Encodable {
        let accessToken: String
        let refreshToken: String
        let expiresAt: Int
        let tokenType = "Bearer"
        let scope: String
    }

    private struct Subject: Decodable { let subject: String }

    let cell: ProviderCell

    func answer(_ request: WireRequest) -> Answer {
        do {
            switch (request.method, request.path) {
            case ("POST", "/sandbox/grants"): return try grant(decoded(request))
            case ("POST", "/sandbox/revocations"):
                let subject = try decoded(request, as: Subject.self).subject
                cell.revokeAll(subject: subject)
                return Answer(status: 204)
            case ("POST", "/sandbox/faults"):
                let fault = try decoded(request, as: Fault.self)
                return Answer(status: 201, json: ["id": cell.withLock { $0.faults.add(fault) }])
            case ("DELETE", "/sandbox/faults"):
                cell.withLock { $0.faults.removeAll() }
                return Answer(status: 204)
            case ("DELETE", let path) where path.hasPrefix("/sandbox/faults/"):
                guard let id = Int(path.dropFirst("/sandbox/faults/".count)) else { break }
                cell.withLock { $0.faults.remove(id) }
                return Answer(status: 204)
            case ("GET", "/sandbox/statistics"):
                return Answer(status: 200, json: cell.withLock { $0.statistics })
            default: break
            }
            return .text(404, "no such endpoint")
        } catch {
            return Answer(status: 400, json: ["error": Self.sentence(error)])
        }
    }

    private func grant(_ request: GrantRequest) throws -> Answer {
        let known = cell.withLock { $0.server.clients.keys.sorted() }
        let clientID = request.clientId ?? cell.defaultClientID
        guard known.contains(clientID) else { return Answer(status: 400, json: ["error": "unknown client"]) }
        let tokens = cell.grant(
            subject: request.subject, clientID: clientID, scope: request.scope, lifetime: request.lifetime)
        return Answer(
            status: 201,
            json: GrantAnswer(
                accessToken: tokens.accessToken, refreshToken: tokens.refreshToken,
                expiresAt: tokens.expiresAtRoundedDown, scope: tokens.scope))
    }

    private func decoded<Value: Decodable>(
        _ request: WireRequest, as type: Value.Type = Value.self
    ) throws -> Value {
        let decoder = JSONDecoder()
        if type != Fault.self { decoder.keyDecodingStrategy = .convertFromSnakeCase }
        return try decoder.decode(type, from: Data(request.body))
    }

    private static func sentence(_ error: any Error) -> String {
        switch error as? DecodingError {
        case .keyNotFound(let key, _): "\(key.stringValue) is missing"
        case .typeMismatch(_, let context), .valueNotFound(_, let context):
            "\(context.codingPath.map(\.stringValue).joined(separator: ".")) has the wrong type"
        case .dataCorrupted(let context): context.debugDescription
        default: "the body must be a JSON object"
        }
    }
}
