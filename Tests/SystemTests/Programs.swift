// The built programs, and how a test runs one to its end.

import Foundation

enum Programs {
    /// Where the build put the executables: beside the test bundle that is running.
    static let directory = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        .deletingLastPathComponent()

    static func url(_ name: String) -> URL { directory.appendingPathComponent(name) }

    struct Result {
        let status: Int32
        let output: String
        let errors: String
    }

    /// Runs `program` (ours by name, or a path) until it exits; kills it after `limit` seconds.
    static func run(
        _ program: String, _ arguments: [String], input: String = "", environment: [String: String] = [:],
        limit: Double = 180
    ) throws -> Result {
        let process = Process()
        process.executableURL = program.hasPrefix("/") ? URL(fileURLWithPath: program) : url(program)
        process.arguments = arguments
        process.environment = ["PATH": "/usr/bin:/bin"].merging(environment) { $1 }
        let (stdin, stdout, stderr) = (Pipe(), Pipe(), Pipe())
        process.standardInput = stdin
        process.standardOutput = stdout
        process.standardError = stderr
        try process.run()
        let killer = DispatchWorkItem { kill(process.processIdentifier, SIGKILL) }
        DispatchQueue.global().asyncAfter(deadline: .now() + limit, execute: killer)
        defer { killer.cancel() }
        DispatchQueue.global().async {
            try? stdin.fileHandleForWriting.write(contentsOf: Data(input.utf8))
            try? stdin.fileHandleForWriting.close()
        }
        let errors = Drain(stderr)
        let output = stdout.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return Result(
            status: process.terminationReason == .exit
                ? process.terminationStatus : -process.terminationStatus,
            output: String(decoding: output, as: UTF8.self), errors: errors.text)
    }

    /// The full path of a system program, or nil where it is not installed.
    static func installed(_ name: String) -> String? {
        ["/usr/bin/", "/bin/", "/usr/sbin/"].map { $0 + name }.first {
            FileManager.default.isExecutableFile(atPath: $0)
        }
    }
}

/// Reads a pipe to its end beside the caller.
final class Drain: Sendable {
    private let done = DispatchSemaphore(value: 0)
    private let content: Box

    private final class Box: @unchecked Sendable {
        // SAFETY: written before `done` is signalled, read after.
        var data = Data()
    }

    init(_ pipe: Pipe) {
        let content = Box()
        self.content = content
        let handle = pipe.fileHandleForReading
        DispatchQueue.global().async { [done] in
            content.data = handle.readDataToEndOfFile()
            done.signal()
        }
    }

    /// Waits for the end of the pipe.
    var text: String {
        done.wait()
        defer { done.signal() }
        return String(decoding: content.data, as: UTF8.self)
    }
}
