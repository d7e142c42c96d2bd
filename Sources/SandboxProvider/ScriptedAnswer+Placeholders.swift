// Decides how a scripted body can contain real tokens: by name, replaced once. Without it no test could send a good
// rotation in a bad shape.

extension ScriptedAnswer {
    /// This answer with its placeholders replaced; unchanged where nothing was issued or the body is not UTF-8.
    func filled(with tokens: IssuedTokens?) -> ScriptedAnswer {
        guard let tokens, let text = String(validating: body, as: UTF8.self) else { return self }
        let filled =
            text
            .replacing("{{access_token}}", with: tokens.accessToken)
            .replacing("{{refresh_token}}", with: tokens.refreshToken)
            .replacing("{{expires_at}}", with: String(tokens.expiresAtRoundedDown))
        return ScriptedAnswer(status: status, headers: headers, body: filled)
    }
}
