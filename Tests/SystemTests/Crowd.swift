// Clients that never stop asking, whatever becomes of the daemon: while it is down they knock until it is back.

import Foundation
import SandboxProvider
import Synchronization

/// Clients, each on a thread of its own, that check every token they get with the provider.
final class Crowd: Sendable {
    private let path: String
    private let subjects: [String]
    private let sandbox: Sandbox
    private let isOver = Atomic(false)
    private let ended = DispatchSemaphore(value: 0)
    private let size: Int
    let served = Atomic(0)
    private let wrong = Mutex<[String]>([])

    /// What a client got and should not have got: another account's token, an expired one, one of nobody.
    var violations: [String] { wrong.withLock { $0 } }

    init(of size: Int = 2, at daemon: RunningDaemon, _ subjects: [String], _ sandbox: Sandbox) {
        self.size = size
        path = daemon.socketPath
        self.subjects = subjects
        self.sandbox = sandbox
        for _ in 0..<size {
            Thread.detachNewThread { [self] in
                while !isOver.load(ordering: .relaxed) {
                    // The daemon is down, or went down in the middle.
                    try? ask()
                    poll(nil, 0, 5)
                }
                ended.signal()
            }
        }
    }

    /// Returns when all clients have gone.
    func disperse() {
        isOver.store(true, ordering: .relaxed)
        for _ in 0..<size { ended.wait() }
    }

    private func ask() throws {
        let wire = try Wire(path)
        var random = SystemRandomNumberGenerator()
        while !isOver.load(ordering: .relaxed), let subject = subjects.randomElement(using: &random) {
            let asked = Date()
            if let token = try wire.token(subject, "wait=1") {
                served.add(1, ordering: .relaxed)
                judge(token, of: subject, asked)
            }
            poll(nil, 0, 2)
        }
    }

    private func judge(_ token: String, of subject: String, _ asked: Date) {
        switch sandbox.check(accessToken: token) {
        // A late replay may have cost an account its grant: its last token is served until then, revoked or not.
        case .valid(subject, _), .revoked(subject): break
        // It may lapse on its way to this check, but not before it was asked for.
        case .expired(subject, let secondsAgo) where secondsAgo < -asked.timeIntervalSinceNow: break
        case let check: wrong.withLock { $0.append("\(subject): \(check)") }
        }
    }
}
