// Decides how a login's tests get a daemon: a Unix socket that answers each line by a closure and remembers the lines.

import Foundation
import Glibc
import Synchronization

/// A listening socket in a directory of its own; gone with the value.
final class ScriptedDaemon: Sendable {
    let path: String
    private let directory: String
    private let listener: Int32
    private let done = DispatchGroup()
    private let heard: Log

    final class Log: Sendable {
        private let lines = Mutex<[String]>([])
        func append(_ line: String) { lines.withLock { $0.append(line) } }
        var all: [String] { lines.withLock { $0 } }
    }

    /// - Parameter answer: to a line and the number of lines before it; LF at its end.
    init(_ answer: @escaping @Sendable (String, Int) -> String) {
        let heard = Log()
        self.heard = heard
        var template = Array("/tmp/tokenctl.XXXXXX".utf8CString)
        precondition(mkdtemp(&template) != nil, "a temporary directory can be made")
        directory = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        path = directory + "/socket"
        listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { [path] in $0.copyBytes(from: path.utf8) }
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { [listener] in
                bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        precondition(bound == 0 && listen(listener, 4) == 0, "a socket can be bound")
        done.enter()
        Thread.detachNewThread { [listener, done] in
            defer { done.leave() }
            while case let connection = accept(listener, nil, nil), connection >= 0 {
                Self.serve(connection, heard, answer)
                close(connection)
            }
        }
    }

    /// The lines so far.
    var lines: [String] { heard.all }

    private static func serve(
        _ connection: Int32, _ heard: Log, _ answer: (String, Int) -> String
    ) {
        var received: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65536)
        while case let count = recv(connection, &chunk, chunk.count, 0), count > 0 {
            received += chunk[..<count]
            while let end = received.firstIndex(of: UInt8(ascii: "\n")) {
                let line = String(decoding: received[..<end], as: UTF8.self)
                received.removeSubrange(...end)
                let reply = Array(answer(line, heard.all.count).utf8)
                heard.append(line)
                _ = send(connection, reply, reply.count, Int32(MSG_NOSIGNAL))
            }
        }
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        done.wait()
        close(listener)
        unlink(path)
        rmdir(directory)
    }
}
