// Decides how the model is searched: spin turns it into a program, gcc compiles it, and that program visits every state
// there is. Blocking all along, so it runs on a thread of its own, in a directory of its own.

import Foundation

/// One exhaustive search of `rotation.pml`.
struct RotationModel: Sendable {
    enum Kind: String, Sendable, CaseIterable {
        case noRotation = "NO_ROTATION"
        case rotates = "ROTATES"
        case grace = "GRACE"
        case revokes = "REVOKES"
    }
    enum Policy: String, Sendable, CaseIterable {
        case never = "NEVER"
        case within = "WITHIN"
        case always = "ALWAYS"
    }

    /// What may go wrong in one execution, and how many generations it has.
    struct Budget: Sendable {
        var crashes: Int
        var faults: Int
        var writeFailures: Int
        var edits: Int
        var generations: Int
    }

    enum Search: Sendable {
        /// Assertions and the states where nothing more can happen.
        case safety
        /// That every execution ends, whatever the scheduling: a cycle is an error.
        case termination
    }

    var kind: Kind
    var policy: Policy
    var budget: Budget
    var flags: [String] = []
    var search = Search.safety

    /// What the search found.
    struct Verdict: Sendable {
        let errors: Int
        /// Every state within the budget was visited.
        let isComplete: Bool
        /// The expression that did not hold.
        let violated: String?
        let witnesses: Set<String>
        let summary: String
    }

    struct Broken: Error, CustomStringConvertible {
        let description: String
    }
}

extension RotationModel {
    static let spin = installed("spin")
    static let compiler = installed("gcc")
    static let isUnderCI = ProcessInfo.processInfo.environment["CI"] == "true"
    /// Whether to search: always under CI, where a missing program is a failure of `.ci/setup`.
    static let isWanted = isUnderCI || (spin != nil && compiler != nil)

    private static func installed(_ name: String) -> String? {
        ["/usr/bin/", "/usr/local/bin/"].map { $0 + name }.first(
            where: FileManager.default.isExecutableFile(atPath:))
    }

    /// Searches, and prints a line of what it came to.
    func verdict() async throws -> Verdict {
        let result = await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: Result { try searched() }) }
        }
        let verdict = try result.get()
        print("rotation model: \(self): \(verdict.summary)")
        return verdict
    }

    private func searched() throws -> Verdict {
        guard let spin = Self.spin, let compiler = Self.compiler else {
            throw Broken(description: "spin and gcc must be installed: .ci/setup")
        }
        let directory = FileManager.default.temporaryDirectory
            .appendingPathComponent("rotation-model-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("rotation.pml")
        try FileManager.default.copyItem(
            at: source, to: directory.appendingPathComponent("rotation.pml"))

        try Self.run(spin, defines + ["-a", "rotation.pml"], in: directory)
        // -O1: -O2 takes a second longer to compile and searches no faster.
        let checks = search == .safety ? "-DSAFETY" : "-DNP"
        try Self.run(compiler, ["-O1", "-w", checks, "-DNOREDUCE", "-o", "pan", "pan.c"], in: directory)
        let output = try Self.run(
            directory.appendingPathComponent("pan").path, ["-m5000"] + (search == .termination ? ["-l"] : []),
            in: directory)
        return try Verdict(output)
    }

    private var defines: [String] {
        let values = [
            "KIND": kind.rawValue, "POLICY": policy.rawValue, "CRASHES": "\(budget.crashes)",
            "FAULTS": "\(budget.faults)", "WRITE_FAILURES": "\(budget.writeFailures)",
            "EDITS": "\(budget.edits)", "LAST_GENERATION": "\(budget.generations)",
        ]
        return values.sorted { $0.key < $1.key }.map { "-D\($0.key)=\($0.value)" } + flags.map { "-D" + $0 }
    }

    /// Runs a program to its end, at most 5 minutes.
    /// - Returns: what it printed.
    @discardableResult
    private static func run(_ program: String, _ arguments: [String], in directory: URL) throws -> String {
        let log = directory.appendingPathComponent("output")
        guard FileManager.default.createFile(atPath: log.path, contents: nil) else {
            throw Broken(description: "\(log.path) cannot be written")
        }
        let handle = try FileHandle(forWritingTo: log)
        defer { try? handle.close() }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.currentDirectoryURL = directory
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = handle
        process.standardError = handle
        try process.run()
        let killer = DispatchWorkItem { process.terminate() }
        DispatchQueue.global().asyncAfter(deadline: .now() + 300, execute: killer)
        defer { killer.cancel() }
        process.waitUntilExit()
        let output = try String(contentsOf: log, encoding: .utf8)
        guard process.terminationReason == .exit, process.terminationStatus == 0 else {
            throw Broken(description: "\(program) \(arguments.joined(separator: " ")) failed: \(output)")
        }
        return output
    }
}

extension RotationModel: CustomStringConvertible {
    var description: String {
        let words = ["\(kind) x \(policy)"] + flags + (search == .termination ? ["termination"] : [])
        return words.joined(separator: " ")
            + " (\(budget.crashes) crashes, \(budget.faults) faults, \(budget.writeFailures) write failures,"
            + " \(budget.edits) edits, \(budget.generations - 1) rotations)"
    }
}

extension RotationModel.Verdict {
    /// Reads the report of a search. `pan` exits with 0 whatever it finds.
    init(_ report: String) throws {
        func number(_ pattern: Regex<(Substring, Substring)>) throws -> String {
            guard let match = report.firstMatch(of: pattern) else {
                throw RotationModel.Broken(description: "not a report of a search: \(report)")
            }
            return String(match.1)
        }
        errors = Int(try number(/errors: ([0-9]+)/)) ?? .max
        isComplete =
            report.contains("Full statespace search for:") && !report.contains("Search not completed")
            && !report.contains("max search depth too small") && !report.contains("out of memory")
        violated = report.firstMatch(of: /pan:1: (.*) \(at depth/).map { String($0.1) }
        witnesses = Set(report.matches(of: /witness: (.*)/).map { String($0.1) })
        let found = violated.map { ", \($0)" } ?? ""
        summary =
            "\(try number(/([0-9.e+]+) states, stored/)) states, \(try number(/([0-9.e+]+) transitions/))"
            + " transitions, \(try number(/elapsed time ([0-9.e+-]+) seconds/)) s, \(errors) errors\(found)"
    }
}
