// Decides what the browser shows when it comes back. Pages are constant: nothing of a request is in them, so nobody can
// write into them, and they load nothing (their own address holds a code).

/// A page of the login's listener.
enum CallbackPage: Hashable, CaseIterable {
    case connected, failed
    case notFound, foreign, wrongMethod, tooLong, notHTTP

    /// The whole HTTP response.
    var response: [UInt8] {
        let body =
            "<!doctype html><html lang=en><meta charset=utf-8><title>tokenctl</title><p>\(sentence)</p></html>\n"
        let fields = [
            "HTTP/1.1 \(status)", "Content-Type: text/html; charset=utf-8",
            "Content-Length: \(body.utf8.count)",
            "Cache-Control: no-store", "Referrer-Policy: no-referrer", "X-Content-Type-Options: nosniff",
            "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'", "Connection: close",
        ]
        return Array((fields.joined(separator: "\r\n") + "\r\n\r\n" + body).utf8)
    }

    private var status: String {
        switch self {
        // A failed login is no failure of this request.
        case .connected, .failed: "200 OK"
        case .notFound: "404 Not Found"
        case .foreign, .notHTTP: "400 Bad Request"
        case .wrongMethod: "405 Method Not Allowed\r\nAllow: GET"
        case .tooLong: "431 Request Header Fields Too Large"
        }
    }

    private var sentence: String {
        switch self {
        case .connected: "The account is connected. You may close this window."
        case .failed: "The login did not succeed; the terminal says why. You may close this window."
        case .notFound: "There is nothing here."
        case .foreign: "This is not the answer that the login waits for."
        case .wrongMethod: "Only GET is taken here."
        case .tooLong: "The request is too long."
        case .notHTTP: "This is not a request of HTTP/1."
        }
    }
}
