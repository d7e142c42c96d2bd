// Decides what one request does to its connection: the plain way, or the way a fault orders. It works on Hummingbird's
// server without its router and application, because those set the Date header themselves and keep the connection
// out of reach.

import Glibc
import HTTPTypes
import HummingbirdCore
import NIOCore
import NIOHTTP1

/// One HTTP request and the connection it came on.
struct Exchange: Sendable {
    /// More than any token request or fault has.
    private static let maximumBody = 1 << 20

    let cell: ProviderCell
    let channel: any Channel

    /// Answers `request`, or does what a fault orders. Throwing closes the connection.
    func respond(to request: Request, _ writer: consuming ResponseWriter) async throws {
        guard let body = try? await request.body.collect(upTo: Self.maximumBody) else {
            try await write(.text(413, "the body is longer than 1 MiB"), writer)
            return try await channel.close()
        }
        let wire = WireRequest(request, body: Array(body.readableBytesView))
        if wire.path.hasPrefix("/sandbox/") {
            return try await write(AdminEndpoint(cell: cell).answer(wire), writer)
        }
        guard let operation = Operation(wire) else {
            return try await write(.text(404, "no such endpoint"), writer)
        }
        let (flight, fault) = cell.arrive(operation)
        defer { flight.land() }
        guard let fault else {
            let answer = cell.process(operation).answer
            flight.land()
            return try await write(answer, writer)
        }
        channel.closeFuture.whenComplete { _ in flight.land() }
        try await suffer(fault, operation, flight, writer)
    }

    private func suffer(
        _ fault: Fault.Action, _ operation: Operation, _ flight: Flight, _ writer: consuming ResponseWriter
    ) async throws {
        switch fault {
        case .delay(let seconds):
            try await Task.sleep(for: .seconds(seconds))
            let answer = cell.process(operation).answer
            flight.land()
            try await write(answer, writer)
        case .delayAnswer(let seconds):
            let answer = cell.process(operation).answer
            try await Task.sleep(for: .seconds(seconds))
            flight.land()
            try await write(answer, writer)
        case .respond(let scripted):
            flight.land()
            try await write(Answer(scripted), writer)
        case .bodyOverride(let scripted):
            let tokens = cell.process(operation).tokens
            flight.land()
            try await write(Answer(scripted.filled(with: tokens)), writer)
        case .dropBefore:
            flight.land()
            try await channel.close()
        case .rotateAndLose:
            _ = cell.process(operation)
            flight.land()
            try await channel.close()
        case .truncate: try await truncate(cell.process(operation).answer, flight, writer)
        case .hang: try await hang()
        case .drip(let interval): try await drip(cell.process(operation).answer, interval, flight, writer)
        case .huge: try await flood(writer)
        case .endlessHead: try await floodHead()
        }
    }

    private func write(_ answer: Answer, _ writer: consuming ResponseWriter) async throws {
        let body = ResponseBody(byteBuffer: ByteBuffer(bytes: answer.body))
        try await writer.write(response: head(answer), body: body)
    }

    private func truncate(
        _ answer: Answer, _ flight: Flight, _ writer: consuming ResponseWriter
    ) async throws {
        var body = try await writer.writeHead(head(answer))
        try await body.write(ByteBuffer(bytes: answer.body.prefix(answer.body.count / 2)))
        flight.land()
        try await channel.close()
    }

    private func drip(
        _ answer: Answer, _ interval: Double, _ flight: Flight, _ writer: consuming ResponseWriter
    ) async throws {
        var body = try await writer.writeHead(head(answer))
        for (index, byte) in answer.body.enumerated() {
            try await Task.sleep(for: .seconds(interval))
            if index == answer.body.count - 1 { flight.land() }
            try await body.write(ByteBuffer(bytes: [byte]))
        }
        try await body.finish(nil)
    }

    private func flood(_ writer: consuming ResponseWriter) async throws {
        var head = head(Answer(status: 200, headers: ["Content-Type": "application/json"]))
        head.headerFields[.contentLength] = nil
        var body = try await writer.writeHead(head)
        let chunk = ByteBuffer(repeating: UInt8(ascii: " "), count: 1 << 16)
        while true {
            try Task.checkCancellation()
            try await body.write(chunk)
        }
    }

    private func floodHead() async throws {
        try await writeRaw(ByteBuffer(string: "HTTP/1.1 200 OK\r\n"))
        let field = "X-Filler: " + String(repeating: "x", count: 1000) + "\r\n"
        let chunk = ByteBuffer(string: String(repeating: field, count: 64))
        while true {
            try Task.checkCancellation()
            try await writeRaw(chunk)
        }
    }

    /// Writes past the encoder, which would want the whole head first.
    private func writeRaw(_ bytes: ByteBuffer) async throws {
        try await channel.eventLoop.flatSubmit { [channel] in
            let promise = channel.eventLoop.makePromise(of: Void.self)
            do {
                try channel.pipeline.syncOperations.context(handlerType: HTTPResponseEncoder.self)
                    .writeAndFlush(NIOAny(IOData.byteBuffer(bytes)), promise: promise)
            } catch {
                promise.fail(error)
            }
            return promise.futureResult
        }.get()
    }

    /// Returns when the client has closed; a stop of the sandbox closes for it.
    private func hang() async throws {
        try await withTaskCancellationHandler {
            try await channel.closeFuture.get()
        } onCancel: {
            channel.close(promise: nil)
        }
    }

    private func head(_ answer: Answer) -> HTTPResponse {
        var fields = HTTPFields()
        for (name, value) in answer.headers {
            guard let name = HTTPField.Name(name) else {
                preconditionFailure("a header of a scripted answer has a name that none may have")
            }
            fields[name] = value
        }
        if fields[.contentLength] == nil, fields[.transferEncoding] == nil {
            fields[.contentLength] = String(answer.body.count)
        }
        if fields[.date] == nil { fields[.date] = httpDate(cell.now) }
        return HTTPResponse(status: HTTPResponse.Status(code: answer.status), headerFields: fields)
    }
}

extension WireRequest {
    fileprivate init(_ request: Request, body: [UInt8]) {
        let type = request.headers[.contentType]?.prefix { $0 != ";" } ?? ""
        self.init(
            method: request.method.rawValue, path: request.uri.path, query: request.uri.query ?? "",
            contentType: type.lowercased().filter { $0 != " " },
            authorization: request.headers[.authorization], body: body)
    }
}

extension Answer {
    /// Whether `name` may stand in a header (RFC 9110 §5.1).
    static func isHeaderName(_ name: String) -> Bool { HTTPField.Name(name) != nil }
}

/// An IMF-fixdate (RFC 9110 §5.6.7) of whole epoch seconds.
func httpDate(_ now: Double) -> String {
    let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    var seconds = time_t(now.rounded(.down))
    var date = tm()
    gmtime_r(&seconds, &date)
    func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let day = "\(days[Int(date.tm_wday)]), \(two(date.tm_mday)) \(months[Int(date.tm_mon)])"
    return "\(day) \(date.tm_year + 1900) \(two(date.tm_hour)):\(two(date.tm_min)):\(two(date.tm_sec)) GMT"
}
