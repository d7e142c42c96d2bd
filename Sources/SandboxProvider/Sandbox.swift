// Decides what a test, the demo and the bench hold in hand: a running provider on loopback and what can be done to it.
// The server's task belongs to this object and ends with it.

import HummingbirdCore
import Logging
import NIOCore
import NIOPosix

/// A running authorization server on 127.0.0.1, with both dialects and the admin endpoints.
public final class Sandbox: Sendable {
    public struct Options: Sendable {
        /// 0 for one that is free.
        public var port = 0
        /// The first is the one that `createGrant` grants to where none is named.
        public var clients = [RegisteredClient.standard]
        public var policy = AuthorizationServer.Policy()
        /// Per client and token endpoint; nil for no limit and no X-RateLimit headers.
        public var quota: Quota?
        /// Seconds by which the provider's clock is ahead of this machine's, negative if behind; its `Date` header
        /// follows.
        public var clockOffset: Double = 0
        /// Of the dice that faults with a probability throw.
        public var seed: UInt64 = 1
        /// Keeps 40 bytes for each token request; a long benchmark switches it off.
        public var recordsTokenRequests = true

        public init() {}
    }

    /// The port it listens on.
    public let port: Int
    private let cell: ProviderCell
    private let server: Task<Void, any Error>

    private init(port: Int, cell: ProviderCell, server: Task<Void, any Error>) {
        self.port = port
        self.cell = cell
        self.server = server
    }

    deinit { server.cancel() }

    /// Starts a sandbox and returns when it accepts connections; throws what bind(2) did.
    public static func start(_ options: Options = Options()) async throws -> Sandbox {
        let cell = ProviderCell(options)
        let (ports, continuation) = AsyncThrowingStream<Int, any Error>.makeStream()
        // A burst of connections must wait for accept(2), not be turned away: 4096 is Linux's own cap (somaxconn).
        let configuration = ServerConfiguration(
            address: .hostname("127.0.0.1", port: options.port), backlog: 4096)
        let server = Server(
            childChannelSetup: HTTP1Channel(
                responder: { request, writer, channel in
                    try await Exchange(cell: cell, channel: channel).respond(to: request, writer)
                }, configuration: HTTP1Channel.Configuration(additionalChannelHandlers: [HangUpHandler()])),
            configuration: configuration,
            onServerRunning: { channel in
                if let port = channel.localAddress?.port { continuation.yield(port) }
            }, eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
            logger: Logger(label: "sandbox") { _ in SwiftLogNoOpLogHandler() })
        let task = Task {
            do {
                try await server.run()
                continuation.finish()
            } catch {
                continuation.finish(throwing: error)
                throw error
            }
        }
        var iterator = ports.makeAsyncIterator()
        guard let port = try await iterator.next() else { throw CancellationError() }
        let sandbox = Sandbox(port: port, cell: cell, server: task)
        cell.serve(at: sandbox.baseURL)
        return sandbox
    }

    /// Stops accepting, closes every connection, hung ones too, and returns when the port is free.
    public func stop() async {
        server.cancel()
        _ = await server.result
    }

    /// `http://127.0.0.1:port`, without a slash at the end.
    public var baseURL: String { "http://127.0.0.1:\(port)" }

    /// Calls `observer` after each event, on the thread that caused it; nil ends that.
    public func onEvent(_ observer: (@Sendable (Event) -> Void)?) { cell.observe(observer) }

    /// Starts a token family of `subject`, beside those it has.
    ///
    /// - Parameter lifetime: seconds of its access tokens, now and after each refresh; nil for the policy's.
    /// - Precondition: the client is registered.
    public func createGrant(
        subject: String, lifetime: Double? = nil, clientID: String? = nil, scope: String? = nil
    ) -> IssuedTokens {
        cell.grant(
            subject: subject, clientID: clientID ?? cell.defaultClientID, scope: scope, lifetime: lifetime)
    }

    /// Ends every grant of `subject`, as a user does who disconnects the app at the provider.
    public func revokeAll(subject: String) { cell.revokeAll(subject: subject) }

    /// Adds a fault behind those in force and returns the number by which it can be removed.
    @discardableResult
    public func addFault(_ fault: Fault) -> Int { cell.withLock { $0.faults.add(fault) } }

    public func removeFault(_ id: Int) { cell.withLock { $0.faults.remove(id) } }

    /// Removes all faults; requests that already met one suffer it to the end.
    public func clearFaults() { cell.withLock { $0.faults.removeAll() } }

    /// A copy of all counters; with very many subjects `counters(of:)` is cheaper.
    public var statistics: Statistics { cell.withLock { $0.statistics } }

    public func counters(of subject: String) -> Statistics.Counters {
        cell.withLock { $0.statistics[subject] }
    }

    /// Every request at a token endpoint, in order of arrival, unless the options say otherwise.
    public var tokenRequests: [TokenRequestRecord] { cell.withLock { $0.tokenRequests } }

    /// What the provider thinks of an access token now; not counted as an access.
    public func check(accessToken: String) -> AccessCheck {
        let now = cell.now
        return cell.withLock { $0.server.check(accessToken: accessToken, now: now) }
    }
}

extension ProviderCell {
    convenience init(_ options: Sandbox.Options) {
        guard let client = options.clients.first else {
            preconditionFailure("a sandbox needs at least one client")
        }
        var generator = SystemRandomNumberGenerator()
        let key = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        self.init(
            Provider(
                server: AuthorizationServer(clients: options.clients, policy: options.policy, key: key),
                faults: FaultList(seed: options.seed), quota: options.quota,
                recordsTokenRequests: options.recordsTokenRequests), clockOffset: options.clockOffset,
            defaultClientID: client.id)
    }
}
