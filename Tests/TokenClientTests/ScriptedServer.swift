// Decides how the client's tests get a daemon that misbehaves on purpose: a Unix socket whose connections are each
// served by the next closure of a script, on a thread that blocks.

import Dispatch
import Foundation
import Glibc
import Synchronization

/// A listening socket in a directory of its own; gone with the value.
final class ScriptedServer: Sendable {
    let path: String
    private let directory: String
    private let listener: Int32
    private let done = DispatchGroup()

    /// Listens and accepts nobody until `serve`.
    init(backlog: Int32) {
        var template = Array("/tmp/tokenclient.XXXXXX".utf8CString)
        precondition(mkdtemp(&template) != nil, "a temporary directory can be made")
        directory = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        path = directory + "/socket"
        listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        let bound = Self.withAddress(path) { bind(listener, $0, $1) }
        precondition(listener >= 0 && bound == 0 && listen(listener, backlog) == 0, "a socket can be bound")
    }

    /// Serves one connection.
    convenience init(_ script: @escaping @Sendable (Peer) -> Void) { self.init(scripts: [script]) }

    /// Serves one connection with each closure.
    convenience init(scripts: [@Sendable (Peer) -> Void]) {
        self.init(backlog: 16)
        serve(scripts)
    }

    /// Serves connections one after the other; each is closed when its closure returns.
    func serve(_ scripts: [@Sendable (Peer) -> Void]) {
        // A thread of its own: blocked scripts would use up the threads of a shared queue.
        done.enter()
        Thread.detachNewThread { [listener, done] in
            defer { done.leave() }
            for script in scripts {
                let descriptor = accept(listener, nil, nil)
                guard descriptor >= 0 else { return }
                script(Peer(descriptor: descriptor))
                close(descriptor)
            }
        }
    }

    /// Stops listening; the path stays.
    func stopListening() { shutdown(listener, Int32(SHUT_RDWR)) }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        done.wait()
        close(listener)
        unlink(path)
        rmdir(directory)
    }

    /// Connects without serving: what fills a backlog. -1 where that would block.
    func connectWithoutWaiting() -> Int32 {
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(AF_UNIX, type, 0)
        guard Self.withAddress(path, { connect(descriptor, $0, $1) }) == 0 else {
            close(descriptor)
            return -1
        }
        return descriptor
    }

    private static func withAddress<R>(_ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> R) -> R
    {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }
}

/// The server's end of one connection; blocking.
final class Peer {
    private let descriptor: Int32
    private var received: [UInt8] = []

    init(descriptor: Int32) { self.descriptor = descriptor }

    /// The next line without its LF, or nil when the client has gone.
    func readLine() -> String? {
        while true {
            if let end = received.firstIndex(of: UInt8(ascii: "\n")) {
                defer { received.removeSubrange(...end) }
                return String(decoding: received[..<end], as: UTF8.self)
            }
            var chunk = [UInt8](repeating: 0, count: 65536)
            let count = recv(descriptor, &chunk, chunk.count, 0)
            guard count > 0 else { return nil }
            received += chunk[..<count]
        }
    }

    /// Writes all of `text`; false when the client has gone.
    @discardableResult
    func write(_ text: String) -> Bool { write(Array(text.utf8)) }

    @discardableResult
    func write(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    /// Answers each line with `reply` until the client goes.
    func answer(_ reply: (String) -> String) {
        while let line = readLine() { write(reply(line)) }
    }

    /// Holds the connection, mute, until the client goes.
    func stayMute() { while readLine() != nil {} }
}

/// What a script saw, read when it is over.
final class Log: Sendable {
    private let lines = Mutex<[String]>([])
    func append(_ line: String) { lines.withLock { $0.append(line) } }
    var all: [String] { lines.withLock { $0 } }
}
