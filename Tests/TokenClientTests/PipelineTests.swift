import Testing
import TokenClient
import Vocabulary
import WireProtocol

private let patience: Duration = .seconds(60)

@Suite struct PipelineTests {
    private func add(_ number: Int, tokenLength: Int = 1) throws(RequestError) -> EncodedRequest {
        let grant = AddedGrant(refreshToken: Secret(String(repeating: "r", count: tokenLength)))
        return try EncodedRequest(.add(AccountName("sandbox/\(number)")!, grant))
    }

    @Test(
        "answers come in order, refusals among them, and the source is never asked for more than the window")
    func order() throws {
        let server = ScriptedServer { peer in
            peer.answer { line in
                let number = line.split(separator: " ")[1].dropFirst("sandbox/".count)
                return Int(number)! % 3 == 0 ? "ERR exists - \(number)\n" : "OK \(number)\n"
            }
        }
        let requests = try (0..<3000).map { try add($0) }
        var sent = 0
        var answers: [String] = []
        var mostAhead = 0
        try TokenClient(socket: server.path, timeout: patience).pipeline(
            next: { _ in
                guard sent < requests.count else { return .end }
                defer { sent += 1 }
                mostAhead = max(mostAhead, sent + 1 - answers.count)
                return .send(requests[sent])
            },
            answered: { result in
                switch result {
                case .success(let answer): answers.append(answer.text)
                case .failure(let error): answers.append("!" + error.sentence)
                }
            })
        #expect(answers == (0..<3000).map { $0 % 3 == 0 ? "!\($0)" : "\($0)" })
        #expect((2...TokenClient.pipelineRequests).contains(mostAhead))
    }

    @Test("a daemon that reads nothing more until its answer is taken does not stop the pipeline")
    func bothBuffersFull() throws {
        // Requests and answers are each far more than the kernel holds, and the server writes before it reads on.
        let answer = "OK " + String(repeating: "a", count: 60_000) + "\n"
        let server = ScriptedServer { peer in peer.answer { _ in answer } }
        let requests = try (0..<100).map { try add($0, tokenLength: 60_000) }
        var sent = 0
        var answered = 0
        try TokenClient(socket: server.path, timeout: patience).pipeline(
            next: { _ in
                guard sent < requests.count else { return .end }
                defer { sent += 1 }
                return .send(requests[sent])
            },
            answered: { _ in answered += 1 })
        #expect(answered == 100)
    }

    @Test("a source with nothing yet is asked again after an answer, and may take its time only when idle")
    func later() throws {
        let server = ScriptedServer { peer in peer.answer { _ in "OK\n" } }
        let request = try add(1)
        var script: [PipelineStep] = [.send(request), .send(request), .later, .later, .send(request), .end]
        var asked: [Bool] = []
        var answered = 0
        try TokenClient(socket: server.path, timeout: patience).pipeline(
            next: { isIdle in
                asked.append(isIdle)
                return script.removeFirst()
            },
            answered: { _ in answered += 1 })
        #expect(answered == 3 && script.isEmpty)
        #expect(asked.prefix(3) == [true, false, false])
    }

    @Test("an empty source needs no answer")
    func empty() throws {
        let server = ScriptedServer { $0.stayMute() }
        try TokenClient(socket: server.path, timeout: patience).pipeline(
            next: { _ in .end }, answered: { _ in Issue.record("nothing was asked") })
    }

    @Test("a connection lost on the way leaves the answers that came")
    func lost() throws {
        let server = ScriptedServer { peer in
            for _ in 0..<3 {
                _ = peer.readLine()
                peer.write("OK\n")
            }
            peer.write("OK ne")
        }
        let request = try add(1)
        var answered = 0
        #expect(throws: TokenClientError.connectionLost) {
            try TokenClient(socket: server.path, timeout: patience).pipeline(
                next: { _ in .send(request) }, answered: { _ in answered += 1 })
        }
        #expect(answered == 3)
    }

    @Test("a daemon that falls mute on the way is left at the deadline of one answer")
    func mute() throws {
        let server = ScriptedServer { peer in
            for _ in 0..<3 {
                _ = peer.readLine()
                peer.write("OK\n")
            }
            peer.stayMute()
        }
        let request = try add(1)
        var answered = 0
        #expect(throws: TokenClientError.timedOut) {
            // Long enough for the answers that do come, on a machine that is busy with all the other tests.
            try TokenClient(socket: server.path, timeout: .seconds(3)).pipeline(
                next: { _ in .send(request) }, answered: { _ in answered += 1 })
        }
        #expect(answered == 3)
    }
}
