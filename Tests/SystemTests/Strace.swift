// The system calls of a running daemon, some of them made to fail or to be its last: strace(1) and its -e inject.

import Foundation

/// A tracer that stands between a process and the kernel.
final class Strace {
    /// What is done to which calls, as strace spells it.
    struct Injection: Hashable, CustomStringConvertible {
        var calls: String
        /// `error=EIO` or `signal=SIGKILL`.
        var fault: String
        /// Of each thread's calls, the first to suffer; with a `+` all that follow too.
        var when: String

        var description: String { "\(calls) \(fault) at \(when)" }
        fileprivate var options: [String] {
            ["-f", "-qq", "-e", "trace=\(calls)", "-e", "inject=\(calls):\(fault):when=\(when)"]
        }
    }

    private let process = Process()
    private let output: String

    /// Why no process can be traced here; nil where that works.
    static let obstacle: String? = {
        guard let strace = Programs.installed("strace") else { return "strace is not installed" }
        let result = try? Programs.run(strace, ["-qq", "-e", "trace=fsync", "/bin/true"])
        return result?.status == 0 ? nil : "ptrace(2) is not permitted: \(result?.errors ?? "")"
    }()

    /// Whether daemons can be traced; if not, the test's output says why it proves nothing.
    static func isAvailable(for test: String) -> Bool {
        guard let obstacle else { return true }
        print("skipped: \(test): \(obstacle)")
        return false
    }

    /// What a daemon is run by to be traced from its first call. The tracer is its grandchild, so that the daemon's
    /// process is the one that was started.
    static func launcher(_ injection: Injection, output: String) -> [String] {
        [Programs.installed("strace") ?? "strace", "-D", "-o", output] + injection.options
    }

    /// How many calls have suffered, by what a tracer wrote.
    static func count(in output: String) -> Int {
        let text = (try? String(contentsOfFile: output, encoding: .utf8)) ?? ""
        return text.split(separator: "\n").count { $0.contains("(INJECTED)") }
    }

    /// Stands between `daemon` and the kernel from now on.
    init(_ daemon: RunningDaemon, _ injection: Injection) throws {
        output = daemon.directory + "/strace-" + UUID().uuidString.prefix(8)
        process.executableURL = URL(fileURLWithPath: Programs.installed("strace") ?? "strace")
        process.arguments = ["-o", output, "-p", "\(daemon.pid)"] + injection.options
        process.standardError = FileHandle.nullDevice
        try process.run()
        let tasks = "/proc/\(daemon.pid)/task"
        try eventually("the daemon is traced") {
            try FileManager.default.contentsOfDirectory(atPath: tasks).allSatisfy { thread in
                // A thread may have ended since it was listed.
                let status = try? String(contentsOfFile: "\(tasks)/\(thread)/status", encoding: .utf8)
                return status?.contains("TracerPid:\t\(process.processIdentifier)\n") ?? true
            }
        }
    }

    /// How many calls have suffered; told in full once the tracer has ended.
    var count: Int { Self.count(in: output) }

    /// Lets the daemon go on by itself.
    func detach() {
        if process.isRunning { kill(process.processIdentifier, SIGTERM) }
        process.waitUntilExit()
    }

    deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }
}
