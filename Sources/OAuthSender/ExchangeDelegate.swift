// Decides what one exchange amounted to: collects the answer under the size cap and, for a failure, remembers whether
// any byte of the request went out.

import AsyncHTTPClient
import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization
import Vocabulary

/// Collects one answer. Called by the HTTP client on one event loop at a time.
final class ExchangeDelegate: HTTPClientResponseDelegate {
    typealias Response = OAuthSender.HTTPAnswer

    private struct State {
        var sentAt: Moment?
        var head: HTTPResponseHead?
        var body: [UInt8] = []
    }

    private let state = Mutex(State())
    private let largestBody: Int
    private let startedAt = Moment.now()

    init(largestBody: Int) { self.largestBody = largestBody }

    struct BodyTooLarge: Error {}

    func didSendRequestHead(task: HTTPClient.Task<OAuthSender.HTTPAnswer>, _ head: HTTPRequestHead) {
        state.withLock { $0.sentAt = .now() }
    }

    func didReceiveHead(task: HTTPClient.Task<OAuthSender.HTTPAnswer>, _ head: HTTPResponseHead)
        -> EventLoopFuture<Void>
    {
        state.withLock { $0.head = head }
        return task.eventLoop.makeSucceededVoidFuture()
    }

    func didReceiveBodyPart(task: HTTPClient.Task<OAuthSender.HTTPAnswer>, _ part: ByteBuffer)
        -> EventLoopFuture<Void>
    {
        let fits = state.withLock { state in
            guard state.body.count + part.readableBytes <= largestBody else { return false }
            state.body.append(contentsOf: part.readableBytesView)
            return true
        }
        return fits
            ? task.eventLoop.makeSucceededVoidFuture() : task.eventLoop.makeFailedFuture(BodyTooLarge())
    }

    func didFinishRequest(task: HTTPClient.Task<OAuthSender.HTTPAnswer>) throws -> OAuthSender.HTTPAnswer {
        try state.withLock { state in
            guard let head = state.head else { throw HTTPClientError.remoteConnectionClosed }
            // An answer that comes before the request was all sent has no `sentAt` yet: count from the start.
            return OAuthSender.HTTPAnswer(
                status: Int(head.status.code), headers: head.headers,
                body: ContentCoding.decoded(state.body, head.headers, limit: largestBody),
                sentAt: state.sentAt ?? startedAt, receivedAt: .now())
        }
    }

    /// What `error` means for the refresh token that was presented.
    func outcome(of error: any Error) -> OAuthSender.Outcome {
        let (sentAt, head, body) = state.withLock { ($0.sentAt, $0.head, $0.body) }
        if error is BodyTooLarge, let head {
            // The provider has answered, uselessly: as malformed as a truncated body of that status. Not as an empty one,
            // which may have a meaning; and no more of it than a form cut short could pass for whole.
            return .answered(
                OAuthSender.HTTPAnswer(
                    status: Int(head.status.code), headers: head.headers,
                    body: Array(body.drop { $0 <= 0x20 }.prefix(1)),
                    sentAt: sentAt ?? startedAt, receivedAt: .now()))
        }
        if sentAt != nil { return .lost(cause: Self.cause(error)) }
        if Self.isTLS(error) { return .notSent(Failure(.tls, isOfClient: true), cause: Self.cause(error)) }
        return .notSent(Failure(.transient), cause: Self.cause(error))
    }

    private static func isTLS(_ error: any Error) -> Bool {
        if let error = error as? NIOSSLError, case .handshakeFailed(let cause) = error {
            return !isLostConnection(cause)
        }
        return error is NIOSSLExtraError || error is BoringSSLError
    }

    /// A peer that hangs up in the middle of a handshake has refused nothing: that passes.
    private static func isLostConnection(_ error: BoringSSLError) -> Bool {
        error == .syscallError || error == .zeroReturn || error == .sslError([.eofDuringHandshake])
            || error == .sslError([.eofDuringAdditionalCertficiateChainValidation])
    }

    /// The error in words that hold no part of the request or the answer.
    private static func cause(_ error: any Error) -> String {
        switch error {
        case let error as HTTPClientError: error.shortDescription
        case let error as NIOConnectionError:
            "cannot connect to \(error.host):\(error.port)"
                + ": " + (error.connectionErrors.first.map { cause($0.error) } ?? "name look-up failed")
        case let error as IOError: String(cString: strerror(error.errnoCode))
        case NIOSSLError.handshakeFailed(let error): "TLS: \(words(error))"
        case let error as BoringSSLError: "TLS: \(words(error))"
        case is NIOSSLError, is NIOSSLExtraError: "TLS: \(error)"
        default: "\(type(of: error))"
        }
    }

    /// BoringSSL's reasons without its numbers and the places in its source.
    private static func words(_ error: BoringSSLError) -> String {
        guard case .sslError(let stack) = error, !stack.isEmpty else { return "\(error)" }
        return stack.map { reason(in: $0.description) }.joined(separator: ", ")
    }

    /// - Parameter text: `Error: <number> error:<hex>:SSL routines:<function>:<REASON> at <file>:<line>`.
    private static func reason(in text: String) -> String {
        guard let place = text.firstRange(of: " at ") else { return text }
        let reason = text[..<place.lowerBound].split(separator: ":").last.map(String.init) ?? text
        return reason == "CERTIFICATE_VERIFY_FAILED"
            ? "the certificate has expired or comes from no authority that is trusted here (tls.ca_file)"
            : reason.lowercased().replacing("_", with: " ")
    }
}
