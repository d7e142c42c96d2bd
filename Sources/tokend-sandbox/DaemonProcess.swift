// Decides how the demo's tokend is started and watched: one thread spawns it, reads its standard error and its
// notifications, and outlives it. It must be a thread of its own, and the same to the end: the kernel ends the daemon
// with the *thread* that started it (PR_SET_PDEATHSIG, prctl(2)), so that no daemon is left when the demo is killed.

import Foundation

/// A tokend that reports its life as happenings.
struct DaemonProcess: Sendable {
    /// Sets PR_SET_PDEATHSIG and becomes the program; of util-linux, which every Debian has. A call of prctl between
    /// fork and exec would need a C helper, and Foundation's `Process` has no place for it.
    private static let setpriv = "/usr/bin/setpriv"

    /// Enough for a dozen messages; the last ones say why it ended.
    private static let longestLog = 16_384

    let program: String
    let configPath: String
    let notifySocket: NotifySocket
    let happenings: Happenings

    /// Returns at once; `daemonEnded` or `daemonFailedToStart` is the last that it tells.
    func start() { Thread.detachNewThread { live() } }

    private func live() {
        let process = Process()
        let arguments = ["--config", configPath]
        // Elsewhere than on Debian the demo works too, and its daemon stays behind when it is killed.
        if access(Self.setpriv, X_OK) == 0 {
            process.executableURL = URL(fileURLWithPath: Self.setpriv)
            process.arguments = ["--pdeathsig", "TERM", "--", program] + arguments
        } else {
            process.executableURL = URL(fileURLWithPath: program)
            process.arguments = arguments
        }
        process.environment = ["NOTIFY_SOCKET": notifySocket.path, "PATH": "/usr/bin:/bin"]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        let errors = Pipe()
        process.standardError = errors
        do {
            try Self.withAllSignals { try process.run() }
        } catch {
            return happenings.tell(.daemonFailedToStart(cause: "\(error)"))
        }
        happenings.tell(.daemonStarted(pid: process.processIdentifier))
        let log = watch(errors.fileHandleForReading.fileDescriptor)
        process.waitUntilExit()
        let status = process.terminationStatus
        let end: DaemonEnd =
            process.terminationReason == .exit ? .exited(status: status) : .killed(signal: status)
        happenings.tell(.daemonEnded(end, log: log))
    }

    /// Runs `body` with no signal blocked: Foundation's threads block most, a new process inherits that, and a daemon
    /// that is asked to stop while it starts would not hear it.
    private static func withAllSignals(_ body: () throws -> Void) rethrows {
        var none = sigset_t()
        var blocked = sigset_t()
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, &blocked)
        defer { pthread_sigmask(SIG_SETMASK, &blocked, nil) }
        try body()
    }

    /// Waits for notifications and messages until the daemon has closed its standard error, by ending.
    /// - Returns: the end of what it wrote.
    private func watch(_ errors: Int32) -> String {
        var log: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        var events = [errors, notifySocket.descriptor].map {
            pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
        }
        while true {
            guard poll(&events, nfds_t(events.count), -1) > 0 else { continue }
            if events[1].revents != 0, notifySocket.receivedReady() { happenings.tell(.daemonReady) }
            guard events[0].revents != 0 else { continue }
            let count = read(errors, &buffer, buffer.count)
            if count > 0 {
                log.append(contentsOf: buffer[..<count])
                log.removeFirst(max(0, log.count - Self.longestLog))
            } else if count == 0 || errno != EINTR {
                return String(decoding: log, as: UTF8.self)
            }
        }
    }
}
