// Decides which signals end the demo in order: those a person or a script sends. SIGHUP is left alone where nohup(1) set
// it to be ignored. None is set to be ignored while its source comes up, as is often done: a signal would be lost then,
// and tokend would inherit that.

import Dispatch
import Glibc

/// Calls back on SIGINT, SIGTERM and SIGHUP, which then no longer end the process. Until it is cancelled.
struct SignalWatch {
    private let sources: [any DispatchSourceSignal]

    /// Returns once they are caught; until then they end the process, which has started nothing yet.
    init(_ receive: @escaping @Sendable () -> Void) {
        let registered = DispatchSemaphore(value: 0)
        let numbers = [SIGINT, SIGTERM] + (Self.isIgnored(SIGHUP) ? [] : [SIGHUP])
        sources = numbers.map { number in
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler(handler: receive)
            source.setRegistrationHandler { registered.signal() }
            source.activate()
            return source
        }
        for _ in sources { registered.wait() }
    }

    func cancel() { for source in sources { source.cancel() } }

    private static func isIgnored(_ number: Int32) -> Bool {
        var current = sigaction()
        guard sigaction(number, nil, &current) == 0 else { return false }
        return unsafeBitCast(current.__sigaction_handler.sa_handler, to: Int.self)
            == unsafeBitCast(SIG_IGN, to: Int.self)
    }
}
