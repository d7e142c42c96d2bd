// Decides what an import tells: one line for each account, in the order of the input, whether the daemon answered it or
// the line never left. Pure: lines go in as they are read and answered, text comes out when its turn has come.

import TokenClient

/// The results of an import so far.
struct ImportReport {
    private struct Entry {
        let line: Int
        let account: AccountName?
        /// nil while the daemon's answer is awaited.
        let refusal: RequestError?
    }

    /// What waits for its turn, oldest first.
    private var entries: [Entry] = []
    private var first = 0
    /// Result lines to be written, LF included.
    private var output: [UInt8] = []

    private(set) var imported: Int64 = 0
    private(set) var failed: Int64 = 0

    /// Lines that wait for an answer or for the answer of one before them.
    var waiting: Int { entries.count - first }

    /// The account of input line `line` was sent.
    mutating func sent(_ account: AccountName, line: Int) {
        entries.append(Entry(line: line, account: account, refusal: nil))
    }

    /// Input line `line` was not sent.
    mutating func refused(_ refusal: ImportLine.Refusal, line: Int) {
        entries.append(Entry(line: line, account: refusal.account, refusal: refusal.error))
        settle()
    }

    /// The daemon answered the oldest account that was sent.
    mutating func answered(_ result: Result<Answer, RequestError>) {
        precondition(waiting > 0, "an answer belongs to an account that was sent")
        let entry = takeFirst()
        switch result {
        case .success(let answer): write("ok \(entry.account!) \(answer.text.printable)\n")
        case .failure(let error): fail(entry, error)
        }
        if case .success = result { imported += 1 }
        settle()
    }

    /// The result lines since the last call.
    mutating func takeOutput() -> [UInt8] {
        defer { output = [] }
        return output
    }

    /// The input lines that were sent and never answered, where the connection was lost.
    var unanswered: ClosedRange<Int>? {
        let lines = entries[first...].filter { $0.refusal == nil }.map(\.line)
        guard let low = lines.first, let high = lines.last else { return nil }
        return low...high
    }

    /// Writes what stands at the head and waits for no answer.
    private mutating func settle() {
        while first < entries.count, let refusal = entries[first].refusal { fail(takeFirst(), refusal) }
    }

    private mutating func takeFirst() -> Entry {
        defer {
            first += 1
            // Dropped in bulk: removing one by one from the front would move all the others each time.
            if first > entries.count / 2 {
                entries.removeFirst(first)
                first = 0
            }
        }
        return entries[first]
    }

    private mutating func fail(_ entry: Entry, _ error: RequestError) {
        failed += 1
        let account = entry.account?.text ?? "-"
        write("error line \(entry.line) \(account) \(error.code.rawValue) \(error.sentence.printable)\n")
    }

    private mutating func write(_ line: String) { output.append(contentsOf: line.utf8) }
}
