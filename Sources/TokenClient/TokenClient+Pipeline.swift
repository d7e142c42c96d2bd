// Decides how many requests go through one connection fast: ahead of their answers, but only so far, and always
// reading while writing. Writing everything first was rejected: once the answers fill both sockets' buffers the daemon
// stops reading, and both sides would wait for each other.

import Vocabulary
import WireProtocol

/// What the source of a pipeline has to say when it is asked for the next request.
public enum PipelineStep: Sendable {
    case send(EncodedRequest)
    /// Nothing yet: take some answers first, then ask again.
    case later
    case end
}

extension TokenClient {
    /// Requests sent ahead of their answers. Enough to hide the daemon's group commit (100 rows) several times over.
    public static let pipelineRequests = 512
    /// Bytes queued ahead of the kernel: what a Unix socket's buffer takes at once.
    public static let pipelineBytes = 256 << 10

    /// Sends the requests that `next` yields and hands each answer to `answered`, in order. `timeout` bounds the
    /// connecting and then each answer, from the answer before it; not the whole.
    ///
    /// - Parameter next: Its argument is true while nothing is outstanding: it may take its time then. Otherwise answers
    ///   may be waiting, and it should say `later` rather than block; idle, it must not.
    /// - Throws: Why the rest has no answer. Requests that were sent and not answered may have taken effect.
    public func pipeline(
        next: (_ isIdle: Bool) -> PipelineStep, answered: (Result<Answer, RequestError>) -> Void
    ) throws(TokenClientError) {
        try withConnection(by: .now() + timeout) { connection throws(TokenClientError) in
            var outstanding = 0
            var isEnded = false
            while true {
                fill: while !isEnded, outstanding < Self.pipelineRequests,
                    connection.unsent < Self.pipelineBytes
                {
                    switch next(outstanding == 0) {
                    case .send(let request):
                        connection.enqueue(request)
                        outstanding += 1
                    case .later: break fill
                    case .end: isEnded = true
                    }
                }
                guard outstanding > 0 else {
                    if isEnded { return }
                    continue
                }
                answered(try connection.answer(by: .now() + timeout))
                outstanding -= 1
                while outstanding > 0, let answer = try connection.answerAtHand() {
                    answered(answer)
                    outstanding -= 1
                }
            }
        }
    }
}
