// Decides how lines are read from a file or a pipe: in chunks, never more than one over-long line in memory, and able
// to say "nothing yet" instead of blocking while the daemon's answers wait.

import Glibc

/// Reads lines from a descriptor.
struct LineSource {
    enum Step: Hashable {
        /// Without its LF; the last line need not have one.
        case line([UInt8])
        /// A line beyond `longest`; it was skipped.
        case tooLong
        /// Reading now would block.
        case later
        case end
    }

    /// Sixteen times the longest request: white space and `\u` escapes may be in it. More is no line of an import.
    static let longest = 1 << 20

    private let descriptor: Int32
    private var chunk: [UInt8] = []
    private var position = 0
    private var line: [UInt8] = []
    private var isTooLong = false
    private var isEnded = false

    init(descriptor: Int32) { self.descriptor = descriptor }

    /// The next line. `.later` only where `mayBlock` is false.
    mutating func next(mayBlock: Bool) throws(Complaint) -> Step {
        while true {
            if let end = chunk[position...].firstIndex(of: UInt8(ascii: "\n")) {
                take(upTo: end)
                position = end + 1
                return finishLine()
            }
            take(upTo: chunk.count)
            position = chunk.count
            if isEnded { return line.isEmpty && !isTooLong ? .end : finishLine() }
            guard mayBlock || isReadable else { return .later }
            try readChunk()
        }
    }

    private mutating func take(upTo end: Int) {
        guard !isTooLong, line.count + end - position <= Self.longest else {
            isTooLong = true
            line = []
            return
        }
        line.append(contentsOf: chunk[position..<end])
    }

    private mutating func finishLine() -> Step {
        defer {
            line = []
            isTooLong = false
        }
        return isTooLong ? .tooLong : .line(line)
    }

    private var isReadable: Bool {
        var event = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&event, 1, 0) != 0
    }

    private mutating func readChunk() throws(Complaint) {
        var code: Int32 = 0
        chunk = [UInt8](unsafeUninitializedCapacity: 1 << 16) { room, count in
            repeat {
                let result = read(descriptor, room.baseAddress, room.count)
                code = result < 0 ? errno : 0
                count = max(result, 0)
            } while code == EINTR
        }
        position = 0
        guard code == 0 || code == EAGAIN else {
            throw Complaint(.badRequest, "the input cannot be read: \(systemError(code))")
        }
        isEnded = code == 0 && chunk.isEmpty
        if code == EAGAIN {
            // A pipe that another program made non-blocking.
            var event = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            _ = poll(&event, 1, -1)
        }
    }
}
