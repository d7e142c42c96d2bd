// Decides how text leaves the program: each line in one write(2), because events are told on several threads, and
// coloured on a terminal only (no-color.org).

import Glibc

/// Standard output, shared by all threads.
struct Output: Sendable {
    /// SGR codes of ECMA-48 that every terminal has and both light and dark backgrounds show.
    enum Color: Int {
        case red = 31
        case green = 32
        case yellow = 33
        case cyan = 36
    }

    let isColored: Bool
    private let onBroken: @Sendable () -> Void

    /// - Parameter onBroken: called whenever nothing can be written, as when `head` has seen enough.
    init(isColored: Bool = Output.showsColor, onBroken: @escaping @Sendable () -> Void) {
        self.isColored = isColored
        self.onBroken = onBroken
    }

    /// Whether standard output is a terminal whose user did not ask for plain text.
    static var showsColor: Bool {
        isatty(STDOUT_FILENO) == 1 && environment("NO_COLOR").isEmpty && environment("TERM") != "dumb"
    }

    /// Writes `text` and an LF.
    func line(_ text: String) {
        if !Self.write(text + "\n", to: STDOUT_FILENO) { onBroken() }
    }

    /// `text` in a colour, where standard output shows colours.
    func paint(_ text: String, _ color: Color) -> String {
        isColored ? "\u{1B}[\(color.rawValue)m\(text)\u{1B}[0m" : text
    }

    /// One sentence on standard error; nobody is left to tell when that fails.
    static func complain(_ sentence: String) {
        _ = write("tokend-sandbox: \(sentence)\n", to: STDERR_FILENO)
    }

    private static func environment(_ name: String) -> String {
        getenv(name).map { String(cString: $0) } ?? ""
    }

    private static func write(_ text: String, to descriptor: Int32) -> Bool {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count >= 0 {
                rest = rest.dropFirst(count)
            } else if errno != EINTR {
                return false
            }
        }
        return true
    }
}
