// Decides the verification page of RFC 8628 §3.3: opening it with a code decides at once.

extension AuthorizationServer {
    /// The answer to `GET /device`. The subject is `login_hint`, else `user-` and a number; `deny=1` refuses.
    mutating func devicePage(_ query: String, now: Double) -> Answer {
        guard let fields = try? FormFields(query) else {
            return .text(400, "a parameter of this link is doubled or badly encoded")
        }
        guard let code = fields["user_code"] else {
            return .text(
                200, "open this page again with ?user_code= and the code that the other device shows")
        }
        let isDenied = fields["deny"] == "1"
        let subject = isDenied ? nil : fields["login_hint"] ?? "user-\(codes.count + devices.count)"
        guard decide(userCode: code, subject: subject, now: now) else {
            return .text(404, "this code is unknown, has lapsed, or was used before")
        }
        return .text(200, isDenied ? "the other device was refused" : "the other device is connected")
    }
}
