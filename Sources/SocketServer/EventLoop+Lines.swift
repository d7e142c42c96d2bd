// Decides what becomes of received bytes: whole lines are handled where they lie, in order, until one may not start yet
// or the turn is used up; the rest waits on the connection.

import Glibc
import Vocabulary
import WireProtocol

extension EventLoop {
    /// Handles what was read; `bytes` is gone after the turn.
    func received(_ bytes: UnsafeRawBufferPointer, _ connection: Connection) {
        var bytes = bytes
        if !connection.input.isEmpty {
            // The line begun earlier: only new bytes are searched, so that one byte at a time costs no more in sum.
            guard let end = lineFeed(in: bytes) else {
                connection.input.append(contentsOf: bytes)
                if connection.input.withUnsafeBytes({ isTooLong(unfinished: $0) }) {
                    refuseLongLine(connection)
                }
                return
            }
            connection.input.append(contentsOf: bytes[...end])
            bytes = UnsafeRawBufferPointer(rebasing: bytes[(end + 1)...])
            connection.hold = .turn
            handleHeldLines(connection)
            guard connection.isOpen else { return }
            guard connection.hold == .none else {
                connection.input.append(contentsOf: bytes)
                return
            }
        }
        let handled = handleLines(bytes, connection)
        if handled < bytes.count { connection.input = Array(bytes[handled...]) }
    }

    /// Handles the lines that an earlier turn left over, if they may go on.
    func handleHeldLines(_ connection: Connection) {
        guard connection.isOpen, connection.hold != .none else { return }
        connection.hold = .none
        let input = connection.input
        let start = connection.inputStart
        connection.input = []
        connection.inputStart = 0
        let handled =
            start
            + input.withUnsafeBytes {
                handleLines(UnsafeRawBufferPointer(rebasing: $0[start...]), connection)
            }
        guard connection.isOpen, handled < input.count else { return }
        if connection.hold == .none {
            connection.input = Array(input[handled...])
        } else {
            connection.input = input
            connection.inputStart = handled
        }
    }

    /// Handles whole lines and returns how many bytes that were. Less than all when the last line is unfinished, or
    /// with `hold` set; all when the connection takes no more requests.
    private func handleLines(_ bytes: UnsafeRawBufferPointer, _ connection: Connection) -> Int {
        var start = 0
        while start < bytes.count {
            if linesLeft == 0 {
                connection.hold = .turn
                return start
            }
            if output.count + connection.unsentCount + connection.replies.waitingBytes >= limits.unsentBytes {
                connection.hold = .output
                return start
            }
            let rest = UnsafeRawBufferPointer(rebasing: bytes[start...])
            guard let end = lineFeed(in: rest) else {
                if isTooLong(unfinished: rest) { refuseLongLine(connection) }
                return connection.isOpen ? start : bytes.count
            }
            let line = UnsafeRawBufferPointer(rebasing: rest[..<end])
            guard end < LineLimit.ordinary || end < LineLimit.limit(forLineStartingWith: line) else {
                refuseLongLine(connection)
                return bytes.count
            }
            guard begin(line, connection) else {
                connection.hold = .order
                return start
            }
            linesLeft -= 1
            requests += 1
            start += end + 1
            if !connection.isOpen { return bytes.count }
        }
        return start
    }

    /// False when the request may not start yet.
    private func begin(_ line: UnsafeRawBufferPointer, _ connection: Connection) -> Bool {
        if connection.replies.isEmpty {
            if let get = GetLine(line), handlers.serve(get, line, &output) { return true }
        } else {
            let run = ReplyQueue.Run(of: line)
            guard connection.replies.mayStart(run), connection.replies.count < limits.outstandingRequests
            else { return false }
            if run == .gets, let get = GetLine(line) {
                var answer: [UInt8] = []
                if handlers.serve(get, line, &answer) {
                    connection.replies.append(answer)
                    return true
                }
            }
        }
        pass(line, connection)
        return true
    }

    /// Hands a request on, or answers it if that takes nobody else.
    private func pass(_ line: UnsafeRawBufferPointer, _ connection: Connection) {
        let request: Request
        do throws(RequestError) {
            request = try Request.parse(line)
        } catch {
            return answer(Reply.error(error), connection)
        }
        if request == .quit {
            answer(Reply.ok(), connection)
            return connection.finish(.discard)
        }
        let sequence = connection.replies.start(ReplyQueue.Run(of: line))
        handlers.receive(request, connection.peer, Ticket(connection: connection.id, sequence: sequence))
        takeMail()
        collect(connection)
    }

    /// Answers behind all earlier requests.
    func answer(_ reply: [UInt8], _ connection: Connection) {
        if connection.replies.isEmpty {
            output.append(contentsOf: reply)
        } else {
            connection.replies.append(reply)
        }
    }

    private func refuseLongLine(_ connection: Connection) {
        requests += 1
        let sentence =
            "a line has at most \(LineLimit.ordinary) bytes, ADD's \(LineLimit.grant), RESTORE's \(LineLimit.backup)"
        answer(Reply.error(RequestError(.lineTooLong, sentence)), connection)
        connection.finish(.discard)
    }

    /// Whether a line that begins with these bytes exceeds its limit, whatever follows.
    private func isTooLong(unfinished bytes: UnsafeRawBufferPointer) -> Bool {
        bytes.count >= LineLimit.ordinary && bytes.count >= LineLimit.limit(forLineStartingWith: bytes)
    }

    private func lineFeed(in bytes: UnsafeRawBufferPointer) -> Int? {
        guard let base = bytes.baseAddress, let found = memchr(base, Int32(UInt8(ascii: "\n")), bytes.count)
        else { return nil }
        return UnsafeRawPointer(found) - base
    }
}
