// Decides what a body is that comes compressed although nobody asked for that: to give it up would cost the refresh token in
// it. By what its bytes are rather than by the label: a plain body under a wrong label is read as it is, and no label makes
// anything of a status or a header. The HTTP client's own decompression was rejected: it ends the exchange at a wrong label.

import NIOCore
import NIOEmbedded
import NIOHTTP1
import NIOHTTPCompression

enum ContentCoding {
    /// `body` without its coding (RFC 9110 §8.4.1), where it has one that can be undone whole; else as it came.
    /// - Parameter limit: a body that grows beyond this stays as it came, which is no text.
    static func decoded(_ body: [UInt8], _ headers: HTTPHeaders, limit: Int) -> [UInt8] {
        guard let coding = coding(of: body, headers) else { return body }
        // What a careless server writes behind its body. A gzip trailer ends with a zero: the body is no 16 MiB.
        let whole =
            coding == gzip ? body.prefix(through: body.lastIndex { !lineEnds.contains($0) }!) : body[...]
        return inflated(whole, coding, limit: limit) ?? body
    }

    private static let gzip = "gzip"
    private static let lineEnds: [UInt8] = [0x20, 0x0A, 0x0D]

    private static func coding(of body: [UInt8], _ headers: HTTPHeaders) -> String? {
        // RFC 1952 §2.3.1. No text begins so.
        if body.starts(with: [0x1F, 0x8B]) { return gzip }
        let label = headers[canonicalForm: "Content-Encoding"].last?.lowercased()
        return label == "deflate" && !body.isEmpty ? "deflate" : nil
    }

    private static func inflated(_ body: ArraySlice<UInt8>, _ coding: String, limit: Int) -> [UInt8]? {
        let channel = EmbeddedChannel(handler: NIOHTTPResponseDecompressor(limit: .size(limit)))
        defer { _ = try? channel.finish(acceptAlreadyClosed: true) }
        let head = HTTPResponseHead(version: .http1_1, status: .ok, headers: ["Content-Encoding": coding])
        let parts: [HTTPClientResponsePart] = [.head(head), .body(ByteBuffer(bytes: body)), .end(nil)]
        var inflated: [UInt8] = []
        do {
            for part in parts { try channel.writeInbound(part) }
            while let part = try channel.readInbound(as: HTTPClientResponsePart.self) {
                if case .body(let bytes) = part { inflated.append(contentsOf: bytes.readableBytesView) }
            }
        } catch {
            return nil
        }
        return inflated
    }
}
