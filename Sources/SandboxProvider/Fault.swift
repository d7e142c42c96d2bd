// Decides which ways of failing a test can order. A fault says what to do and whom to do it to; how it is done to a
// connection is `Exchange`'s. A closure as a fault was rejected: it could not come over HTTP.

/// Where a request arrives.
public enum Endpoint: String, Hashable, Sendable, CaseIterable, Codable {
    case seamlessAuthorize = "seamless-authorize"
    case seamlessToken = "seamless-token"
    /// `/api/client/v1/search/contacts`.
    case seamlessContacts = "seamless-contacts"
    case authorize
    /// `/.well-known/oauth-authorization-server` and `/.well-known/openid-configuration`.
    case metadata
    case deviceAuthorization = "device-authorization"
    /// `/device`, where a user enters the code.
    case device
    case token
    case revoke
    case userinfo
}

extension Set<Endpoint> {
    /// The token endpoints of both dialects.
    public static let tokenEndpoints: Set<Endpoint> = [.seamlessToken, .token]
}

/// An answer that a test wrote.
public struct ScriptedAnswer: Hashable, Sendable {
    public var status: Int
    /// A `Date` or `Content-Type` here replaces the server's own.
    public var headers: [String: String]
    public var body: [UInt8]

    public init(status: Int, headers: [String: String] = [:], body: [UInt8]) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    public init(status: Int, headers: [String: String] = [:], body: String = "") {
        self.init(status: status, headers: headers, body: Array(body.utf8))
    }
}

/// Something that goes wrong, and for which requests.
public struct Fault: Hashable, Sendable {
    public enum Action: Hashable, Sendable {
        /// Waits, then processes and answers, even if the client has gone.
        case delay(seconds: Double)
        /// Processes at once (the token is rotated), then waits and answers.
        case delayAnswer(seconds: Double)
        /// Answers without processing.
        case respond(ScriptedAnswer)
        /// Processes, then answers this. In a UTF-8 body `{{access_token}}`, `{{refresh_token}}` and
        /// `{{expires_at}}` stand for what was issued.
        case bodyOverride(ScriptedAnswer)
        /// Closes the connection without processing or answering.
        case dropBefore
        /// Processes, then closes the connection without a byte of the answer.
        case rotateAndLose
        /// Processes, sends the head and half of the body, then closes the connection.
        case truncate
        /// Neither processes nor answers until the client closes or the server stops.
        case hang
        /// Processes, sends the head, then one byte of the body per interval.
        case drip(secondsPerByte: Double)
        /// Sends a body that never ends, without processing.
        case huge
        /// Sends a head that never ends, without processing.
        case endlessHead
    }

    public var action: Action
    public var endpoints: Set<Endpoint>
    /// Only requests about this subject's grants; nil for all, also those about nobody's.
    public var subject: String?
    /// Only requests of this client; nil for all, also those of nobody.
    public var clientID: String?
    /// For so many requests; nil until it is removed.
    public var count: Int?
    /// Of each matching request, by the sandbox's seeded generator; those spared are not counted.
    public var probability: Double

    public init(
        _ action: Action, endpoints: Set<Endpoint> = .tokenEndpoints, subject: String? = nil,
        clientID: String? = nil, count: Int? = nil, probability: Double = 1
    ) {
        self.action = action
        self.endpoints = endpoints
        self.subject = subject
        self.clientID = clientID
        self.count = count
        self.probability = probability
    }
}

extension Fault.Action {
    /// The server never gets to see the request.
    var preventsProcessing: Bool {
        switch self {
        case .respond, .dropBefore, .hang, .huge, .endlessHead: true
        case .delay, .delayAnswer, .bodyOverride, .rotateAndLose, .truncate, .drip: false
        }
    }
}
