// Decides how an import flows: lines in, requests out, results and progress to their streams. The shell around
// `ImportReport`; it keeps no more than a window of lines in memory.

import Glibc
import TokenClient

/// An import under way, between its source and the pipeline.
struct ImportRun {
    /// Lines that failed here may queue behind one that waits for its answer, but not without bound.
    private static let mostWaiting = 4 * TokenClient.pipelineRequests
    /// A thousand results or more in one write(2).
    private static let outputSize = 1 << 16

    private var source: LineSource
    private let replace: Bool
    private(set) var report = ImportReport()
    /// Why reading the input or writing the results ended early.
    private(set) var failure: Complaint?
    private var line = 0
    private var output: [UInt8] = []
    private var progress = ImportProgress(isShown: StandardError.isTerminal, done: "imported")

    init(source: LineSource, replace: Bool) {
        self.source = source
        self.replace = replace
    }

    /// The next request: what `TokenClient.pipeline` asks for.
    mutating func next(isIdle: Bool) -> PipelineStep {
        while failure == nil {
            guard isIdle || report.waiting < Self.mostWaiting else { return .later }
            do throws(Complaint) {
                var step = try source.next(mayBlock: false)
                if step == .later {
                    // Whoever feeds us slowly sees each result before we wait for the next line.
                    flush()
                    guard isIdle else { return .later }
                    step = try source.next(mayBlock: true)
                }
                guard step != .end else { return .end }
                if let request = take(step) { return .send(request) }
            } catch {
                failure = error
            }
        }
        return .end
    }

    /// The daemon's answer to the oldest request.
    mutating func answered(_ result: Result<Answer, RequestError>) {
        report.answered(result)
        collect()
    }

    /// Writes what is left, and takes the progress line away.
    mutating func finish() {
        collect()
        flush()
        progress.clear()
    }

    /// What a lost connection leaves open, for the end of its complaint.
    var unansweredClause: String {
        guard let lines = report.unanswered else { return "" }
        return "; no answer came for lines \(lines.lowerBound) to \(lines.upperBound): import them again"
    }

    /// The request of one line, or nil where there is none to send.
    private mutating func take(_ step: LineSource.Step) -> EncodedRequest? {
        line += 1
        do throws(ImportLine.Refusal) {
            guard case .line(let bytes) = step else { throw ImportLine.tooLong }
            guard !ImportLine.isBlank(bytes) else { return nil }
            let parsed = try ImportLine(bytes, replace: replace)
            report.sent(parsed.account, line: line)
            return parsed.request
        } catch {
            report.refused(error, line: line)
            collect()
            return nil
        }
    }

    private mutating func collect() {
        output += report.takeOutput()
        if output.count >= Self.outputSize { flush() }
        progress.show(done: report.imported, failed: report.failed)
    }

    private mutating func flush() {
        defer { output.removeAll(keepingCapacity: true) }
        guard failure == nil, !output.isEmpty else { return }
        do { try StandardOutput.write(output) } catch { failure = error }
    }
}
