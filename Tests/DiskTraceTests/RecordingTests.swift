// Decides whether the layer sees what it must: SQLite's operations and our own, below the directory and nowhere else.

import DiskTrace
import Foundation
import Glibc
import GrantStore
import Testing
import Vocabulary

@Suite("DiskTrace: recording")
struct RecordingTests {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    @Test("The operations of SQLite and of our own code are seen, all of them, in the order of their effects")
    func store() throws {
        let recording = try DiskTrace.record(below: scratch.path) { trace in
            let store = try GrantStore(directory: scratch.path("state"), key: .file) { _ in
                "https://p.example"
            }
            let done = DispatchSemaphore(value: 0)
            store.submit(
                .add(AccountName("p/alice")!, Grant(refreshToken: Secret("r")), obtainedAt: nil)
            ) { _ in
                trace.note("added")
                done.signal()
            }
            done.wait()
            store.close()
        }
        let steps = recording.steps
        #expect(steps.first == .makeDirectory("state"))
        #expect(steps.contains(.rename("state/key.new", to: "state/key")))
        #expect(steps.contains(.syncDirectory("state", isGood: true)))
        // SQLite's: the log's pages, its sync before the report, the database's pages after it.
        let added = try #require(steps.firstIndex(of: .note("added")))
        #expect(steps[added - 1] == .sync("state/grants.db-wal", isGood: true))
        #expect(
            steps[..<added].contains {
                if case .write("state/grants.db-wal", _, _) = $0 { true } else { false }
            })
        #expect(
            steps[added...].contains { if case .write("state/grants.db", _, _) = $0 { true } else { false } })
        #expect(steps.contains(.unlink("state/grants.db-wal")))
        // Nothing was missed: the steps carried out on the model give what is there.
        #expect(try recording.image(.killed(after: steps.count)) == FileTree(readingFrom: scratch.path))
        #expect(recording.notes(before: added) == [])
        #expect(recording.notes(before: added + 1) == ["added"])
    }

    @Test("Each operation is one step, whatever function asks for it")
    func functions() throws {
        let recording = try DiskTrace.record(below: scratch.path) { _ in
            mkdir(scratch.path("d"), 0o700)
            scratch.withFile("d/f") { file in
                _ = writeAll(bytes(1, 10), to: file)
                _ = [2, 2].withUnsafeBytes { pwrite(file, $0.baseAddress!, 2, 4) }
                ftruncate(file, 6)
                posix_fallocate(file, 0, 4)
                posix_fallocate(file, 0, 8)
                fdatasync(file)
            }
            scratch.withFile("d/f", O_APPEND) { _ = writeAll(bytes(3, 1), to: $0) }
            let directory = open(scratch.path("d"), O_RDONLY | O_DIRECTORY)
            renameat(directory, "f", directory, "g")
            fsync(directory)
            scratch.withFile("d/g", O_TRUNC) { _ in }
            unlinkat(directory, "g", 0)
            close(directory)
            rmdir(scratch.path("d"))
        }
        #expect(
            recording.steps == [
                .makeDirectory("d"), .create("d/f"), .write("d/f", at: 0, bytes(1, 10)),
                .write("d/f", at: 4, Data([2, 0])), .truncate("d/f", size: 6), .allocate("d/f", size: 8),
                .sync("d/f", isGood: true), .write("d/f", at: 8, bytes(3, 1)), .rename("d/f", to: "d/g"),
                .syncDirectory("d", isGood: true), .truncate("d/g", size: 0), .unlink("d/g"), .unlink("d"),
            ])
    }

    @Test("Nothing outside the directory is recorded, nor what is done to a file that has no name any more")
    func elsewhere() throws {
        let other = try Scratch()
        mkdir(scratch.path("watched"), 0o700)
        let recording = try DiskTrace.record(below: scratch.path("watched")) { _ in
            other.makeDurable("f", bytes(1, 1))
            // A name that begins alike.
            scratch.makeDurable("watched-not", bytes(1, 1))
            scratch.withFile("watched/f") { file in
                unlink(scratch.path("watched/f"))
                _ = writeAll(bytes(1, 1), to: file)
            }
        }
        #expect(recording.steps == [.create("f"), .unlink("f")])
    }

    @Test("Two recordings at once each have their own")
    func sideBySide() throws {
        let other = try Scratch()
        var inner: Recording?
        let outer = try DiskTrace.record(below: scratch.path) { outer in
            inner = try DiskTrace.record(below: other.path) { inner in
                scratch.withFile("a") { _ in }
                other.withFile("b") { _ in }
                inner.note("inner")
                outer.note("outer")
            }
        }
        #expect(outer.steps == [.create("a"), .note("outer")])
        #expect(inner?.steps == [.create("b"), .note("inner")])
    }

    @Test("Threads that write at once neither wait for each other for ever nor lose a step")
    func threads() throws {
        let recording = try DiskTrace.record(below: scratch.path) { _ in
            DispatchQueue.concurrentPerform(iterations: 8) { index in
                scratch.withFile("f\(index)") { file in
                    for _ in 0..<100 { _ = writeAll(bytes(7, 3), to: file) }
                }
            }
        }
        #expect(recording.steps.count == 8 * 101)
        #expect(
            try recording.image(.killed(after: recording.steps.count)) == FileTree(readingFrom: scratch.path))
    }
}
