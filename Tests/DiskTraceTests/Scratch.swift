// A directory of a test's own, and the plain system calls with which a test works in it.

import Foundation
import Glibc
import Testing

/// An empty directory that is deleted with its last reference; in memory where the machine has a place for that.
final class Scratch: Sendable {
    let path: String

    init() throws {
        let parent = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : NSTemporaryDirectory()
        path = parent + "/disk-trace-" + UUID().uuidString
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func path(_ name: String) -> String { path + "/" + name }

    /// Lets `body` use a file's descriptor; the file is made where it is absent.
    @discardableResult
    func withFile<Value>(_ name: String, _ flags: Int32 = 0, _ body: (Int32) -> Value) -> Value {
        let file = open(path(name), O_RDWR | O_CREAT | O_CLOEXEC | flags, 0o600)
        #expect(file >= 0)
        defer { close(file) }
        return body(file)
    }

    func makeDurable(_ name: String, _ content: Data) {
        withFile(name) { file in
            #expect(writeAll(content, to: file))
            #expect(fsync(file) == 0)
        }
        syncDirectory()
    }

    @discardableResult
    func syncDirectory() -> Int32 {
        let directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        defer { close(directory) }
        return fsync(directory)
    }
}

/// Whether one write took everything, at the descriptor's position.
func writeAll(_ content: Data, to file: Int32) -> Bool {
    content.withUnsafeBytes { write(file, $0.baseAddress!, content.count) } == content.count
}

/// Bytes of one value.
func bytes(_ value: UInt8, _ count: Int) -> Data { Data(repeating: value, count: count) }
