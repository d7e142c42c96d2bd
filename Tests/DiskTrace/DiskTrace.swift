// Decides how a test watches the file operations below a directory, and makes one of them fail, without the code
// under test knowing (see CDiskTrace). Rejected: a file system in user space, which needs a mount, and a SQLite VFS of
// our own, which would not be the one that is shipped and would miss our own files.

import CDiskTrace
import Foundation

/// A recording under way.
public struct DiskTrace: Sendable {
    private let watch: Int32

    /// Records every operation below `directory` while `body` runs; what stands there before is taken as durable.
    ///
    /// Operations of all threads count, and those of libraries: see CDiskTrace for the few that are missed.
    /// Recordings of several directories may go on side by side.
    public static func record(
        below directory: String, _ body: (DiskTrace) throws -> Void
    ) throws -> Recording {
        let before = try FileTree(readingFrom: directory)
        let watch = begin(directory, isRecording: true, disktrace_fault())
        defer { disktrace_end(watch) }
        do {
            defer { disktrace_stop(watch) }
            try body(DiskTrace(watch: watch))
        }
        let steps = (0..<disktrace_step_count(watch)).map { Step(disktrace_step_at(watch, $0).pointee) }
        return Recording(before: before, steps: steps)
    }

    /// Puts a text between the steps: what comes before it has been carried out when this returns.
    public func note(_ text: String) { disktrace_note(watch, text) }

    /// Makes operations below `directory` fail while `body` runs.
    /// - Returns: what `body` returns, and whether there were enough operations for the fault to occur.
    public static func failing<Value>(
        _ fault: DiskFault, below directory: String, _ body: () throws -> Value
    ) rethrows -> (value: Value, wasReached: Bool) {
        let watch = begin(directory, isRecording: false, fault.parameters)
        defer { disktrace_end(watch) }
        do {
            defer { disktrace_stop(watch) }
            let value = try body()
            return (value, disktrace_was_reached(watch))
        }
    }

    private static func begin(
        _ directory: String, isRecording: Bool, _ fault: disktrace_fault
    ) -> Int32 {
        let watch = disktrace_begin(directory, isRecording, fault)
        precondition(watch >= 0, "the watched directory exists, and there is a free place for a watch")
        return watch
    }
}

extension Step {
    fileprivate init(_ step: disktrace_step) {
        let path = String(cString: step.path)
        let number = Int(step.offset)
        self =
            switch disktrace_kind(UInt32(step.kind)) {
            case disktrace_create: .create(path)
            case disktrace_write: .write(path, at: number, Data(bytes: step.bytes, count: step.count))
            case disktrace_truncate: .truncate(path, size: number)
            case disktrace_allocate: .allocate(path, size: number)
            case disktrace_sync: .sync(path, isGood: step.failure == 0)
            case disktrace_sync_directory: .syncDirectory(path, isGood: step.failure == 0)
            case disktrace_rename: .rename(path, to: String(cString: step.target))
            case disktrace_unlink: .unlink(path)
            case disktrace_make_directory: .makeDirectory(path)
            case disktrace_note_kind: .note(path)
            default: preconditionFailure("every kind of step is named here")
            }
    }
}
