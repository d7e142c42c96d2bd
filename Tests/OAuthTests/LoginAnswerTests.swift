import Testing
import Vocabulary

@testable import OAuth

@Suite("A login's answer")
struct LoginAnswerTests {
    @Test(
        "that refuses the client's Basic credentials names the other way to write them, where there is another",
        arguments: [
            (ClientAuthMethod.clientSecretBasic, "s:1", 401, "; it may want client_secret_basic_raw"),
            (.clientSecretBasicRaw, "s:1", 400, "; it may want client_secret_basic"),
            (.clientSecretBasic, "plain-1", 401, ""), (.clientSecretPost, "s:1", 401, ""),
        ])
    func advice(_ method: ClientAuthMethod, _ secret: String, _ status: Int, _ advice: String) {
        func sentence(_ code: String) -> String? {
            let provider = Provider.with {
                $0.authMethod = method
                $0.clientSecret = Secret(secret)
            }
            let answer = LoginAnswer.read(
                status: status, headers: { _ in nil }, body: Array("{\"error\":\"\(code)\"}".utf8),
                provider: provider, sentAt: AnswerRow.sentAt, receivedAt: AnswerRow.receivedAt)
            return if case .failed(let failure) = answer { failure.sentence } else { nil }
        }
        #expect(
            sentence("invalid_client")
                == "the provider does not accept our client's credentials\(advice)")
        #expect(sentence("invalid_grant")?.contains("may want") == false)
    }

    /// One line of everything that an answer says.
    private func words(_ status: Int, _ body: String, _ format: AnswerFormat = AnswerFormat()) -> String {
        var provider = Provider.plain
        provider.response = format
        let answer = LoginAnswer.read(
            status: status, headers: { _ in nil }, body: Array(body.utf8), provider: provider,
            sentAt: AnswerRow.sentAt, receivedAt: AnswerRow.receivedAt)
        switch answer {
        case .granted(let grant, let nonce):
            let refreshToken = grant.refreshToken?.exposed ?? "-"
            return
                "\(grant.accessToken.exposed) \(refreshToken) \(grant.lifetime.components.seconds) \(nonce)"
        case .pending: return "pending"
        case .slowDown: return "slow down"
        case .failed(let failure): return failure.description + (failure.isTransient ? ", transient" : "")
        }
    }

    static let rows: [(Int, String, String)] = [
        (
            200, #"{"access_token":"a","token_type":"bearer","expires_in":60,"refresh_token":"r"}"#,
            "a r 60 noIDToken"
        ),
        (200, #"{"access_token":"a","token_type":"bearer"}"#, "a - 3600 noIDToken"),
        (400, #"{"error":"authorization_pending","error_description":"CANARY"}"#, "pending"),
        (403, #"{"error":"authorization_pending"}"#, "pending"),
        (428, #"{"error":"authorization_pending"}"#, "pending"),
        (200, #"{"error":"authorization_pending"}"#, "pending"),
        (200, "error=authorization_pending&error_description=x", "pending"),
        (400, #"{"error":"slow_down"}"#, "slow down"),
        (429, #"{"error":"slow_down"}"#, "slow down"),
        (200, #"{"error":"slow_down","interval":10}"#, "slow down"),
        (
            400, #"{"error":"expired_token"}"#,
            "the device code has expired before anybody consented (expired_token)"
        ),
        (
            200, #"{"error":"expired_token"}"#,
            "the device code has expired before anybody consented (expired_token)"
        ),
        (403, #"{"error":"access_denied"}"#, "the user or the provider has declined (access_denied)"),
        (
            400, #"{"error":"invalid_grant"}"#,
            "the code has expired, was used before, or was issued for another client or redirect URI (invalid_grant)"
        ),
        (
            401, #"{"error":"invalid_client"}"#,
            "the provider does not accept our client's credentials (invalid_client)"
        ),
        (
            400, #"{"error":"bad_verification_code"}"#,
            "the provider refuses our client or our request (bad_verification_code)"
        ),
        (
            200, "<html>CANARY</html>",
            "the provider's answer could not be used: no access token; status 200, HTML"
        ),
        (200, "", "the provider's answer could not be used: no access token; status 200, an empty body"),
        (
            200, #"{"access_token":"a","token_type":"mac"}"#,
            "the provider's answer could not be used: a token type that is not understood; status 200, an object of access_token, token_type"
        ),
        (
            401, "{}",
            "the provider refused our client or the code, without saying which; status 401, an object without members"
        ),
        (404, "<html>", "the provider refuses our client or our request; status 404, HTML"),
        (429, "{}", "the provider wants fewer requests; status 429, an object without members, transient"),
        (503, "<html>", "the provider could not be reached or is troubled; status 503, HTML, transient"),
        (
            502, "<html>",
            "the provider is troubled and may have used the code up; status 502, HTML, transient"
        ),
        (
            500, #"{"error":"authorization_pending"}"#,
            "the provider could not be reached or is troubled (authorization_pending), transient"
        ),
        (
            400, #"{"error":"server_error"}"#, "the provider is troubled (server_error), transient"
        ),
    ]

    @Test("means what its standard says, and shows nothing that a stranger wrote", arguments: rows)
    func judged(_ status: Int, _ body: String, _ expected: String) {
        #expect(words(status, body) == expected)
    }

    @Test("is pending by the code that the provider's description points at")
    func ownPath() {
        let format = AnswerFormat.with { $0.errorCodePaths = ["/status", "/detail/code"] }
        #expect(
            words(400, #"{"status":"BAD","detail":{"code":"authorization_pending"}}"#, format) == "pending")
        #expect(
            words(400, #"{"status":"BAD","detail":{"code":"access_denied"}}"#, format)
                == "the user or the provider has declined (access_denied)")
        #expect(words(400, #"{"error":"authorization_pending"}"#, format).hasPrefix("the provider refuses"))
    }

    /// An unsigned JWT of `payload`.
    private func jwt(_ payload: String) -> String { "e30.\(Base64URL.encode(payload.utf8)).sig" }

    private func granted(_ idToken: String) -> String {
        #"{"access_token":"a","token_type":"bearer","expires_in":60,"id_token":"\#(idToken)"}"#
    }

    @Test("tells the nonce of its id_token")
    func nonce() {
        #expect(words(200, granted(jwt(#"{"nonce":"n-1?>ü"}"#))) == #"a - 60 nonce(Optional("n-1?>ü"))"#)
        #expect(words(200, granted(jwt("{}"))) == "a - 60 nonce(nil)")
        #expect(words(200, granted(jwt(#"{"nonce":1}"#))) == "a - 60 nonce(nil)")
        #expect(words(200, granted("rubbish")) == "a - 60 nonce(nil)")
        let nested = AnswerFormat.with { $0.roots = ["/user"] }
        let inner = granted(jwt(#"{"nonce":"n"}"#))
        #expect(words(200, "{\"user\":\(inner)}", nested) == #"a - 60 nonce(Optional("n"))"#)
    }

    @Test(
        "is accepted for the login whose nonce it bears",
        arguments: [
            (NonceCheck.noIDToken, true), (.nonce("n"), true), (.nonce("N"), false), (.nonce(""), false),
            (.nonce(nil), false),
        ])
    func accepts(_ check: NonceCheck, _ isAccepted: Bool) { #expect(check.accepts("n") == isAccepted) }
}
