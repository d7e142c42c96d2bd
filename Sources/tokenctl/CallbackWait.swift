// Decides how a login waits: for the browser at the listener and for a line on standard input at once, since over ssh the
// browser is on another machine and its address bar has to be pasted. One thread and poll(2): there is one login, and
// whatever comes first ends it.

import Glibc
import TokenClient

/// Waits for what the provider answered.
struct CallbackWait {
    /// What came first.
    enum Event {
        /// The browser waits for its page.
        case browser(Secret, BrowserConnection)
        case pasted(Secret)
        /// Standard input has ended and nobody listens.
        case noWay
        case timedOut
    }

    /// More than a browser opens; others wait in the backlog.
    private static let mostConnections = 16

    /// nil where the browser cannot come back here.
    let listener: LoopbackListener?
    /// Where the provider sends the browser.
    let path: String
    /// Of this login.
    let state: String?
    let input: Int32
    let deadline: BootTime
    /// Tells the person that a line was no answer of this login.
    let refuse: () -> Void

    func next() throws(Complaint) -> Event {
        var source: LineSource? = LineSource(descriptor: input)
        var connections: [BrowserConnection] = []
        while true {
            if listener == nil, source == nil { return .noWay }
            let now = Moment.now().boot
            guard now < deadline else { return .timedOut }
            connections.removeAll { $0.deadline <= now }
            let ready = wait(connections, readsInput: source != nil, now: now)
            if ready.contains(input), let pasted = try pasted(&source) { return .pasted(pasted) }
            for connection in connections where ready.contains(connection.descriptor) {
                if let query = take(connection) { return .browser(query, connection) }
                if connection.isAnswered || connection.isEnded { connections.removeAll { $0 === connection } }
            }
            for descriptor in listener?.descriptors ?? [] where ready.contains(descriptor) {
                if let accepted = LoopbackListener.accept(descriptor) {
                    connections.append(BrowserConnection(descriptor: accepted, now: Moment.now().boot))
                }
            }
        }
    }

    /// Which descriptors have something, within the time until the next deadline.
    private func wait(_ connections: [BrowserConnection], readsInput: Bool, now: BootTime) -> Set<Int32> {
        var watched = connections.map(\.descriptor)
        if readsInput { watched.append(input) }
        if connections.count < Self.mostConnections { watched += listener?.descriptors ?? [] }
        let next = connections.map(\.deadline).reduce(deadline, min)
        // Rounded up, or the last millisecond would be a busy loop; at most a minute fits any Int32.
        let milliseconds = min((next - now) / .milliseconds(1), 60_000).rounded(.up)
        var events = watched.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        guard poll(&events, nfds_t(events.count), Int32(milliseconds)) > 0 else { return [] }
        return Set(events.filter { $0.revents != 0 }.map(\.fd))
    }

    /// The query, where the connection brought it; otherwise it gets its page once its head is whole.
    private func take(_ connection: BrowserConnection) -> Secret? {
        connection.read()
        switch CallbackRequest(connection.received, path: path, state: state) {
        case .callback(let query): return query
        case .other(let page): connection.answer(page)
        case .unfinished: break
        }
        return nil
    }

    /// The next line that is an answer of this login; nil where there is none yet, and `source` nil where none comes.
    private func pasted(_ source: inout LineSource?) throws(Complaint) -> Secret? {
        while true {
            switch try source?.next(mayBlock: false) {
            case .line(let line):
                let text = String(decoding: line.trimmed, as: UTF8.self)
                guard !text.isEmpty else { continue }
                let given = QueryParameters(text)["state"]
                let isVisible = text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
                if isVisible, let given, state == nil || given == state { return Secret(text) }
                refuse()
            case .tooLong: refuse()
            case .later: return nil
            case .end, nil:
                source = nil
                return nil
            }
        }
    }
}

extension [UInt8] {
    /// Without white space around.
    var trimmed: ArraySlice<UInt8> {
        let isSpace: (UInt8) -> Bool = { $0 == 0x20 || (0x09...0x0D).contains($0) }
        guard let first = firstIndex(where: { !isSpace($0) }), let last = lastIndex(where: { !isSpace($0) })
        else { return [] }
        return self[first...last]
    }
}
