// Decides where the demo's files live: a directory that only this user can enter, under $TMPDIR or /tmp, gone when the
// demo is.

import Foundation

/// A directory of mkdtemp(3), mode 0700.
struct TemporaryDirectory: Sendable {
    /// Absolute, without symbolic links.
    let path: String

    init() throws(DemoError) {
        let parent = getenv("TMPDIR").map { String(cString: $0) } ?? ""
        let template = (parent.isEmpty ? "/tmp" : parent) + "/tokend-sandbox-XXXXXX"
        var bytes = Array(template.utf8CString)
        guard mkdtemp(&bytes) != nil else {
            throw .systemCall(name: "mkdtemp", path: template, errno: errno)
        }
        path = try Programs.realPath(
            String(decoding: bytes.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self))
    }

    func path(_ name: String) -> String { path + "/" + name }

    /// Writes a file that only this user can read.
    func write(_ text: String, to name: String) throws(DemoError) {
        let isWritten = FileManager.default.createFile(
            atPath: path(name), contents: Data(text.utf8), attributes: [.posixPermissions: 0o600])
        guard isWritten else { throw .systemCall(name: "write", path: path(name), errno: errno) }
    }

    /// Removes it with all that is in it; what cannot be removed is left.
    func remove() { try? FileManager.default.removeItem(atPath: path) }
}
