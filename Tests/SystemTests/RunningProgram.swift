// A program that a test talks with while it runs: line by line, each read with a deadline.

import Foundation

/// One of the built programs, or another by its path; killed with the value.
final class RunningProgram {
    private let process = Process()
    private let (input, output) = (Pipe(), Pipe())
    private let log: Drain
    private var received: [UInt8] = []

    init(_ program: String, _ arguments: [String], environment: [String: String] = [:]) throws {
        process.executableURL = program.hasPrefix("/") ? URL(fileURLWithPath: program) : Programs.url(program)
        process.arguments = arguments
        process.environment = ["PATH": "/usr/bin:/bin"].merging(environment) { $1 }
        let errors = Pipe()
        process.standardInput = input
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        log = Drain(errors)
    }

    deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

    /// The next line of standard output without its LF; throws at the end of it.
    func line(within seconds: Double = 60) throws -> String {
        let descriptor = output.fileHandleForReading.fileDescriptor
        let deadline = Date(timeIntervalSinceNow: seconds)
        while true {
            if let end = received.firstIndex(of: UInt8(ascii: "\n")) {
                defer { received.removeFirst(end + 1) }
                return String(decoding: received[..<end], as: UTF8.self)
            }
            var event = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&event, 1, Int32(max(0, deadline.timeIntervalSinceNow * 1000))) > 0 else {
                throw Wire.Failure(description: "no line within \(seconds) s")
            }
            var chunk = [UInt8](repeating: 0, count: 4096)
            let count = read(descriptor, &chunk, chunk.count)
            guard count > 0 else { throw Wire.Failure(description: "the program ended: \(end().errors)") }
            received += chunk[..<count]
        }
    }

    func type(_ text: String) throws { try input.fileHandleForWriting.write(contentsOf: Data(text.utf8)) }

    /// Asks it to stop.
    func interrupt() { kill(process.processIdentifier, SIGINT) }

    /// Waits for its end, at most a minute; the status is negative where a signal ended it.
    func end() -> (status: Int32, errors: String) {
        let killer = DispatchWorkItem { [process] in kill(process.processIdentifier, SIGKILL) }
        DispatchQueue.global().asyncAfter(deadline: .now() + 60, execute: killer)
        defer { killer.cancel() }
        process.waitUntilExit()
        let isExit = process.terminationReason == .exit
        return (isExit ? process.terminationStatus : -process.terminationStatus, log.text)
    }
}
