// Decides how far an import or a restoration is shown to be: one line on standard error that is written over, ten times a second at most.

import TokenClient

/// The progress line of a run over many accounts.
struct ImportProgress {
    /// Faster than this no eye follows, and a slow terminal would slow the import.
    private static let interval: Duration = .milliseconds(100)

    private let isShown: Bool
    private let done: String
    private var nextAt = BootTime.distantPast
    private var isVisible = false

    /// - Parameter done: what has become of the accounts that did not fail.
    init(isShown: Bool, done: String) {
        self.isShown = isShown
        self.done = done
    }

    mutating func show(done count: Int64, failed: Int64) {
        guard isShown else { return }
        let now = BootTime.now()
        guard now >= nextAt else { return }
        nextAt = now + Self.interval
        isVisible = true
        StandardError.write("\r\(count.grouped) \(done), \(failed.grouped) failed\u{1B}[K")
    }

    mutating func clear() {
        if isVisible { StandardError.write("\r\u{1B}[K") }
        isVisible = false
    }
}
