// Decides how the tests get a provider of the kind of Facebook and Instagram: a server at loopback that answers a code, the
// short-lived token that the code brings, and the long-lived ones that follow, each where that provider has it, and remembers
// what it was asked.

import Foundation
import Synchronization

/// Answers requests for tokens one after another, each on a connection of its own, until `stop`.
final class GraphServer: Sendable {
    /// What was asked, `METHOD path?parameters`, wherever the parameters stood.
    private let asked = Mutex<[String]>([])
    /// Requests for this path are not answered.
    private let refused = Mutex<String?>(nil)
    private let listener: Int32
    private let done = DispatchGroup()
    let port: Int

    init() throws {
        port = try freePort()
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        let bound = withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard bound == 0, listen(listener, 16) == 0 else { throw Wire.Failure(description: "bind") }
        done.enter()
        Thread.detachNewThread { [self] in
            defer { done.leave() }
            while case let connection = accept(listener, nil, nil), connection >= 0 {
                serve(connection)
                close(connection)
            }
        }
    }

    var baseURL: String { "http://127.0.0.1:\(port)" }
    var requests: [String] { asked.withLock { $0 } }

    /// Drops requests for `path`, or none any more.
    func drop(_ path: String?) { refused.withLock { $0 = path } }

    func stop() {
        shutdown(listener, Int32(SHUT_RDWR))
        done.wait()
        close(listener)
    }

    private func serve(_ connection: Int32) {
        guard let (head, body) = read(connection) else { return }
        let words = head.split(separator: " ")
        guard words.count > 2 else { return }
        let target = words[1].split(separator: "?", maxSplits: 1).map(String.init)
        let (path, parameters) = (target[0], target.count > 1 ? target[1] : body)
        asked.withLock { $0.append("\(words[0]) \(path)?\(parameters)") }
        guard refused.withLock({ $0 }) != path else { return }
        let answer = Self.answer(path, parameters)
        let text =
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n"
            + "Content-Length: \(answer.utf8.count)\r\n\r\n\(answer)"
        let bytes = Array(text.utf8)
        _ = send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }

    /// By what was shown: a code brings `short`, that `long`, and each long one another.
    private static func answer(_ path: String, _ parameters: String) -> String {
        let life = #""token_type":"bearer","expires_in":5183944"#
        if parameters.contains("code=") {
            return
                #"{"data":[{"access_token":"short","user_id":"1","permissions":"instagram_business_basic"}]}"#
        }
        if parameters.hasSuffix("=short") { return #"{"access_token":"long",\#(life)}"# }
        return #"{"access_token":"longer",\#(life)}"#
    }

    private func read(_ connection: Int32) -> (head: String, body: String)? {
        var received = ""
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = recv(connection, &chunk, chunk.count, 0)
            guard count > 0 else { return nil }
            received += String(decoding: chunk[..<count], as: UTF8.self)
            guard let end = received.range(of: "\r\n\r\n") else { continue }
            let head = String(received[..<end.lowerBound])
            let field = head.lowercased().components(separatedBy: "content-length: ").dropFirst().first
            let length = field.flatMap { Int($0.prefix { $0.isNumber }) } ?? 0
            let body = String(received[end.upperBound...])
            if body.utf8.count >= length { return (head, body) }
        }
    }
}
