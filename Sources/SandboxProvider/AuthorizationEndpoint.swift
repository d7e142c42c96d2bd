// Decides the authorization endpoint: it approves at once, because nobody sits at the browser. A mistake in client or
// redirect URI is told to the user, every other to the client (RFC 6749 §4.1.2.1).

extension AuthorizationServer {
    /// The answer to `GET /authorize` or `/oauth/authorize`. The subject is `login_hint`, else `user-` and a number; the
    /// subject `deny`, or `deny=1`, refuses.
    ///
    /// - Parameter issuer: what every answer names (RFC 9207); nil for a server that does not.
    mutating func authorizationAnswer(_ query: String, issuer: String? = nil, now: Double) -> Answer {
        guard let fields = try? FormFields(query) else {
            return .text(400, "a parameter of this link is doubled or badly encoded")
        }
        guard let clientID = fields["client_id"], let redirectURI = fields["redirect_uri"],
            isRegistered(redirectURI: redirectURI, clientID: clientID)
        else { return .text(400, "this link names an unknown client or redirect URI") }

        func redirect(_ parameters: [(String, String)]) -> Answer {
            let state = fields["state"].map { [("state", $0)] } ?? []
            let iss = issuer.map { [("iss", $0)] } ?? []
            let pairs = (parameters + state + iss).map { "\($0)=\(FormFields.encoded($1))" }
            let location =
                redirectURI + (redirectURI.contains("?") ? "&" : "?") + pairs.joined(separator: "&")
            return Answer(status: 302, headers: ["Location": location, "Cache-Control": "no-store"])
        }

        guard fields["response_type"] == "code" else {
            return redirect([("error", "unsupported_response_type")])
        }
        if fields["code_challenge"] != nil, fields["code_challenge_method"] != "S256" {
            return redirect([
                ("error", "invalid_request"), ("error_description", "code_challenge_method must be S256"),
            ])
        }
        guard fields["deny"] != "1", fields["login_hint"] != "deny" else {
            return redirect([("error", "access_denied"), ("error_description", "the user said no")])
        }
        let request = AuthorizationRequest(
            clientID: clientID, redirectURI: redirectURI, scope: fields["scope"] ?? "",
            codeChallenge: fields["code_challenge"], nonce: fields["nonce"],
            subject: fields["login_hint"] ?? "user-\(codes.count + 1)")
        return redirect([("code", authorize(request, now: now))])
    }
}
