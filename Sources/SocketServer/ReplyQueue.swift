// Decides in which order a connection's requests start and its replies leave. Replies leave in the order of requests,
// always. A request starts when all before it are answered, so that `ADD a` then `GET a` finds the account, except that
// a run of GETs, of ADDs or of RESTOREs go on side by side, which makes one durable commit of a whole pipelined import.

import WireProtocol

/// The requests of one connection that are not answered yet, and the answers that wait behind them.
struct ReplyQueue {
    /// What a request may go on beside.
    enum Run {
        case gets, adds, restores
        /// Nothing.
        case alone
    }

    /// nil while unanswered. From `head` on; what lies before has left.
    private var answers: [[UInt8]?] = []
    private var head = 0
    /// The sequence number of the request at `head`.
    private var firstSequence: UInt64 = 0
    private var run = Run.alone
    /// Bytes of answers that wait behind an unanswered request.
    private(set) var waitingBytes = 0

    var isEmpty: Bool { head == answers.count }
    var count: Int { answers.count - head }

    /// Whether a request of `run` may start beside those that are unanswered.
    func mayStart(_ run: Run) -> Bool { isEmpty || (run == self.run && run != .alone) }

    /// Enters a request that starts now; returns the sequence number for its answer.
    mutating func start(_ run: Run) -> UInt64 {
        self.run = run
        answers.append(nil)
        return firstSequence + UInt64(count - 1)
    }

    /// Enters an answer that is known already, behind all others. It does not change the run.
    mutating func append(_ answer: [UInt8]) {
        answers.append(answer)
        waitingBytes += answer.count
    }

    /// Whether request `sequence` was unanswered; now it has `answer`.
    mutating func answer(_ sequence: UInt64, with answer: [UInt8]) -> Bool {
        guard sequence >= firstSequence, sequence - firstSequence < UInt64(count) else { return false }
        let index = head + Int(sequence - firstSequence)
        guard answers[index] == nil else { return false }
        answers[index] = answer
        waitingBytes += answer.count
        return true
    }

    /// Takes the oldest request's answer out; nil when there is no request or it is unanswered.
    mutating func next() -> [UInt8]? {
        guard !isEmpty, let answer = answers[head] else { return nil }
        answers[head] = nil
        head += 1
        firstSequence += 1
        waitingBytes -= answer.count
        // Kept small: an idle connection holds nothing, a long run is moved down once per doubling.
        if isEmpty {
            answers = []
            head = 0
        } else if head >= 64, head * 2 >= answers.count {
            answers.removeFirst(head)
            head = 0
        }
        return answer
    }
}

extension ReplyQueue.Run {
    /// By the verb alone: a malformed GET keeps its place in a run, which harms nothing.
    init(of line: UnsafeRawBufferPointer) {
        guard line.count >= 4, line[3] == UInt8(ascii: " ") else {
            self = LineLimit.limit(forLineStartingWith: line) == LineLimit.backup ? .restores : .alone
            return
        }
        switch (line[0] | 0x20, line[1] | 0x20, line[2] | 0x20) {
        case (UInt8(ascii: "g"), UInt8(ascii: "e"), UInt8(ascii: "t")): self = .gets
        case (UInt8(ascii: "a"), UInt8(ascii: "d"), UInt8(ascii: "d")): self = .adds
        default: self = .alone
        }
    }
}
