// Decides whether operations fail when and how a test asks for it.

import DiskTrace
import Foundation
import Glibc
import Testing

@Suite("DiskTrace: faults")
struct DiskFaultTests {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    /// Which of five writes succeed.
    private func writes(under fault: DiskFault) -> (value: [Bool], wasReached: Bool) {
        DiskTrace.failing(fault, below: scratch.path) {
            scratch.withFile("f") { file in (0..<5).map { _ in writeAll(bytes(1, 4), to: file) } }
        }
    }

    @Test("The operation of that number fails, once or with all that follow; one too far is not reached")
    func numbers() throws {
        let once = writes(under: .ioError(2, .write))
        #expect(once.value == [true, false, true, true, true] && once.wasReached)
        let sticky = writes(under: .noSpace(3, .write, isSticky: true))
        #expect(sticky.value == [true, true, false, false, false] && sticky.wasReached)
        let last = writes(under: .ioError(5, .write))
        #expect(last.value == [true, true, true, true, false] && last.wasReached)
        let beyond = writes(under: .ioError(6, .write))
        #expect(beyond.value == [true, true, true, true, true] && !beyond.wasReached)
    }

    @Test("A failed operation changes nothing, leaves no step and says why", arguments: [EIO, ENOSPC])
    func failures(_ error: Int32) throws {
        scratch.makeDurable("f", bytes(1, 4))
        let fault =
            error == EIO
            ? DiskFault.ioError(1, [.changes, .open, .read], isSticky: true)
            : .noSpace(1, [.changes, .open, .read], isSticky: true)
        let file = open(scratch.path("f"), O_RDWR)
        let directory = open(scratch.path, O_RDONLY | O_DIRECTORY)
        defer { for descriptor in [file, directory] { close(descriptor) } }
        let before = try FileTree(readingFrom: scratch.path)
        let recording = try DiskTrace.record(below: scratch.path) { _ in
            let (wrong, wasReached) = DiskTrace.failing(fault, below: scratch.path) {
                operations(file, directory).compactMap { name, operation in
                    errno = 0
                    return operation() == -1 && errno == error ? nil : name
                }
            }
            #expect(wrong == [] && wasReached)
        }
        #expect(
            recording.steps == [
                .sync("f", isGood: false), .sync("f", isGood: false), .syncDirectory("", isGood: false),
            ])
        #expect(try FileTree(readingFrom: scratch.path) == before)
    }

    /// One of each, on the file `f` and its directory.
    private func operations(_ file: Int32, _ directory: Int32) -> [(name: String, carryOut: () -> Int)] {
        let path = scratch.path("f")
        let target = scratch.path("g")
        return [
            ("open", { Int(open(path, O_RDONLY)) }),
            ("create", { Int(openat(directory, "g", O_WRONLY | O_CREAT, 0o600)) }),
            ("empty", { Int(open(path, O_WRONLY | O_TRUNC)) }),
            ("write", { write(file, "x", 1) }),
            ("pwrite", { pwrite(file, "x", 1, 0) }),
            ("ftruncate", { Int(ftruncate(file, 1)) }),
            (
                "posix_fallocate",
                {
                    errno = posix_fallocate(file, 0, 9)
                    return errno == 0 ? 0 : -1
                }
            ),
            ("fsync", { Int(fsync(file)) }),
            ("fdatasync", { Int(fdatasync(file)) }),
            ("fsync of the directory", { Int(fsync(directory)) }),
            ("rename", { Int(rename(path, target)) }),
            ("unlink", { Int(unlinkat(directory, "f", 0)) }),
            ("mkdir", { Int(mkdirat(directory, "d", 0o700)) }),
            (
                "read",
                {
                    var byte: UInt8 = 0
                    return read(file, &byte, 1)
                }
            ),
        ]
    }

    @Test(
        "A short write stores half and says so; the rest finds no space, and after that there is room again")
    func shortWrite() throws {
        let recording = try DiskTrace.record(below: scratch.path) { _ in
            let (counts, wasReached) = DiskTrace.failing(.shortWrite(2), below: scratch.path) {
                scratch.withFile("f") { file in
                    [10, 10, 5, 5].map { count in
                        bytes(1, count).withUnsafeBytes { write(file, $0.baseAddress!, count) }
                    }
                }
            }
            #expect(counts == [10, 5, -1, 5] && wasReached)
        }
        #expect(
            recording.steps == [
                .create("f"), .write("f", at: 0, bytes(1, 10)), .write("f", at: 10, bytes(1, 5)),
                .write("f", at: 15, bytes(1, 5)),
            ])
    }

    @Test("A sync that fails says so once; the next succeeds and saves only what was written since (R2)")
    func failedSync() throws {
        scratch.makeDurable("f", bytes(0, 2_048))
        let recording = try DiskTrace.record(below: scratch.path) { _ in
            _ = DiskTrace.failing(.ioError(1, .sync), below: scratch.path) {
                scratch.withFile("f") { file in
                    _ = writeAll(bytes(1, 1_024), to: file)
                    #expect(fsync(file) == -1 && errno == EIO)
                    #expect(fsync(file) == 0)
                    _ = writeAll(bytes(2, 1_024), to: file)
                    #expect(fsync(file) == 0)
                }
            }
        }
        let end = recording.steps.count
        #expect(
            recording.image(.powerCut(after: end, .everythingUnsynced))["f"] == bytes(0, 1_024)
                + bytes(2, 1_024))
        #expect(recording.image(.killed(after: end))["f"] == bytes(1, 1_024) + bytes(2, 1_024))
    }
}
