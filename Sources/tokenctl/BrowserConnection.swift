// Decides how a connection of a browser is read and answered: a bounded head within a bounded time, one answer, the end.

import Glibc
import TokenClient

/// One accepted connection; closed with the value.
final class BrowserConnection {
    /// How long a browser may take to send its request. Idle preconnections end here as well.
    static let patience: Duration = .seconds(10)

    let descriptor: Int32
    let deadline: BootTime
    private(set) var received: [UInt8] = []
    /// The other side has sent all it will.
    private(set) var isEnded = false

    init(descriptor: Int32, now: BootTime) {
        self.descriptor = descriptor
        deadline = now + Self.patience
    }

    deinit { close(descriptor) }

    /// Takes what is there.
    func read() {
        var chunk = [UInt8](repeating: 0, count: 16 << 10)
        while received.count <= CallbackRequest.longestHead {
            let count = recv(descriptor, &chunk, chunk.count, 0)
            if count > 0 {
                received += chunk[..<count]
            } else if count < 0, errno == EINTR {
                continue
            } else {
                isEnded = count == 0 || (errno != EAGAIN && errno != EWOULDBLOCK)
                return
            }
        }
    }

    /// Whether a page was sent.
    private(set) var isAnswered = false

    /// Sends a page, which a socket's buffer holds as a whole, and says that nothing follows.
    func answer(_ page: CallbackPage) {
        isAnswered = true
        let response = page.response
        _ = response.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
        shutdown(descriptor, Int32(SHUT_WR))
        // What was sent and not read would turn the close into a reset, and the page might be lost with it.
        var chunk = [UInt8](repeating: 0, count: 16 << 10)
        while recv(descriptor, &chunk, chunk.count, 0) > 0 {}
    }
}
