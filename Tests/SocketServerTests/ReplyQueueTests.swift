// Decides that replies keep the order of requests, and which requests go on side by side.

import Testing

@testable import SocketServer

@Suite("A connection's queue of replies")
struct ReplyQueueTests {
    static func run(_ line: String) -> ReplyQueue.Run {
        Array(line.utf8).withUnsafeBytes { ReplyQueue.Run(of: $0) }
    }

    @Test(
        "Only GETs beside GETs and ADDs beside ADDs start before all others are answered",
        arguments: [
            ("GET a/b", "get c/d", true), ("ADD a/b {}", "Add c/d {}", true),
            ("ADD a/b {}", "GET a/b", false), ("GET a/b", "ADD a/b {}", false),
            ("GET a/b", "STATUS", false), ("STATUS", "STATUS", false), ("STATUS", "GET a/b", false),
            ("REFRESH a/b", "REFRESH a/b", false), ("GET a/b", "GETS", false), ("GET a/b", "GET", false),
        ])
    func overlap(first: String, second: String, overlaps: Bool) {
        var queue = ReplyQueue()
        #expect(queue.mayStart(Self.run(first)))
        let sequence = queue.start(Self.run(first))
        #expect(queue.mayStart(Self.run(second)) == overlaps)
        #expect(queue.answer(sequence, with: [1]) == true)
        #expect(queue.next() == [1])
        #expect(queue.mayStart(Self.run(second)))
    }

    @Test("Answers leave in the order of requests, whatever the order they come in")
    func order() {
        var queue = ReplyQueue()
        let first = queue.start(.gets)
        let second = queue.start(.gets)
        queue.append([3])
        #expect(queue.answer(second, with: [2]) == true)
        #expect(queue.next() == nil)
        #expect(queue.waitingBytes == 2)
        #expect(queue.answer(first, with: [1]) == true)
        let left = [queue.next(), queue.next(), queue.next(), queue.next()]
        #expect(left == [[1], [2], [3], nil])
        #expect(queue.isEmpty && queue.waitingBytes == 0)
    }

    @Test("A second answer, and one for a request that never was, are ignored")
    func ignoresStrangers() {
        var queue = ReplyQueue()
        let first = queue.start(.alone)
        #expect(queue.answer(first + 1, with: [9]) == false)
        #expect(queue.answer(first, with: [1]) == true)
        #expect(queue.answer(first, with: [9]) == false)
        #expect(queue.next() == [1])
        #expect(queue.answer(first, with: [9]) == false)
        #expect(queue.isEmpty)
    }

    @Test("A thousand requests answered at random leave in order")
    func randomOrder() {
        let seed = UInt64.random(in: .min ... .max)
        var random = SplitMix(state: seed)
        var queue = ReplyQueue()
        var unanswered: [(sequence: UInt64, answer: [UInt8])] = []
        var (entered, left): (UInt8, UInt8) = (0, 0)
        for _ in 0..<20000 {
            switch Int.random(in: 0..<3, using: &random) {
            case 0 where queue.count < 200:
                unanswered.append((queue.start(.adds), [entered]))
                entered &+= 1
            case 1 where !unanswered.isEmpty:
                let index = Int.random(in: 0..<unanswered.count, using: &random)
                let (sequence, answer) = unanswered.remove(at: index)
                let isNew = queue.answer(sequence, with: answer)
                #expect(isNew, "seed \(seed)")
            default:
                guard let answer = queue.next() else { continue }
                #expect(answer == [left], "seed \(seed)")
                left &+= 1
            }
        }
    }
}

/// SplitMix64: a seed printed with a failure repeats it.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
