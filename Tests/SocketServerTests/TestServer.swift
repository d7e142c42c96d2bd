// Decides what the server under test does: GETs of accounts of provider `memory` are answered at once, everything else
// goes to an inbox from which the test takes and answers it.

import Dispatch
import Glibc
import Synchronization
import Testing
import WireProtocol

@testable import SocketServer

/// A server on a socket in a directory of its own, and what it handed on.
final class TestServer {
    struct Received: Sendable {
        let request: Request
        let peer: Peer
        let ticket: Ticket
    }

    let directory: TemporaryDirectory
    let path: String
    let server: SocketServer
    let inbox = Inbox<Received>()
    let events = Inbox<SocketServer.Event>()

    /// - Parameters:
    ///   - replySize: bytes of an answer from memory, padded.
    ///   - receive: called before a request goes to the inbox; true when it is dealt with.
    init(
        limits: ServerLimits = ServerLimits(), replySize: Int = 0,
        receive: @escaping @Sendable (Received, SocketServer) -> Bool = { _, _ in false }
    ) throws {
        directory = try TemporaryDirectory()
        path = directory.path + "/s"
        let listening = try ListeningSocket.bind(path: path, mode: 0o600, group: nil)
        let events = self.events
        let server = try SocketServer(
            listener: listening.descriptor, limits: limits, onEvent: { events.put($0) })
        self.server = server
        let inbox = self.inbox
        try server.start(
            SocketServer.Handlers(
                serve: { get, line, output in
                    let account = line[get.account]
                    guard account.starts(with: "memory/".utf8) else { return false }
                    let start = output.count
                    output.append(contentsOf: "OK ".utf8)
                    output.append(contentsOf: account)
                    output.append(
                        contentsOf: repeatElement(
                            UInt8(ascii: "."), count: max(0, replySize - (output.count - start) - 1)))
                    output.append(UInt8(ascii: "\n"))
                    return true
                },
                receive: { request, peer, ticket in
                    let received = Received(request: request, peer: peer, ticket: ticket)
                    if !receive(received, server) { inbox.put(received) }
                }))
    }

    deinit { server.stop() }

    func client() throws -> TestClient { try TestClient(path) }

    func reply(_ text: String, to received: Received) {
        server.reply(Array((text + "\n").utf8), to: received.ticket)
    }

    /// Asks `client` until the server counts `count` connections.
    func waitForClients(_ count: Int, asking client: TestClient) throws {
        let deadline = ContinuousClock.now + .seconds(TestClient.patience)
        while server.clients != count, ContinuousClock.now < deadline {
            #expect(try client.ask("GET memory/wait")?.hasPrefix("OK memory/wait") == true)
        }
        #expect(server.clients == count)
    }
}

/// A queue that a test waits on.
final class Inbox<Element: Sendable>: Sendable {
    private let elements = Mutex<[Element]>([])
    private let available = DispatchSemaphore(value: 0)

    func put(_ element: Element) {
        elements.withLock { $0.append(element) }
        available.signal()
    }

    /// The oldest element, waited for.
    func next() throws -> Element {
        try #require(available.wait(timeout: .now() + .seconds(TestClient.patience)) == .success)
        return elements.withLock { $0.removeFirst() }
    }

    func next(_ count: Int) throws -> [Element] { try (0..<count).map { _ in try next() } }

    /// Everything there is, not waited for.
    func takeAll() -> [Element] {
        var taken: [Element] = []
        while available.wait(timeout: .now()) == .success {
            taken.append(elements.withLock { $0.removeFirst() })
        }
        return taken
    }

    /// How many have come and were not taken.
    var count: Int { elements.withLock { $0.count } }
}

/// A directory that only this process uses; removed with all that is in it.
final class TemporaryDirectory {
    let path: String

    init() throws {
        var template = Array("/tmp/tokend-test.XXXXXX".utf8CString)
        path = String(cString: try #require(mkdtemp(&template)))
    }

    deinit {
        for name in names { if unlink(path + "/" + name) != 0 { rmdir(path + "/" + name) } }
        rmdir(path)
    }

    /// What is in it, in order.
    var names: [String] {
        guard let stream = opendir(path) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }
}
