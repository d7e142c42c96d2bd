// Decides nothing; shows what each fault does to a real connection, and what is in flight meanwhile.

import Testing

@testable import SandboxProvider

@Suite(.timeLimit(.minutes(1))) struct SandboxFaultTests {
    @Test("A scripted answer is sent as written, and nothing is rotated")
    func respond() async throws {
        try await withSandbox { sandbox, client in
            let grant = sandbox.createGrant(subject: "alice")
            let headers = [
                "Retry-After": "7", "Date": "Thu, 01 Jan 1970 00:00:00 GMT", "Content-Type": "text/html",
            ]
            sandbox.addFault(
                Fault(.respond(ScriptedAnswer(status: 503, headers: headers, body: "<p>no")), count: 1))
            let reply = await client.refresh(grant.refreshToken)
            #expect(reply.status == 503)
            #expect(reply.body == "<p>no")
            for (name, value) in headers { #expect(reply.header(name) == value) }
            #expect(await client.refresh(grant.refreshToken).status == 200)
            #expect(sandbox.counters(of: "alice").failures(.scripted) == 1)
        }
    }

    @Test("A body override rotates, and its placeholders stand for what was issued")
    func bodyOverride() async throws {
        try await withSandbox { sandbox, client in
            let grant = sandbox.createGrant(subject: "alice")
            let body =
                #"{"access_token":"{{access_token}}","rt":"{{refresh_token}}","expires_at":"{{expires_at}}"}"#
            sandbox.addFault(Fault(.bodyOverride(ScriptedAnswer(status: 200, body: body)), count: 1))
            let reply = await client.refresh(grant.refreshToken)
            let access = try #require(member("access_token", of: reply.body))
            #expect(sandbox.check(accessToken: access) == .valid(subject: "alice", scope: "contacts.read"))
            #expect(Int(member("expires_at", of: reply.body) ?? "") != nil)
            let successor = try #require(member("rt", of: reply.body))
            #expect(await client.refresh(successor).status == 200)
        }
    }

    @Test("A dropped request gets no byte and rotates nothing")
    func dropBefore() async throws {
        try await withSandbox { sandbox, client in
            let grant = sandbox.createGrant(subject: "alice")
            sandbox.addFault(Fault(.dropBefore, count: 1))
            let reply = await client.refresh(grant.refreshToken)
            #expect(reply.bytes.isEmpty)
            #expect(reply.ending == .closed)
            #expect(await client.refresh(grant.refreshToken).status == 200)
            #expect(sandbox.statistics.total.reuses == 0)
        }
    }

    @Test("A lost answer gets no byte and rotates, so that the old token is reuse")
    func rotateAndLose() async throws {
        try await withSandbox { sandbox, client in
            let grant = sandbox.createGrant(subject: "alice")
            sandbox.addFault(Fault(.rotateAndLose, count: 1))
            let reply = await client.refresh(grant.refreshToken)
            #expect(reply.bytes.isEmpty)
            #expect(reply.ending == .closed)
            #expect(sandbox.counters(of: "alice").refreshes == 1)
            #expect(await client.refresh(grant.refreshToken).status == 400)
            #expect(sandbox.counters(of: "alice").reuses == 1)
        }
    }

    @Test("A truncated answer has its head and half its body")
    func truncate() async throws {
        try await withSandbox { sandbox, client in
            let grant = sandbox.createGrant(subject: "alice")
            sandbox.addFault(Fault(.truncate))
            let reply = await client.refresh(grant.refreshToken)
            #expect(reply.status == 200)
            #expect(reply.ending == .closed)
            let promised = try #require(reply.header("content-length").flatMap { Int($0) })
            #expect(reply.body.utf8.count == promised / 2)
            #expect(sandbox.counters(of: "alice").refreshes == 1)
        }
    }

    @Test("A hung request is in flight until its client gives up, and is never processed")
    func hang() async throws {
        try await withSandbox { sandbox, client in
            let grant = sandbox.createGrant(subject: "alice")
            sandbox.addFault(Fault(.hang, count: 1))
            let reply = await client.refresh(grant.refreshToken) {
                sandbox.counters(of: "alice").inFlight == 1
            }
            #expect(reply.ending == .givenUp && reply.bytes.isEmpty)
            #expect(await eventually { sandbox.counters(of: "alice").inFlight == 0 })
            #expect(await client.refresh(grant.refreshToken).status == 200)
            #expect(sandbox.counters(of: "alice").maximumInFlight == 1)
        }
    }

    @Test("A stop ends hung and delayed requests at once")
    func stopWhileHanging() async throws {
        let sandbox = try await Sandbox.start()
        let client = RawClient(port: sandbox.port)
        let grants = [sandbox.createGrant(subject: "alice"), sandbox.createGrant(subject: "alice")]
        sandbox.addFault(Fault(.hang, count: 1))
        sandbox.addFault(Fault(.delay(seconds: 3600), count: 1))
        async let first = client.refresh(grants[0].refreshToken)
        async let second = client.refresh(grants[1].refreshToken)
        #expect(await eventually { sandbox.counters(of: "alice").inFlight == 2 })
        await sandbox.stop()
        #expect(sandbox.counters(of: "alice").maximumInFlight == 2)
        #expect(sandbox.counters(of: "alice").inFlight == 0)
        for reply in await [first, second] {
            #expect(reply.bytes.isEmpty)
            #expect(reply.ending == .closed)
        }
    }

    @Test(
        "A delayed request is answered late",
        arguments: [Fault.Action.delay(seconds: 0.2), .delayAnswer(seconds: 0.2)])
    func delay(action: Fault.Action) async throws {
        try await withSandbox { sandbox, client in
            let grant = sandbox.createGrant(subject: "alice")
            sandbox.addFault(Fault(action))
            let reply = await client.refresh(grant.refreshToken)
            #expect(reply.status == 200)
            #expect(reply.seconds >= 0.2)
            #expect(sandbox.counters(of: "alice").inFlight == 0)
        }
    }

    @Test(
        "When the client gives up early, the token is rotated at once or later, but it is",
        arguments: [Fault.Action.delay(seconds: 1), .delayAnswer(seconds: 1)])
    func delayWithoutClient(action: Fault.Action) async throws {
        try await withSandbox { sandbox, client in
            let grant = sandbox.createGrant(subject: "alice")
            sandbox.addFault(Fault(action, count: 1))
            let reply = await client.refresh(grant.refreshToken) {
                sandbox.counters(of: "alice").inFlight == 1
            }
            #expect(reply.bytes.isEmpty)
            #expect(await eventually { sandbox.counters(of: "alice").refreshes == 1 })
        }
    }

    @Test("A dripping answer comes byte by byte and whole")
    func drip() async throws {
        try await withSandbox { sandbox, client in
            let grant = sandbox.createGrant(subject: "alice")
            sandbox.addFault(Fault(.drip(secondsPerByte: 0.002)))
            let reply = await client.refresh(grant.refreshToken)
            #expect(reply.isComplete)
            #expect(reply.seconds >= 0.002 * Double(reply.body.utf8.count))
        }
    }

    @Test("A huge answer has no end, and the sandbox outlives the client that stops reading")
    func huge() async throws {
        try await withSandbox { sandbox, client in
            let grant = sandbox.createGrant(subject: "alice")
            sandbox.addFault(Fault(.huge, count: 1))
            let reply = await client.refresh(grant.refreshToken, cap: 8 << 20)
            #expect(reply.ending == .givenUp)
            #expect(reply.bytes.count >= 8 << 20)
            #expect(await eventually { sandbox.statistics.total.inFlight == 0 })
            #expect(await client.refresh(grant.refreshToken).status == 200)
        }
    }

    @Test("An endless head is all fields and no body, and the sandbox outlives the client that stops reading")
    func endlessHead() async throws {
        try await withSandbox { sandbox, client in
            let grant = sandbox.createGrant(subject: "alice")
            sandbox.addFault(Fault(.endlessHead, count: 1))
            let reply = await client.refresh(grant.refreshToken, cap: 8 << 20)
            #expect(reply.ending == .givenUp && reply.bytes.count >= 8 << 20)
            #expect(reply.bytes.starts(with: "HTTP/1.1 200 OK\r\nX-Filler: x".utf8))
            #expect(await eventually { sandbox.statistics.total.inFlight == 0 })
            #expect(await client.refresh(grant.refreshToken).status == 200)
        }
    }

    @Test("A fault at another endpoint leaves the token endpoint alone")
    func otherEndpoint() async throws {
        try await withSandbox { sandbox, client in
            let grant = sandbox.createGrant(subject: "alice")
            let id = sandbox.addFault(
                Fault(.respond(ScriptedAnswer(status: 500)), endpoints: [.userinfo], subject: "alice"))
            let bearer = ["Authorization": "Bearer \(grant.accessToken)"]
            #expect(await client.send("GET", "/userinfo", headers: bearer).status == 500)
            #expect(await client.refresh(grant.refreshToken).status == 200)
            sandbox.removeFault(id)
            #expect(await client.send("GET", "/userinfo", headers: bearer).status == 200)
        }
    }
}
