// Decides how a token request crosses the network: once, to the address it names, within a bounded time. The HTTP client
// is async-http-client; what is ours is the strictness: no redirect is followed, nothing is sent twice, and every failure
// says whether the provider can have seen the request. Callbacks rather than async/await: the daemon's engine owns each
// exchange, and a Task of its own would be one more owner.

import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOSSL
import OAuth
import Vocabulary

/// Sends token requests to providers.
public final class OAuthSender: Sendable {
    /// How an exchange ended.
    public enum Outcome: Sendable {
        case answered(HTTPAnswer)
        /// The provider cannot have seen the request: name look-up, connecting or TLS failed. Nothing was consumed.
        case notSent(Failure, cause: String)
        /// The request, or part of it, was sent and no whole answer came: the provider may have acted on it.
        case lost(cause: String)
    }

    /// A whole HTTP answer.
    public struct HTTPAnswer: Sendable {
        public let status: Int
        let headers: HTTPHeaders
        /// Where it was over `largestBody` no more than its first character, which tells a page from anything else.
        public let body: [UInt8]
        /// When the request's head was written.
        public let sentAt: Moment
        /// When the last byte of the answer was read.
        public let receivedAt: Moment

        /// The first value of a header, by its name in any case.
        public func header(_ name: String) -> String? { headers.first(name: name) }
    }

    /// Bodies beyond this are cut off as malformed; token answers are a few kilobytes.
    public static let largestBody = 1 << 20
    /// Of connecting, TLS included.
    static let connectTimeout = TimeAmount.seconds(5)
    /// Of the whole exchange, from the call of `send`: whoever waits, it ends (R10).
    static let exchangeTimeout = TimeAmount.nanoseconds(Presentation.longest.nanoseconds)

    private let client: HTTPClient

    /// - Parameter concurrency: as many requests to one host as can be in flight at once; more wait for a connection, and
    ///   their time runs.
    public init(concurrency: Int) {
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow,
            timeout: .init(connect: Self.connectTimeout),
            // `ContentCoding` does it.
            decompression: .disabled)
        configuration.httpVersion = .http1Only
        // A refused connection is reported at once; when to try again is the engine's decision.
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = concurrency
        // A request written to a connection that the server is just closing is lost in doubt. Servers close idle
        // connections after 5 s and more: keep them for bursts only.
        configuration.connectionPool.idleTimeout = .seconds(2)
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    /// Sends `request` and calls `completion` exactly once, on a thread of the HTTP client.
    public func send(
        _ request: TokenRequest, tls: TLSFiles, completion: @escaping @Sendable (Outcome) -> Void
    ) {
        execute(completion) { try Self.prepare(request, tls) }
    }

    /// Reads a public document, such as an authorization server's metadata (RFC 8414 §3), and calls `completion` exactly
    /// once, on a thread of the HTTP client.
    public func get(_ url: String, tls: TLSFiles, completion: @escaping @Sendable (Outcome) -> Void) {
        execute(completion) {
            let headers: HTTPHeaders = [
                "Accept": "application/json", "Accept-Encoding": "identity",
                "User-Agent": "tokend/\(tokendVersion)",
            ]
            return try HTTPClient.Request(
                url: url, method: .GET, headers: headers, tlsConfiguration: try Self.trust(tls))
        }
    }

    private func execute(
        _ completion: @escaping @Sendable (Outcome) -> Void, _ prepare: () throws -> HTTPClient.Request
    ) {
        let prepared: HTTPClient.Request
        do {
            prepared = try prepare()
        } catch let error as TrustError {
            return completion(.notSent(Failure(.tls, isOfClient: true), cause: error.description))
        } catch {
            return completion(
                .notSent(
                    Failure(.clientConfiguration), cause: "the request cannot be built: \(type(of: error))"))
        }
        let delegate = ExchangeDelegate(largestBody: Self.largestBody)
        let task = client.execute(
            request: prepared, delegate: delegate, deadline: .now() + Self.exchangeTimeout)
        task.futureResult.whenComplete { result in
            switch result {
            case .success(let answer): completion(.answered(answer))
            case .failure(let error): completion(delegate.outcome(of: error))
            }
        }
    }

    /// Closes all connections; exchanges in flight end as lost. Blocks; call when none is.
    public func close() { try? client.syncShutdown() }

    private static func prepare(_ request: TokenRequest, _ tls: TLSFiles) throws -> HTTPClient.Request {
        var headers = HTTPHeaders()
        for (name, value) in request.headers { headers.add(name: name, value: value) }
        // Without it any coding would do (RFC 9110 §12.5.3).
        if !headers.contains(name: "Accept-Encoding") {
            headers.add(name: "Accept-Encoding", value: "identity")
        }
        return try HTTPClient.Request(
            url: request.url, method: request.method == .get ? .GET : .POST, headers: headers,
            body: request.body.isEmpty ? nil : .bytes(request.body), tlsConfiguration: try trust(tls))
    }

    private struct TrustError: Error {
        let description: String
    }

    private static func trust(_ files: TLSFiles) throws -> TLSConfiguration {
        var configuration = TLSConfiguration.makeClientConfiguration()
        // RFC 9325 §3.1.1: nothing older, and no fallback.
        configuration.minimumTLSVersion = .tlsv12
        if let caFile = files.caFile {
            do {
                configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(caFile))
            } catch {
                throw TrustError(description: "tls.ca_file \(caFile) cannot be read as PEM certificates")
            }
        }
        guard let certificateFile = files.certificateFile, let keyFile = files.keyFile else {
            return configuration
        }
        do {
            configuration.certificateChain = try NIOSSLCertificate.fromPEMFile(certificateFile).map {
                .certificate($0)
            }
            configuration.privateKey = .privateKey(try NIOSSLPrivateKey(file: keyFile, format: .pem))
        } catch {
            throw TrustError(
                description: "tls.certificate_file \(certificateFile) or its key cannot be read as PEM")
        }
        return configuration
    }
}
