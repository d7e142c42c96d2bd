// Decides that requests become replies: from memory, through the handlers, in order, side by side where allowed.

import Dispatch
import Glibc
import Testing
import Vocabulary
import WireProtocol

@testable import SocketServer

@Suite("Requests and replies")
struct SocketServerTests {
    @Test("A GET is answered from memory, with CR LF and any case of the verb too")
    func answersFromMemory() throws {
        let test = try TestServer()
        let client = try test.client()
        #expect(try client.ask("GET memory/a") == "OK memory/a")
        #expect(try client.ask("get memory/a min-ttl=5\r") == "OK memory/a")
        #expect(test.inbox.count == 0)
    }

    @Test("Thousands of pipelined GETs are answered in order")
    func pipelines() throws {
        let test = try TestServer()
        let client = try test.client()
        let names = (0..<20000).map { "memory/\($0)" }
        // More than both socket buffers hold, so the sending must go on beside the reading.
        let descriptor = client.descriptor
        let sender = Sender(names.map { "GET \($0)\n" }.joined(), to: descriptor)
        #expect(try client.lines(names.count) == names.map { "OK \($0)" })
        sender.wait()
    }

    @Test("A GET that memory cannot answer goes on with its options, and the peer is this process")
    func handsOn() throws {
        let test = try TestServer()
        let client = try test.client()
        try client.send("GET slow/a min-ttl=60 wait=3\n")
        let received = try test.inbox.next()
        #expect(received.request == .get(AccountName("slow/a")!, GetOptions(minTTL: 60, wait: 3)))
        #expect(received.peer == Peer(uid: getuid(), gid: getgid(), pid: getpid()))
        test.reply("OK late", to: received)
        #expect(try client.line() == "OK late")
    }

    @Test("A reply given inside the handler's call arrives, pipelined too")
    func repliesSynchronously() throws {
        let test = try TestServer { received, server in
            server.reply(Reply.ok("\(received.ticket.sequence)"), to: received.ticket)
            return true
        }
        let client = try test.client()
        try client.send(String(repeating: "PING\n", count: 1000))
        #expect(try client.lines(1000) == (0..<1000).map { "OK \($0)" })
    }

    @Test("Replies of several lines stay together and in their place")
    func repliesInLines() throws {
        let test = try TestServer()
        let client = try test.client()
        try client.send("LIST\nGET memory/a\n")
        test.reply("DATA 1\nDATA 2\nOK 2", to: try test.inbox.next())
        #expect(try client.lines(4) == ["DATA 1", "DATA 2", "OK 2", "OK memory/a"])
    }

    @Test("Replies keep the order of requests although later ones are ready first")
    func keepsOrder() throws {
        let test = try TestServer()
        let client = try test.client()
        try client.send("GET slow/a\nGET memory/b\nGET slow/c\nbogus\n")
        let (first, third) = (try test.inbox.next(), try test.inbox.next())
        test.reply("OK c", to: third)
        #expect(!client.isReadable(within: 20))
        test.reply("OK a", to: first)
        let lines = try client.lines(4)
        #expect(lines.prefix(3) == ["OK a", "OK memory/b", "OK c"])
        #expect(lines.last?.hasPrefix("ERR unknown-verb - ") == true)
    }

    @Test("ADDs start side by side; a GET behind them waits until all are answered")
    func ordersAddBeforeGet() throws {
        let test = try TestServer()
        let client = try test.client()
        let add = "ADD slow/a {\"refresh_token\":\"r\"}\n"
        try client.send(add + add + add + "GET memory/a\nGET slow/a\nREFRESH slow/a\n")
        let adds = try test.inbox.next(3)
        for (index, received) in adds.enumerated().reversed() {
            #expect(test.inbox.count == 0)
            test.reply("OK \(index)", to: received)
        }
        #expect(try client.lines(4) == ["OK 0", "OK 1", "OK 2", "OK memory/a"])
        let get = try test.inbox.next()
        #expect(get.request == .get(AccountName("slow/a")!, GetOptions()))
        #expect(test.inbox.count == 0)
        test.reply("OK get", to: get)
        let refresh = try test.inbox.next()
        #expect(refresh.request == .refresh(AccountName("slow/a")!))
        test.reply("OK refreshed", to: refresh)
        #expect(try client.lines(2) == ["OK get", "OK refreshed"])
    }

    @Test("No more requests than the limit are unanswered at once; the next starts with each answer")
    func boundsOutstanding() throws {
        var limits = ServerLimits()
        limits.outstandingRequests = 4
        let test = try TestServer(limits: limits)
        let client = try test.client()
        try client.send((0..<7).map { "GET slow/\($0)\n" }.joined())
        var waiting = try test.inbox.next(4)
        for index in 0..<7 {
            #expect(test.inbox.count == 0)
            test.reply("OK \(index)", to: waiting.removeFirst())
            #expect(try client.line() == "OK \(index)")
            if index < 3 { waiting.append(try test.inbox.next()) }
        }
    }

    static let badLines: [(line: [UInt8], error: String)] = [
        (Array("".utf8), "ERR bad-request - "),
        (Array("\r".utf8), "ERR bad-request - "),
        (Array("GET".utf8), "ERR bad-request - "),
        (Array("GET  memory/a".utf8), "ERR bad-request - "),
        (Array("GET memory/a ".utf8), "ERR bad-request - "),
        (Array("GET memory/a\r\r".utf8), "ERR bad-request - "),
        (Array("GET memory/a\0".utf8), "ERR bad-request - "),
        ([0], "ERR bad-request - "),
        (Array("GET memory/".utf8) + [0xFF, 0xC3], "ERR bad-request - "),
        (Array("ADD memory/a {\"refresh_token\":\"".utf8) + [0xFF] + Array("\"}".utf8), "ERR bad-request - "),
        (Array("BOGUS".utf8), "ERR unknown-verb - "),
    ]

    @Test("A bad line gets its error and the connection goes on", arguments: badLines)
    func survivesBadLines(line: [UInt8], error: String) throws {
        let test = try TestServer()
        let client = try test.client()
        try client.send(line + [UInt8(ascii: "\n")])
        let answer = try client.line()
        #expect(answer?.hasPrefix(error) == true, "\(answer ?? "closed")")
        #expect(try client.ask("GET memory/a") == "OK memory/a")
        #expect(test.inbox.count == 0)
    }

    @Test("Connections and lines are counted")
    func counts() throws {
        let test = try TestServer()
        let client = try test.client()
        _ = try client.ask("GET memory/a")
        _ = try client.ask("bogus")
        try client.send("PING\n")
        test.reply("OK", to: try test.inbox.next())
        _ = try client.line()
        #expect(test.server.requestsTotal == 3)
        #expect(test.server.clients == 1)
        let other = try test.client()
        _ = try other.ask("GET memory/a")
        #expect(test.server.clients == 2)
        client.close()
        try test.waitForClients(1, asking: other)
    }

    @Test("One client's thousand lines do not keep another's single line waiting")
    func isFair() throws {
        var limits = ServerLimits()
        limits.linesPerTurn = 4
        let (entered, gate) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        let test = try TestServer(limits: limits) { received, server in
            if case .refresh = received.request {
                // The server's thread stands still until both clients have sent all they have.
                entered.signal()
                gate.wait()
            }
            server.reply(Reply.ok(), to: received.ticket)
            return false
        }
        let flooder = try test.client()
        let other = try test.client()
        _ = try other.ask("GET memory/a")
        try flooder.send("REFRESH slow/flood\n" + String(repeating: "PING\n", count: 1000))
        entered.wait()
        try other.send("STATUS\n")
        gate.signal()
        #expect(try other.line() == "OK")
        #expect(try flooder.lines(1001).count == 1001)
        let order = try test.inbox.next(1002).map(\.request)
        let place = try #require(order.firstIndex(of: .status(nil)))
        #expect(place <= 2 * limits.linesPerTurn)
    }

    @Test(
        "Whatever the pieces a stream arrives in and the order of answers, each request gets its own reply in order"
    )
    func randomPieces() throws {
        let seed = UInt64.random(in: .min ... .max)
        var random = SplitMix(state: seed)
        var limits = ServerLimits()
        limits.outstandingRequests = 16
        limits.linesPerTurn = 8
        limits.unsentBytes = 4096
        let test = try TestServer(limits: limits)
        let client = try test.client()
        var (stream, expected): (String, [String]) = ("", [])
        for index in 0..<3000 {
            switch Int.random(in: 0..<5, using: &random) {
            case 0, 1:
                stream += "GET memory/\(index)\(Bool.random(using: &random) ? "\r" : "")\n"
                expected.append("OK memory/\(index)")
            case 2:
                stream += "GET slow/\(index)\n"
                expected.append("OK slow/\(index)")
            case 3:
                stream += "ADD slow/\(index) {\"refresh_token\":\"r\"}\n"
                expected.append("OK slow/\(index)")
            default:
                stream += "REFRESH slow/\(index)\n"
                expected.append("OK slow/\(index)")
            }
        }
        let sender = Sender(stream, to: client.descriptor, pieces: random.next())
        let answerer = Answerer(test, seed: random.next())
        #expect(try client.lines(expected.count) == expected, "seed \(seed)")
        sender.wait()
        answerer.stop()
    }
}
