import Dispatch
import Foundation
import Glibc
import Testing
import TokenClient
import Vocabulary
import WireProtocol

private let alice = AccountName("sandbox/alice")!
private let patience: Duration = .seconds(60)
/// Short, and yet no machine is so slow that a prompt answer takes it.
private let haste: Duration = .milliseconds(200)
/// What the client's own deadline must stay far below when it is `haste`.
private let slack: Duration = .seconds(20)

@Suite struct ConnectionTests {
    @Test("a daemon that accepts and says nothing costs no more than the deadline")
    func mute() {
        let server = ScriptedServer { $0.stayMute() }
        let start = BootTime.now()
        #expect(throws: TokenClientError.timedOut) {
            try TokenClient(socket: server.path, timeout: haste).ping()
        }
        #expect((haste..<slack).contains(BootTime.now() - start))
    }

    @Test("a daemon that talks without end costs no more than the deadline")
    func flood() {
        let server = ScriptedServer { peer in
            let chunk = Array("DATA {}\n".utf8)
            while peer.write(chunk) {}
        }
        let start = BootTime.now()
        #expect(throws: TokenClientError.timedOut) {
            try TokenClient(socket: server.path, timeout: haste).ping()
        }
        #expect((haste..<slack).contains(BootTime.now() - start))
    }

    @Test("a full backlog costs no more than the deadline")
    func fullBacklog() {
        let server = ScriptedServer(backlog: 0)
        let crowd = server.fillBacklog()
        defer { for descriptor in crowd { close(descriptor) } }
        #expect(!crowd.isEmpty)
        let start = BootTime.now()
        #expect(throws: TokenClientError.timedOut) {
            try TokenClient(socket: server.path, timeout: haste).ping()
        }
        #expect((haste..<slack).contains(BootTime.now() - start))
    }

    @Test("a full backlog that empties in time lets the client in")
    func emptyingBacklog() throws {
        let server = ScriptedServer(backlog: 0)
        let crowd = server.fillBacklog()
        defer { for descriptor in crowd { close(descriptor) } }
        let hangUps = [@Sendable (Peer) -> Void](repeating: { _ in }, count: crowd.count)
        let waiting = DispatchSemaphore(value: 0)
        Thread.detachNewThread {
            waiting.wait()
            server.serve(hangUps + [{ peer in peer.answer { _ in "OK\n" } }])
        }
        waiting.signal()
        try TokenClient(socket: server.path, timeout: patience).ping()
    }

    @Test(
        "an answer that stops in its middle is a lost connection",
        arguments: ["", "OK", "OK 1 Bea", "DATA {}\n"])
    func lostAnswer(_ part: String) {
        let server = ScriptedServer { peer in
            _ = peer.readLine()
            peer.write(part)
        }
        #expect(throws: TokenClientError.connectionLost) {
            try TokenClient(socket: server.path, timeout: patience).ping()
        }
    }

    @Test("a daemon that hangs up unread neither kills the process nor hides why it did")
    func hangUp() {
        let reason = "ERR busy 3 too many connections\n"
        let server = ScriptedServer { peer in peer.write(reason) }
        let grant = AddedGrant(refreshToken: Secret(String(repeating: "r", count: 60_000)))
        #expect(throws: TokenClientError.refused(RequestError(.busy, retryAfter: 3, "too many connections")))
        {
            try TokenClient(socket: server.path, timeout: patience).add(alice, grant)
        }
        let silent = ScriptedServer { _ in }
        #expect(throws: TokenClientError.connectionLost) {
            try TokenClient(socket: silent.path, timeout: patience).add(alice, grant)
        }
    }

    @Test("a kept connection that the daemon closed is opened again, unnoticed")
    func reconnect() throws {
        let closed = DispatchSemaphore(value: 0)
        let server = ScriptedServer(scripts: [
            { peer in
                _ = peer.readLine()
                peer.write("OK\n")
            },
            { peer in
                closed.signal()
                peer.answer { _ in "OK new\n" }
            },
        ])
        let client = TokenClient(socket: server.path, timeout: patience)
        try client.ping()
        // A second connection is accepted only once the first is closed.
        let other = server.connectWithoutWaiting()
        closed.wait()
        close(other)
        server.serve([{ peer in peer.answer { _ in "OK new\n" } }])
        #expect(try client.add(alice, AddedGrant(refreshToken: Secret("r"))) == .new)
    }

    @Test("a question that was lost on a kept connection is asked once more; an order is not")
    func repetition() throws {
        let log = Log()
        let oneAnswer: @Sendable (Peer) -> Void = { peer in
            for reply in ["OK 1 Bearer first\n", ""] {
                peer.readLine().map(log.append)
                peer.write(reply)
            }
        }
        let server = ScriptedServer(scripts: [oneAnswer, oneAnswer])
        let client = TokenClient(socket: server.path, timeout: patience)
        _ = try client.token(for: alice, GetOptions())
        #expect(try client.token(for: alice, GetOptions()).secret.exposed == "first")
        #expect(throws: TokenClientError.connectionLost) { try client.remove(alice) }
        #expect(
            log.all == [
                "GET sandbox/alice", "GET sandbox/alice", "GET sandbox/alice", "REMOVE sandbox/alice",
            ])
    }

    @Test("an answer that came too late is not taken for the next one's")
    func lateAnswer() throws {
        let late = DispatchSemaphore(value: 0)
        let server = ScriptedServer(scripts: [
            { peer in
                _ = peer.readLine()
                late.wait()
                peer.write("OK 1 Bearer stale\n")
            },
            { peer in
                peer.answer { _ in "OK 1 Bearer fresh\n" }
            },
        ])
        let client = TokenClient(socket: server.path, timeout: haste)
        #expect(throws: TokenClientError.timedOut) { try client.token(for: alice) }
        late.signal()
        client.timeout = patience
        #expect(try client.token(for: alice).secret.exposed == "fresh")
    }

    @Test("nothing at the path, or nobody listening there, is no daemon")
    func noDaemon() {
        let nothing = "/nonexistent/socket"
        #expect(throws: TokenClientError.noDaemon(socket: nothing)) {
            try TokenClient(socket: nothing).ping()
        }
        let server = ScriptedServer(backlog: 1)
        server.stopListening()
        #expect(throws: TokenClientError.noDaemon(socket: server.path)) {
            try TokenClient(socket: server.path).ping()
        }
        #expect(throws: TokenClientError.noDaemon(socket: "/etc/passwd")) {
            try TokenClient(socket: "/etc/passwd").ping()
        }
    }

    @Test("a socket whose mode keeps us out is denied, not absent")
    func denied() {
        let server = ScriptedServer(backlog: 1)
        #expect(chmod(server.path, 0) == 0)
        // Root passes every mode, so its thread steps down for the one connect(2); others cannot and need not.
        let before = setFileSystemUser(65534)
        defer { _ = setFileSystemUser(uid_t(before)) }
        #expect(throws: TokenClientError.accessDenied(socket: server.path)) {
            try TokenClient(socket: server.path).ping()
        }
    }

    @Test(
        "a path that no socket can have fails by its errno",
        arguments: [("", EINVAL), ("\u{0}abstract", EINVAL)])
    func impossiblePaths(_ row: (path: String, errno: Int32)) {
        #expect(throws: TokenClientError.systemCall(name: "connect", errno: row.errno)) {
            try TokenClient(socket: row.path).ping()
        }
        let long = "/" + String(repeating: "x", count: 107)
        #expect(throws: TokenClientError.systemCall(name: "connect", errno: ENAMETOOLONG)) {
            try TokenClient(socket: long).ping()
        }
        #expect(throws: TokenClientError.noDaemon(socket: String(long.dropLast()))) {
            try TokenClient(socket: String(long.dropLast())).ping()
        }
    }
}

/// setfsuid(2), of this thread alone; Glibc's Swift module lacks it.
private let setFileSystemUser = unsafeBitCast(
    dlsym(nil, "setfsuid"), to: (@convention(c) @Sendable (uid_t) -> Int32).self)

extension ScriptedServer {
    /// Connections that nobody accepts, until one more would block.
    fileprivate func fillBacklog() -> [Int32] {
        var crowd: [Int32] = []
        while true {
            let descriptor = connectWithoutWaiting()
            guard descriptor >= 0 else { return crowd }
            crowd.append(descriptor)
        }
    }
}
