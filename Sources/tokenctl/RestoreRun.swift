// Decides how a restoration flows: records out, answers in, progress on standard error. The shell around `RestoreReport`.

import TokenClient

/// A restoration under way, between the records of a whole backup and the pipeline.
struct RestoreRun {
    private let origin: BackupOrigin
    private let records: [SealedRecord]
    private let force: Bool
    private(set) var report = RestoreReport()
    private var position = 0
    /// The positions of the records that were sent and not answered yet, oldest first.
    private var sent: [Int] = []
    private var answered = 0
    private var progress = ImportProgress(isShown: StandardError.isTerminal, done: "restored")

    init(_ records: [SealedRecord], of origin: BackupOrigin, force: Bool) {
        self.records = records
        self.origin = origin
        self.force = force
    }

    /// The next request: what `TokenClient.pipeline` asks for.
    mutating func next() -> PipelineStep {
        while position < records.count {
            let record = records[position]
            position += 1
            do throws(RequestError) {
                let request = RestoreRequest(origin: origin, sealed: record, force: force)
                let encoded = try EncodedRequest(.restore(request))
                sent.append(position - 1)
                return .send(encoded)
            } catch {
                report.answered(record, .failure(error))
            }
        }
        return .end
    }

    /// The daemon's answer to the oldest request.
    mutating func answered(_ result: Result<Answer, RequestError>) {
        report.answered(records[sent[answered]], result)
        answered += 1
        progress.show(
            done: report.restored + Int64(report.kept.count), failed: report.failed)
    }

    /// Takes the progress line away.
    mutating func finish() { progress.clear() }

    /// What a lost connection leaves open, for the end of its complaint.
    var unansweredClause: String {
        let left = Int64(records.count - position + sent.count - answered)
        return left == 0 ? "" : "; no answer came for \(left.grouped) accounts: restore the file again"
    }
}
