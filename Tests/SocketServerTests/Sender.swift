// Decides how a test sends and answers beside its own reading: on threads of its own, which it waits for.

import CLinux
import Dispatch
import Glibc
import Synchronization
import WireProtocol

@testable import SocketServer

/// Sends a text on a thread of its own.
final class Sender: Sendable {
    private let done = DispatchSemaphore(value: 0)

    /// - Parameter pieces: a seed to cut the text at random; nil sends it as one.
    init(_ text: String, to descriptor: Int32, pieces: UInt64? = nil) {
        let bytes = Array(text.utf8)
        let done = self.done
        DispatchQueue(label: "sender").async {
            var random = pieces.map(SplitMix.init)
            var start = 0
            while start < bytes.count {
                let piece = random == nil ? bytes.count : Int.random(in: 1...200, using: &random!)
                let count = bytes.withUnsafeBytes {
                    send(
                        descriptor, $0.baseAddress! + start, min(piece, bytes.count - start),
                        Int32(MSG_NOSIGNAL))
                }
                guard count > 0 else { break }
                start += count
            }
            done.signal()
        }
    }

    func wait() { done.wait() }
}

/// Answers what comes to a server's inbox with the account's name, on a thread of its own and in random order.
final class Answerer: Sendable {
    private let isStopped = Atomic(false)
    private let done = DispatchSemaphore(value: 0)

    init(_ test: TestServer, seed: UInt64) {
        let (inbox, server) = (test.inbox, test.server)
        DispatchQueue(label: "answerer").async { [self] in
            var random = SplitMix(state: seed)
            while !isStopped.load(ordering: .relaxed) {
                var batch = inbox.takeAll()
                batch.shuffle(using: &random)
                for received in batch { server.reply(Self.answer(received.request), to: received.ticket) }
                sched_yield()
            }
            done.signal()
        }
    }

    func stop() {
        isStopped.store(true, ordering: .relaxed)
        done.wait()
    }

    private static func answer(_ request: Request) -> [UInt8] {
        switch request {
        case .get(let account, _), .add(let account, _), .refresh(let account): Reply.ok(account.text)
        default: Reply.ok()
        }
    }
}
