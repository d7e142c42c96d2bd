// Decides what may be replaced at the socket's path and what never is, and that its permissions are right from the
// first instant (scenarios D6, D7 and D8).

import Dispatch
import Glibc
import Synchronization
import Testing

@testable import SocketServer

@Suite("The listening socket (D6, D7, D8)")
struct ListeningSocketTests {
    let directory: TemporaryDirectory
    var path: String { directory.path + "/tokend.sock" }

    init() throws { directory = try TemporaryDirectory() }

    func bind(_ path: String, mode: UInt32 = 0o660, group: String? = nil) throws -> ListeningSocket {
        try ListeningSocket.bind(path: path, mode: mode, group: group)
    }

    /// The error of binding `path`.
    func refusal(_ path: String, group: String? = nil) -> ListeningSocketError? {
        do {
            _ = try ListeningSocket.bind(path: path, mode: 0o660, group: group)
            return nil
        } catch { return error }
    }

    @Test("Clients can connect, the mode and group are as told, and no other name is left behind")
    func binds() throws {
        let listening = try bind(path, mode: 0o620, group: "\(getgid())")
        defer { close(listening.descriptor) }
        var status = stat()
        #expect(lstat(path, &status) == 0)
        #expect(status.st_mode == S_IFSOCK | 0o620)
        #expect(status.st_gid == getgid())
        #expect(directory.names == ["tokend.sock"])
        let client = try #require(TestClient.connected(path))
        close(client)
    }

    @Test("A group may be named")
    func groupByName() throws {
        let entry = try #require(getgrgid(getgid()))
        let listening = try bind(path, group: String(cString: entry.pointee.gr_name))
        close(listening.descriptor)
        var status = stat()
        #expect(lstat(path, &status) == 0)
        #expect(status.st_gid == getgid())
    }

    @Test("Whoever looks at the path sees nothing or the right permissions, never others in between")
    func permissionsFromTheFirstInstant() throws {
        let watcher = ModeWatcher(path, expecting: 0o600)
        for _ in 0..<500 {
            let listening = try bind(path, mode: 0o600)
            listening.unlinkIfStillOurs()
            close(listening.descriptor)
        }
        #expect(watcher.stop() == [])
    }

    @Test("A socket that nobody serves is replaced")
    func replacesStaleSocket() throws {
        close(try bind(path).descriptor)
        #expect(TestClient.connected(path) == nil)
        let listening = try bind(path)
        defer { close(listening.descriptor) }
        close(try #require(TestClient.connected(path)))
        #expect(directory.names == ["tokend.sock"])
    }

    @Test("A socket that a process serves is left alone, also while its backlog is full")
    func leavesLiveSocket() throws {
        let listening = try bind(path)
        defer { close(listening.descriptor) }
        #expect(refusal(path) == .inUse(path))
        #expect("\(ListeningSocketError.inUse(path))" == "socket \(path): another process is serving there")
        // The first look itself waits in the backlog, which has no room for another from now on.
        listen(listening.descriptor, 0)
        #expect(refusal(path) == .inUse(path))
        #expect(directory.names == ["tokend.sock"])
    }

    @Test("What is no socket is left alone and named")
    func leavesOthers() throws {
        let file = directory.path + "/file"
        close(open(file, O_CREAT | O_WRONLY, 0o600))
        let link = directory.path + "/link"
        symlink("file", link)
        let dangling = directory.path + "/dangling"
        symlink("nowhere", dangling)
        let folder = directory.path + "/folder"
        mkdir(folder, 0o700)
        let fifo = directory.path + "/fifo"
        mkfifo(fifo, 0o600)
        let before = directory.names
        #expect(refusal(file) == .occupied(file, by: .regularFile))
        #expect(refusal(link) == .occupied(link, by: .symbolicLink))
        #expect(refusal(dangling) == .occupied(dangling, by: .symbolicLink))
        #expect(refusal(folder) == .occupied(folder, by: .directory))
        #expect(refusal(fifo) == .occupied(fifo, by: .other))
        #expect(directory.names == before)
        #expect(
            "\(ListeningSocketError.occupied(file, by: .regularFile))"
                == "socket path \(file) is taken by a regular file")
    }

    @Test("A directory that anyone may write to is refused unless it is sticky")
    func refusesWritableDirectory() throws {
        chmod(directory.path, 0o777)
        #expect(refusal(path) == .directoryWritableByAll(directory.path))
        chmod(directory.path, 0o1777)
        close(try bind(path).descriptor)
    }

    @Test("A path that does not fit names its limit; the longest one that fits works")
    func pathLength() throws {
        let longest =
            directory.path + "/" + String(repeating: "s", count: 107 - directory.path.utf8.count - 1)
        close(try bind(longest).descriptor)
        #expect(refusal(longest + "s") == .pathTooLong(longest + "s", limit: 107))
        #expect(refusal(longest + "s")?.description.hasSuffix("has 108 bytes; 107 are possible") == true)
    }

    @Test("No path, an abstract one, and one in a directory that is not there are refused")
    func impossiblePaths() throws {
        #expect(refusal("") == .invalidPath(""))
        #expect(refusal("\0abstract") == .invalidPath("\0abstract"))
        let nowhere = directory.path + "/nowhere/s"
        #expect(
            refusal(nowhere)
                == .system(nowhere, call: "stat \(directory.path)/nowhere", code: ENOENT))
    }

    @Test("A group that does not exist is named, and nothing is left behind")
    func unknownGroup() throws {
        #expect(refusal(path, group: "no-such-group") == .unknownGroup("no-such-group", path: path))
        #expect(directory.names == [])
    }

    @Test("An old instance that ends removes its own socket, never its successor's")
    func unlinksOnlyItsOwn() throws {
        let old = try bind(path)
        rename(path, path + ".moved")
        let successor = try bind(path)
        old.unlinkIfStillOurs()
        close(try #require(TestClient.connected(path)))
        successor.unlinkIfStillOurs()
        #expect(directory.names == ["tokend.sock.moved"])
        successor.unlinkIfStillOurs()
        close(old.descriptor)
        close(successor.descriptor)
    }
}

/// Looks at a path without pause, on a thread of its own.
private final class ModeWatcher: Sendable {
    private let wrong = Mutex<Set<UInt32>>([])
    private let isDone = Atomic(false)
    private let ended = DispatchSemaphore(value: 0)

    init(_ path: String, expecting mode: UInt32) {
        let started = DispatchSemaphore(value: 0)
        DispatchQueue(label: "watcher").async { [self] in
            started.signal()
            while !isDone.load(ordering: .relaxed) {
                var status = stat()
                guard lstat(path, &status) == 0, status.st_mode & 0o777 != mode else { continue }
                wrong.withLock { _ = $0.insert(status.st_mode & 0o777) }
            }
            ended.signal()
        }
        started.wait()
    }

    /// The modes seen that were not the expected one.
    func stop() -> Set<UInt32> {
        isDone.store(true, ordering: .relaxed)
        ended.wait()
        return wrong.withLock { $0 }
    }
}
