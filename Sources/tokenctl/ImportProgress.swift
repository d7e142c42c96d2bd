// Decides how far an import is shown to be: one line on standard error that is written over, ten times a second at most.

import TokenClient

/// The progress line of an import.
struct ImportProgress {
    /// Faster than this no eye follows, and a slow terminal would slow the import.
    private static let interval: Duration = .milliseconds(100)

    private let isShown: Bool
    private var nextAt = BootTime.distantPast
    private var isVisible = false

    init(isShown: Bool) { self.isShown = isShown }

    mutating func show(imported: Int64, failed: Int64) {
        guard isShown else { return }
        let now = BootTime.now()
        guard now >= nextAt else { return }
        nextAt = now + Self.interval
        isVisible = true
        StandardError.write("\r\(imported.grouped) imported, \(failed.grouped) failed\u{1B}[K")
    }

    mutating func clear() {
        if isVisible { StandardError.write("\r\u{1B}[K") }
        isVisible = false
    }
}
