// Decides how a test asks a provider without a socket: one client, one account, a fixed moment.

import FoundationEssentials
import Testing

@testable import SandboxProvider

/// When everything in these tests begins.
let epoch = 1_800_000_000.5

extension Provider {
    init(
        requestsPerMinute: Int? = nil, _ change: (inout AuthorizationServer.Policy) -> Void = { _ in }
    ) {
        var policy = AuthorizationServer.Policy()
        change(&policy)
        self.init(
            server: AuthorizationServer(
                clients: [RegisteredClient.standard], policy: policy, key: Array(0..<32)),
            faults: FaultList(seed: 1), quota: requestsPerMinute.map { Quota($0, perSeconds: 60) },
            recordsTokenRequests: true)
    }

    mutating func alice() -> IssuedTokens {
        grant(
            subject: "alice", clientID: RegisteredClient.standard.id, scope: "read", lifetime: nil, now: epoch
        )
    }

    mutating func process(_ request: WireRequest, now: Double = epoch) throws -> Outcome {
        process(try #require(Operation(request)), now: now)
    }
}

func seamless(_ members: [String: String?], contentType: String = "application/json") throws
    -> WireRequest
{
    var body = [
        "client_id": RegisteredClient.standard.id, "client_secret": RegisteredClient.standard.secret,
        "redirect_uri": RegisteredClient.standard.redirectURIs[0],
        "grant_type": "refresh_token",
    ]
    for (name, value) in members { body[name] = value }
    return WireRequest(
        method: "POST", path: "/api/client/v1/oauth/accessToken", contentType: contentType,
        body: Array(try JSONEncoder().encode(body)))
}

func form(_ body: String, path: String = "/token", authorization: String? = nil) -> WireRequest {
    WireRequest(
        method: "POST", path: path, contentType: "application/x-www-form-urlencoded",
        authorization: authorization, body: Array(body.utf8))
}

let credentials = "client_id=sandbox-client&client_secret=sandbox-secret"

func object(_ answer: Answer) throws -> [String: JSONScalar] {
    try JSONDecoder().decode([String: JSONScalar].self, from: Data(answer.body))
}

/// A member of an answer.
enum JSONScalar: Decodable, Equatable {
    case string(String)
    case integer(Int)
    case list

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let string = try? container.decode(String.self) {
            self = .string(string)
        } else if let integer = try? container.decode(Int.self) {
            self = .integer(integer)
        } else {
            self = .list
        }
    }
}
