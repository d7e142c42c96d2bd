// Decides how text leaves and enters the program: write(2) and read(2). `print` was rejected: it forgets that the disk
// behind a redirect was full, and a token cut short would look like a token.

import Glibc

/// Standard output. A reader that has gone ends the program by SIGPIPE, as it should.
enum StandardOutput {
    static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

    static func write(_ text: String) throws(Complaint) { try write(Array(text.utf8)) }

    static func write(_ bytes: [UInt8]) throws(Complaint) {
        let code = bytes.withUnsafeBytes { writeAll($0, to: STDOUT_FILENO) }
        guard code == 0 else {
            throw Complaint(.internal, "standard output cannot be written: \(systemError(code))")
        }
    }
}

/// Standard error. Nobody is left to tell when it fails.
enum StandardError {
    static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 }

    static func write(_ text: String) {
        _ = Array(text.utf8).withUnsafeBytes { writeAll($0, to: STDERR_FILENO) }
    }
}

/// 0, or the errno of write(2).
func writeAll(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Int32 {
    var rest = bytes[...]
    while !rest.isEmpty {
        let count = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress!, rest.count)
        if count >= 0 {
            rest = rest.dropFirst(count)
        } else if errno == EAGAIN {
            // A pipe that another program made non-blocking.
            var event = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            _ = poll(&event, 1, -1)
        } else if errno != EINTR {
            return errno
        }
    }
    return 0
}

/// An errno in the C library's words. For the one thread of this program: strerror(3) may share its buffer.
func systemError(_ code: Int32) -> String { String(cString: strerror(code)) }

extension String {
    /// The text with control characters as `?`: what a provider wrote must not steer a terminal.
    var printable: String {
        guard unicodeScalars.contains(where: \.isControl) else { return self }
        var text = String.UnicodeScalarView()
        for scalar in unicodeScalars { text.append(scalar.isControl ? Unicode.Scalar("?") : scalar) }
        return String(text)
    }
}

extension Unicode.Scalar {
    /// C0, DEL, C1, and the marks that reorder what follows.
    fileprivate var isControl: Bool {
        properties.generalCategory == .control || properties.generalCategory == .format
            || properties.generalCategory == .lineSeparator
            || properties.generalCategory == .paragraphSeparator
    }
}
