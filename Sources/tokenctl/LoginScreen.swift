// Decides what a person sees of a login: what a script may want (the URL, the code) on standard output, a line each; the
// words and the QR code around it on standard error.

import Glibc
import TokenClient

/// Where a login is shown. Closures, so that a test reads along.
struct LoginScreen {
    /// A line for standard output.
    var put: (String) throws(Complaint) -> Void
    /// Words for a person, LF at their end.
    var tell: (String) -> Void
    /// Shows a URL as a QR code, where a person could see one.
    var showCode: (String) -> Void

    /// Standard output, standard error, and a QR code where that is a terminal wide enough.
    static var standard: LoginScreen {
        LoginScreen(
            put: { line throws(Complaint) in try StandardOutput.write(line + "\n") },
            tell: { StandardError.write($0) },
            showCode: { url in
                guard StandardError.isTerminal, let code = QRCode(Array(url.utf8)),
                    let window = windowSize(STDERR_FILENO), code.columns <= window.columns,
                    // One that scrolls away cannot be read.
                    code.lines < window.lines
                else { return }
                StandardError.write("\n" + code.text(.forStandardError) + "\n")
            })
    }

    /// nil where `descriptor` is no terminal that knows its size.
    private static func windowSize(_ descriptor: Int32) -> (columns: Int, lines: Int)? {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
            return nil
        }
        return (Int(size.ws_col), Int(size.ws_row))
    }
}
