// Decides how connections, and the server, come to an end: nobody who still listens misses a reply.

import Glibc
import Testing
import WireProtocol

@testable import SocketServer

@Suite("Ends of connections")
struct ClosingTests {
    @Test("A client that half-closes still gets all its replies, late ones too, then the end")
    func halfClose() throws {
        let test = try TestServer()
        let client = try test.client()
        try client.send("GET slow/a\nGET memory/b\n")
        client.halfClose()
        test.reply("OK a", to: try test.inbox.next())
        #expect(try client.allLines() == ["OK a", "OK memory/b"])
    }

    @Test("Lines that must wait for their turn are still handled after a half-close")
    func halfCloseWithWaitingLines() throws {
        let test = try TestServer()
        let client = try test.client()
        try client.send("REFRESH slow/a\nREFRESH slow/b\nGET memory/c\n")
        client.halfClose()
        for name in ["a", "b"] { test.reply("OK \(name)", to: try test.inbox.next()) }
        #expect(try client.allLines() == ["OK a", "OK b", "OK memory/c"])
    }

    @Test("A last line without a line feed is a bad request, behind the replies before it")
    func unfinishedLastLine() throws {
        let test = try TestServer()
        let client = try test.client()
        try client.send("GET slow/a\nGET memory/b")
        client.halfClose()
        test.reply("OK a", to: try test.inbox.next())
        #expect(
            try client.allLines() == ["OK a", "ERR bad-request - the last line has no line feed"])
    }

    @Test("QUIT is answered behind what came before it, and what comes after is not handled")
    func quit() throws {
        let test = try TestServer()
        let client = try test.client()
        try client.send("GET slow/a\nquit\nGET memory/b\nPING\n")
        test.reply("OK a", to: try test.inbox.next())
        #expect(try client.allLines() == ["OK a", "OK"])
        #expect(test.inbox.count == 0)
    }

    @Test("A reply for a client that is gone reaches nobody, not even the next on the same descriptor")
    func lateReply() throws {
        let test = try TestServer()
        let witness = try test.client()
        let client = try test.client()
        try client.send("REFRESH slow/a\n")
        let received = try test.inbox.next()
        client.close()
        try test.waitForClients(1, asking: witness)
        test.reply("OK stray", to: received)
        let next = try test.client()
        try next.send("REFRESH slow/b\n")
        let own = try test.inbox.next()
        #expect(own.ticket.connection != received.ticket.connection)
        // As if the kernel had given the descriptor to the next client, which it does unless others are quicker.
        let stale = Ticket(
            connection: ConnectionID(
                descriptor: own.ticket.connection.descriptor, serial: received.ticket.connection.serial),
            sequence: own.ticket.sequence)
        test.server.reply(Array("OK stray\n".utf8), to: stale)
        test.reply("OK own", to: own)
        #expect(try next.line() == "OK own")
    }

    @Test("A client that resets its connection in the middle of everything disturbs nobody")
    func reset() throws {
        let test = try TestServer(replySize: 1000)
        let witness = try test.client()
        for _ in 0..<200 {
            let client = try test.client()
            try client.send("GET memory/a\nREFRESH slow/a\nGET memory/b\nGET mem")
            // Closed with replies unread: the server's next call on it fails.
            client.close()
        }
        for received in test.inbox.takeAll() { test.reply("OK", to: received) }
        try test.waitForClients(1, asking: witness)
    }

    @Test("stop sends the replies that are there, closes all connections and is done once")
    func stop() throws {
        let test = try TestServer()
        let (idle, waiting) = (try test.client(), try test.client())
        _ = try idle.ask("GET memory/a")
        try waiting.send("REFRESH slow/a\n")
        test.reply("OK a", to: try test.inbox.next())
        test.server.stop()
        #expect(try waiting.allLines() == ["OK a"])
        #expect(try idle.allLines() == [])
        #expect(test.server.clients == 0)
        #expect(TestClient.connected(test.path) == nil)
        test.server.stop()
    }

    @Test("stop does not wait long for a client that reads nothing, nor for requests nobody answers")
    func stopIsBounded() throws {
        var limits = ServerLimits()
        limits.stopping = .milliseconds(50)
        let test = try TestServer(limits: limits, replySize: 10000)
        let (stalled, unanswered) = (try test.client(), try test.client())
        _ = try stalled.send(String(repeating: "GET memory/a\n", count: 100))
        try unanswered.send("REFRESH slow/a\n")
        let received = try test.inbox.next()
        test.server.stop()
        #expect(try unanswered.allLines() == [])
        test.reply("OK", to: received)
    }

    @Test("After stopAccepting nobody can connect, and those who are connected go on")
    func stopAccepting() throws {
        let test = try TestServer()
        let client = try test.client()
        _ = try client.ask("GET memory/a")
        test.server.stopAccepting()
        // The mail is taken before the next event is waited for.
        #expect(try client.ask("GET memory/a") == "OK memory/a")
        #expect(try client.ask("GET memory/a") == "OK memory/a")
        #expect(TestClient.connected(test.path) == nil)
    }
}
