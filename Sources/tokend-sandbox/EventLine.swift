// Decides what a person sees of an event: the time, one word, whose grant, and what follows from it, in columns.

import Glibc
import SandboxProvider

/// One event as a line of text.
struct EventLine: Hashable {
    let word: String
    let color: Output.Color
    let subject: String?
    let detail: String

    init(_ event: Event) {
        switch event {
        case .granted(let subject, let expiresAt):
            self.init("granted", .cyan, subject, "until \(Self.clock(expiresAt))")
        case .refreshed(let subject, let expiresAt):
            self.init("refreshed", .green, subject, "until \(Self.clock(expiresAt))")
        case .reused(let subject):
            self.init("reused", .red, subject, "a used refresh token came back: its family is revoked")
        case .refused(let subject, let refusal): self.init("refused", .red, subject, refusal.rawValue)
        case .revoked(let subject): self.init("revoked", .yellow, subject, "the next refresh will fail")
        case .faulted(let subject, let endpoint, let action):
            self.init("fault", .yellow, subject, "\(action.words) at \(endpoint.rawValue)")
        case .accessGranted(let subject): self.init("used", .green, subject, "the API took the token")
        case .accessRefused(let subject, let lapse):
            let reason = lapse.map { " \(Int($0.rounded(.up))) s after its expiry" } ?? ""
            self.init("turned away", .red, subject, "the API refused the token" + reason)
        }
    }

    private init(_ word: String, _ color: Output.Color, _ subject: String?, _ detail: String) {
        self.word = word
        self.color = color
        self.subject = subject
        self.detail = detail
    }

    /// The whole line without LF.
    /// - Parameters:
    ///   - time: of the event, in epoch seconds.
    ///   - width: of the longest account.
    func text(time: Double, width: Int, _ output: Output) -> String {
        let word = output.paint(padded(word, to: "turned away".count), color)
        return "\(Self.clock(time))  \(word)  \(padded(subject ?? "-", to: width))  \(detail)"
    }

    /// Local time of day.
    static func clock(_ epochSeconds: Double) -> String {
        var seconds = time_t(epochSeconds.rounded(.down))
        var date = tm()
        localtime_r(&seconds, &date)
        return [date.tm_hour, date.tm_min, date.tm_sec].map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(
            separator: ":")
    }
}

/// `text` filled up with spaces; what is longer stays whole.
private func padded(_ text: String, to width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
}

extension Fault.Action {
    /// What happens to the request.
    var words: String {
        switch self {
        case .delay(let seconds): "delayed \(seconds) s"
        case .delayAnswer(let seconds): "answer delayed \(seconds) s"
        case .respond(let answer): "scripted answer \(answer.status)"
        case .bodyOverride(let answer): "answer replaced (\(answer.status))"
        case .dropBefore: "connection dropped"
        case .rotateAndLose: "token rotated, answer lost"
        case .truncate: "answer cut off"
        case .hang: "no answer"
        case .drip: "answer byte by byte"
        case .huge: "endless answer"
        case .endlessHead: "endless head"
        }
    }
}
