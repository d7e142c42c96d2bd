// Decides what a token endpoint's answer to a code means. Built on the judgement of refreshes, which knows the dialects; what
// differs is that a code is used once: only the words "not yet" lead to another request with it.

import StrictJSON
import Vocabulary

/// What came of presenting a code or a device code (RFC 6749 §5, RFC 8628 §3.5).
public enum LoginAnswer: Hashable, Sendable {
    case granted(FreshGrant, idTokenNonce: NonceCheck)
    /// `authorization_pending`: the user has not decided yet.
    case pending
    /// `slow_down`: the same, and from now on five seconds more between polls.
    case slowDown
    case failed(LoginFailure)

    /// Judges a whole answer.
    ///
    /// - Parameters:
    ///   - headers: the value of a header by its name, case-insensitively; nil where there is none.
    ///   - sentAt: when the request was sent; lifetimes count from here.
    public static func read(
        status: Int, headers: (String) -> String?, body: [UInt8], provider: Provider, sentAt: Moment,
        receivedAt: Moment
    ) -> LoginAnswer {
        var provider = provider
        // What a usual token lives says nothing of one that has to be exchanged first.
        if provider.hasFirstExchange { provider.response.defaultLifetime = nil }
        let answer = TokenAnswer.read(
            status: status, headers: headers, body: body, provider: provider, sentAt: sentAt,
            receivedAt: receivedAt)
        let body = AnswerBody(body)
        switch answer.outcome {
        case .granted(let fresh):
            return .granted(fresh, idTokenNonce: NonceCheck(of: body, provider.response))
        case .failed(let failure, let detail):
            // GitHub puts these into a 200; elsewhere they are a 400, and a 429 has been seen.
            let isRefusal = (200..<300).contains(status) || (400..<500).contains(status)
            let codes = provider.response.codes(in: body)
            if isRefusal, codes.contains("authorization_pending") { return .pending }
            if isRefusal, codes.contains("slow_down") { return .slowDown }
            let isOfClient = failure.reason == .unauthorized || codes.contains("invalid_client")
            return .failed(
                LoginFailure(failure, detail, codes, advice: isOfClient ? provider.adviceOnBasic : nil))
        }
    }
}

/// What the answer's id_token says of the login that it is for.
public enum NonceCheck: Hashable, Sendable {
    /// There is no id_token, and so nothing to check.
    case noIDToken
    /// The id_token's `nonce`; nil where it has none or cannot be read.
    case nonce(String?)

    init(of body: AnswerBody, _ format: AnswerFormat) {
        guard let value = body.value else {
            self = .noIDToken
            return
        }
        // Beside the access token, wherever the dialect puts that, or at the top.
        let token = (format.roots + [""]).lazy.compactMap {
            value.at($0)?.object?["id_token"]?.string
        }
        guard let token = token.first else {
            self = .noIDToken
            return
        }
        self = .nonce(JWT.claims(of: token)?["nonce"]?.string)
    }

    /// Whether the answer is for the login that sent `nonce` (OpenID Connect Core §3.1.3.7, step 11).
    public func accepts(_ nonce: String) -> Bool {
        switch self {
        case .noIDToken: true
        case .nonce(let found): found?.utf8.elementsEqual(nonce.utf8) ?? false
        }
    }
}

extension LoginFailure {
    /// A refusal as a login sees it: by the code where one is known, else by what the whole answer means.
    /// - Parameter advice: what an operator may try.
    init(_ failure: Failure, _ detail: AnswerDetail, _ codes: [String], advice: String? = nil) {
        let isTransient = [.transient, .rateLimited, .inDoubt].contains(failure.reason)
        let explanation =
            switch failure.reason {
            case .reauthorizationRequired: "the provider refused the code"
            case .inDoubt: "the provider is troubled and may have used the code up"
            case .unauthorized: "the provider refused our client or the code, without saying which"
            case let reason: reason.explanation
            }
        let advice = advice.map { "; \($0)" } ?? ""
        let known = codes.first { LoginFailure.sentence(for: $0) != nil }
        guard let code = known ?? detail.code else {
            let sentence = detail.problem.map { "\(explanation): \($0.rawValue)" } ?? explanation
            self.init(
                "\(sentence); status \(detail.status), \(detail.shape)\(advice)", isTransient: isTransient)
            return
        }
        self.init(
            code: code, LoginFailure(refusal: code, otherwise: explanation).sentence + advice,
            isTransient: isTransient)
    }
}
