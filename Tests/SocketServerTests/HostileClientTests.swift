// Decides that no client can hurt the daemon or another client: endless lines, slow ones, readers that do not read,
// too many connections, descriptors smuggled in (scenarios D1, D3 and D11).

import CLinux
import Glibc
import Testing
import WireProtocol

@testable import SocketServer

@Suite("Hostile clients (D1, D3, D11)")
struct HostileClientTests {
    static let tooLong = "ERR line-too-long - a line has at most 4096 bytes, ADD's 65536, RESTORE's 131072"

    static func line(_ start: String, length: Int) -> String {
        start + String(repeating: "x", count: length - start.utf8.count - 1) + "\n"
    }

    @Test("A request that arrives byte by byte is a request")
    func byteByByte() throws {
        let test = try TestServer()
        let client = try test.client()
        let other = try test.client()
        for byte in "GET memory/a\nGET memory/b\r\n".utf8 {
            try client.send([byte])
            #expect(try other.ask("GET memory/other") == "OK memory/other")
        }
        #expect(try client.lines(2) == ["OK memory/a", "OK memory/b"])
    }

    @Test(
        "The longest line is a request, one byte more is too long, with and without its line feed",
        arguments: [("FOO ", 4096), ("ADD slow/a ", 65536), ("add slow/a ", 65536), ("ADDx", 4096)])
    func longestLine(start: String, limit: Int) throws {
        let test = try TestServer()
        for cut in [0, 1] {
            let client = try test.client()
            try client.send("GET memory/a\n" + Self.line(start, length: limit))
            #expect(try client.line() == "OK memory/a")
            #expect(try client.line()?.hasPrefix("ERR line-too-long") == false)
            try client.send(String(Self.line(start, length: limit + 1).dropLast(cut)))
            #expect(try client.allLines() == [Self.tooLong])
        }
    }

    @Test("Replies before a line that is too long come first, late ones too")
    func tooLongInOrder() throws {
        let test = try TestServer()
        let client = try test.client()
        try client.send("GET slow/a\n" + Self.line("FOO ", length: 5000) + "GET memory/b\n")
        let received = try test.inbox.next()
        #expect(!client.isReadable(within: 20))
        test.reply("OK a", to: received)
        #expect(try client.allLines() == ["OK a", Self.tooLong])
    }

    @Test("A gigabyte without a line feed ends in an error that the client can read, not in memory")
    func gigabyteWithoutLineFeed() throws {
        let test = try TestServer()
        let client = try test.client()
        let megabyte = [UInt8](repeating: 0, count: 1 << 20)
        var taken = 0
        while taken < 1 << 30 {
            let sent = client.sendSome(megabyte)
            taken += sent
            if sent < megabyte.count { break }
        }
        #expect(taken < 8 << 20, "what is thrown away is bounded")
        #expect(try client.allLines() == [Self.tooLong])
        #expect(try test.client().ask("GET memory/a") == "OK memory/a")
    }

    @Test("A line that is not finished in time is told so and the connection ends")
    func unfinishedLine() throws {
        var limits = ServerLimits()
        limits.unfinishedLine = .milliseconds(30)
        let test = try TestServer(limits: limits)
        let (client, idle) = (try test.client(), try test.client())
        #expect(try idle.ask("GET memory/a") == "OK memory/a")
        try client.send("GET memory/a\nGET mem")
        let lines = try client.allLines()
        #expect(lines.count == 2 && lines[1].hasPrefix("ERR timeout - the line was not finished"))
        #expect(try idle.ask("GET memory/a") == "OK memory/a", "a silent client without a line is welcome")
    }

    @Test("A client that does not read is not read either; when it reads again nothing is missing")
    func stalledReader() throws {
        let test = try TestServer(replySize: 1024)
        let client = try test.client()
        let request = Array("GET memory/a\n".utf8)
        var sent = 0
        var poller = pollfd(descriptor: client.descriptor, events: Int16(POLLOUT))
        // Full means: for 200 ms the server has taken nothing.
        while sent < 100_000_000, poll(&poller, 1, 200) == 1 {
            sent += client.sendSome(
                Array(repeatElement(request, count: 1000).joined()), flags: MSG_NOSIGNAL | MSG_DONTWAIT)
        }
        #expect(sent < 2 << 20, "the server stops reading")
        // Two socket buffers and our own bound, in replies of a kilobyte.
        #expect(test.server.requestsTotal < 1024)
        let other = try test.client()
        #expect(try other.ask("GET memory/b")?.hasPrefix("OK memory/b") == true)
        client.halfClose()
        let lines = try client.allLines()
        let whole = sent / request.count
        #expect(lines.count == whole + (sent % request.count == 0 ? 0 : 1))
        #expect(lines.prefix(whole).allSatisfy { $0.utf8.count == 1023 && $0.hasPrefix("OK memory/a.") })
    }

    @Test("A client that takes nothing for the whole time is closed and named")
    func stalledTooLong() throws {
        var limits = ServerLimits()
        limits.stalledOutput = .milliseconds(50)
        let test = try TestServer(limits: limits, replySize: 100_000)
        let witness = try test.client()
        let client = try test.client()
        try client.send(String(repeating: "GET memory/a\n", count: 20))
        #expect(try test.events.next() == .clientStalled(Peer(uid: getuid(), gid: getgid(), pid: getpid())))
        try test.waitForClients(1, asking: witness)
    }

    @Test("A slow reader that does make progress is not closed")
    func slowReader() throws {
        var limits = ServerLimits()
        limits.stalledOutput = .milliseconds(400)
        let test = try TestServer(limits: limits, replySize: 400_000)
        let client = try test.client()
        try client.send("GET memory/a\nGET memory/a\nGET memory/a\n")
        var buffer = [UInt8](repeating: 0, count: 100_000)
        var taken = 0
        while taken < 1_200_000 {
            // Nothing ever becomes ready on no descriptor: this only lets time pass for the deadline to be wrong in.
            poll(nil, 0, 60)
            let count = read(client.descriptor, &buffer, buffer.count)
            guard count > 0 else { break }
            taken += count
        }
        #expect(taken == 1_200_000)
        #expect(test.events.count == 0)
    }

    @Test("One connection more than the limit is told busy; when one leaves there is room")
    func connectionLimit() throws {
        var limits = ServerLimits()
        limits.connections = 2
        let test = try TestServer(limits: limits)
        let (first, second) = (try test.client(), try test.client())
        _ = try first.ask("GET memory/a")
        _ = try second.ask("GET memory/a")
        for _ in 0..<100 {
            let surplus = try test.client()
            #expect(try surplus.allLines() == ["ERR busy 1 too many connections"])
        }
        #expect(try test.events.next() == .connectionLimitReached(2))
        #expect(test.events.count == 0, "told once")
        second.close()
        try test.waitForClients(1, asking: first)
        #expect(try test.client().ask("GET memory/b") == "OK memory/b")
    }

    @Test("Two thousand silent connections are all served when they speak")
    func manyConnections() throws {
        let test = try TestServer()
        let clients = try (0..<2000).map { _ in try test.client() }
        for client in clients { try client.send("GET memory/a\n") }
        for client in clients { #expect(try client.line() == "OK memory/a") }
        #expect(test.server.clients == 2000)
    }

    @Test("Descriptors that a client sends along are let go at once")
    func smuggledDescriptors() throws {
        let test = try TestServer()
        let client = try test.client()
        var ends: [Int32] = [0, 0]
        #expect(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0)
        defer { Glibc.close(ends[0]) }
        for _ in 0..<200 {
            #expect(Self.send("GET memory/a\n", with: ends[1], on: client.descriptor))
            #expect(try client.line() == "OK memory/a")
        }
        Glibc.close(ends[1])
        // One end hangs up once nobody, the server included, holds the other.
        var poller = pollfd(descriptor: ends[0], events: Int16(POLLIN))
        #expect(poll(&poller, 1, Int32(TestClient.patience * 1000)) == 1)
        #expect(poller.revents & Int16(POLLHUP) != 0)
        #expect(try client.ask("GET memory/a") == "OK memory/a", "the connection is still open")
    }

    /// sendmsg(2) with `descriptor` as SCM_RIGHTS (unix(7)).
    static func send(_ text: String, with descriptor: Int32, on socket: Int32) -> Bool {
        var bytes = Array(text.utf8)
        // struct cmsghdr of 16 bytes, one descriptor, padding to 8.
        var control = [UInt64](repeating: 0, count: 3)
        return control.withUnsafeMutableBytes { control in
            control.storeBytes(of: 20, as: Int.self)
            control.storeBytes(of: Int32(SOL_SOCKET), toByteOffset: 8, as: Int32.self)
            control.storeBytes(of: 1, toByteOffset: 12, as: Int32.self)  // SCM_RIGHTS
            control.storeBytes(of: descriptor, toByteOffset: 16, as: Int32.self)
            return bytes.withUnsafeMutableBytes { bytes in
                var piece = iovec(iov_base: bytes.baseAddress, iov_len: bytes.count)
                return withUnsafeMutablePointer(to: &piece) { piece in
                    var message = msghdr()
                    message.msg_iov = piece
                    message.msg_iovlen = 1
                    message.msg_control = control.baseAddress
                    message.msg_controllen = control.count
                    return sendmsg(socket, &message, Int32(MSG_NOSIGNAL)) == bytes.count
                }
            }
        }
    }

    @Test("Without descriptors, accepting pauses without spinning, connected clients go on, and it resumes")
    func withoutDescriptors() async {
        // In a process of its own: the limit of descriptors is the whole process's.
        await #expect(processExitsWith: .success) {
            let test = try TestServer()
            let client = try test.client()
            #expect(try client.ask("GET memory/a") == "OK memory/a")
            let spare = try test.client()
            #expect(try spare.ask("GET memory/a") == "OK memory/a")

            // Sockets made before the limit, so that only the server is short of descriptors.
            let waiting = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
            let next = dup(waiting)
            close(next)
            var limit = rlimit(rlim_cur: rlim_t(next), rlim_max: rlim_t(next))
            setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
            #expect(TestClient.connect(waiting, to: test.path))
            #expect(try test.events.next() == .acceptFailed(EMFILE))

            let before = clock()
            var poller = pollfd(descriptor: waiting, events: Int16(POLLIN))
            #expect(Glibc.send(waiting, "PING\n", 5, Int32(MSG_NOSIGNAL)) == 5)
            #expect(poll(&poller, 1, 500) == 0, "there is no descriptor for it")
            let spent = clock() - before
            #expect(spent < 100_000, "\(spent) us of processor time within 500 ms of waiting")
            #expect(test.events.count == 0, "told once")
            #expect(try client.ask("GET memory/a") == "OK memory/a")

            spare.close()
            test.reply("OK", to: try test.inbox.next())
            #expect(poll(&poller, 1, Int32(TestClient.patience * 1000)) == 1)
        }
    }
}
