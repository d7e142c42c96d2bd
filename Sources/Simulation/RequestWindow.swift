// Decides how "in any ten seconds" is measured: exactly, by the times of the requests in the window that ends with each.

import DequeModule

/// The requests of the last `span` nanoseconds, and the most there ever were.
struct RequestWindow: Sendable {
    private let span: Int64
    private var times: Deque<Int64> = []
    private(set) var most = 0

    init(span: Int64) { self.span = span }

    /// A request leaves at `now`, not before the last one.
    mutating func add(_ now: Int64) {
        while let first = times.first, first <= now - span { times.removeFirst() }
        times.append(now)
        most = max(most, times.count)
    }

    /// Requests in the window that ended with the last one, that included.
    var count: Int { times.count }
}
