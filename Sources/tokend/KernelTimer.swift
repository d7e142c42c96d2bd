// Decides how the loop is woken: by two timerfds, which libdispatch reads like any descriptor. Its own timers stand still
// while the machine is suspended (CLOCK_MONOTONIC), so that after a night's sleep every refresh came a night late, and it
// tells nobody that the wall clock was set. Rejected: a thread that waits for them (8 MiB of address space and a hand-over
// for what is one descriptor each), and one read source that comes and goes with each timer, which libdispatch's epoll
// table does not survive; these two live as long as the process.

import CLinux
import Dispatch
import Glibc
import Synchronization
import Vocabulary

/// A timerfd(2) and the source that reads it.
final class KernelTimer: Sendable {
    private let descriptor: Int32
    /// nil until it is started: a start-up that fails frees the timer, and an inactive source must not be freed.
    private let source = Mutex<(any DispatchSourceRead)?>(nil)

    private init(_ descriptor: Int32) throws(KernelTimerError) {
        guard descriptor >= 0 else { throw KernelTimerError(code: errno) }
        self.descriptor = descriptor
    }

    /// Expires when the boot clock says so, suspended or not; not armed yet.
    static func onBootClock() throws(KernelTimerError) -> KernelTimer {
        try KernelTimer(clinux_boot_timer())
    }

    /// "Expires" when the wall clock is set and when the machine resumes (TFD_TIMER_CANCEL_ON_SET, timerfd_create(2)).
    static func onClockSteps() throws(KernelTimerError) -> KernelTimer {
        try KernelTimer(clinux_clock_watch())
    }

    /// Calls `expired` on `queue` each time from now on. Once only, and the process's end is the timer's.
    func start(on queue: DispatchQueue, _ expired: @escaping @Sendable () -> Void) {
        source.withLock { source in
            let reading = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: queue)
            reading.setEventHandler { [descriptor] in
                var expirations: UInt64 = 0
                let size = read(descriptor, &expirations, MemoryLayout<UInt64>.size)
                // Armed anew since it became readable: nothing has expired.
                guard size > 0 || errno == ECANCELED else { return }
                expired()
            }
            reading.activate()
            source = reading
        }
    }

    /// Sets a timer on the boot clock to expire at `time`, at once where that has passed; `.distantFuture` is never.
    func arm(for time: BootTime) {
        let result = clinux_boot_timer_set(descriptor, time == .distantFuture ? 0 : max(1, time.nanoseconds))
        precondition(result == 0, "arming one's own timer does not fail")
    }
}

/// The kernel refused one of the few timers of the daemon.
struct KernelTimerError: Error, Hashable, CustomStringConvertible {
    let code: Int32

    var description: String { "timerfd_create: \(String(cString: strerror(code)))" }
}
