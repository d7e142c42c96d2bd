// A test's body waits for processes and sockets the plain, blocking way. It runs on a thread of its own, because the
// sandbox it talks to lives on the few threads that async code shares.

import Foundation
import SandboxProvider

/// Runs `body` on a thread of its own beside a running sandbox.
func withSandbox(
    _ options: Sandbox.Options = .init(), _ body: @escaping @Sendable (Sandbox) throws -> Void
) async throws {
    let sandbox = try await Sandbox.start(options)
    let result = await withThread { Result { try body(sandbox) } }
    await sandbox.stop()
    try result.get()
}

/// Runs `body` on a thread of its own.
func withThread<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
    await withCheckedContinuation { continuation in
        Thread.detachNewThread {
            // Dispatch's threads block all signals, and what is started from here would inherit that.
            var none = sigset_t()
            sigemptyset(&none)
            pthread_sigmask(SIG_SETMASK, &none, nil)
            continuation.resume(returning: body())
        }
    }
}
