// Decides between grant and failure, in this order: status, the dialect's own mark of success, errors dressed as
// success, the token itself. An error beside an access token wins, unless its code is unknown and merely stands where a
// dialect puts codes. Beside a refresh token too it does not: that may be new, and refusing it loses the account.

import StrictJSON
import Vocabulary

struct AnswerReader {
    let status: Int
    let provider: Provider
    let body: AnswerBody
    let sentAt: WallTime
    /// How old the token may have been when the request was sent; nil for one that is surely new.
    let ageWhenSent: Duration?
    let pacing: Pacing

    var format: AnswerFormat { provider.response }

    func judged() -> TokenAnswer.Outcome {
        let isSuccess = format.successStatus?.contains(status) ?? (200..<300).contains(status)
        guard isSuccess else { return failed(refusal) }
        if let hiddenRefusal { return failed(hiddenRefusal) }
        do {
            return .granted(try grant())
        } catch {
            return failed(.malformedSuccess, error)
        }
    }

    private func failed(_ meaning: AnswerClass, _ problem: UnusableGrant? = nil) -> TokenAnswer.Outcome {
        // A gateway's words for "the server did not answer me" (nginx: 499, Cloudflare: 520, 522, 524, others: 598, 599): it
        // may have acted all the same (R5). So may one that goes on to speak another protocol, which nobody has asked for.
        let isLost =
            meaning == .transient && [101, 499, 502, 504, 520, 522, 524, 598, 599].contains(status)
        let failure = Failure(
            isLost ? .inDoubt : meaning.reason, retryAfter: pacing.floor(meaning),
            isOfClient: meaning == .clientConfiguration
                && codes.contains { AnswerClass.codesOfClient.contains(AnswerClass.usual($0)) })
        let code = (codes.first { known($0) != nil } ?? codes.first).flatMap(LogSafe.code)
        return .failed(
            failure, AnswerDetail(status: status, code: code, problem: problem, shape: body.shape))
    }
}

// MARK: - What a refusal means

extension AnswerReader {
    private var codes: [String] { format.codes(in: body) }

    private func known(_ code: String) -> AnswerClass? {
        format.codes[code] ?? AnswerClass.standard(code)
    }

    private var refusal: AnswerClass {
        if let own = codes.lazy.compactMap({ format.codes[$0] }).first { return own }
        let described = (body.isEmpty ? format.emptyBodyClass[status] : nil) ?? format.statusClass[status]
        if let ofServer = AnswerClass.ofServerState(status) { return described ?? ofServer }
        if let standard = codes.lazy.compactMap(AnswerClass.standard).first { return standard }
        return described ?? .byDefault(status, isObject: body.isStructured, isEmpty: body.isEmpty)
    }

    /// The refusal in an answer whose status claims success; nil when there is none.
    private var hiddenRefusal: AnswerClass? {
        guard let value = body.value else { return nil }
        if let condition = format.successWhen {
            let holds = value.at(condition.path)?.isLike(condition.equals) ?? false
            return holds ? nil : codes.lazy.compactMap(known).first ?? .malformedSuccess
        }
        // Whoever hands out a refresh token too has not refused: to drop a new one for what stands beside it loses the account.
        if let members = try? tokenMembers(), refreshToken(of: members) != nil { return nil }
        if let known = codes.lazy.compactMap(known).first { return known }
        return Self.isError(value.object?["error"]) ? .malformedSuccess : nil
    }

    /// Some say in `error` that there is none.
    private static func isError(_ value: JSONValue?) -> Bool {
        switch value {
        case nil, .null, .bool(false): false
        case .bool(true): true
        case .string(let text): !["", "0", "ok", "success", "none"].contains(text.lowercased())
        case .number(let number): number.flooredInteger != 0
        case .array(let elements): !elements.isEmpty
        case .object(let object): !object.members.isEmpty && (object["code"].map(isError) ?? true)
        }
    }
}

extension AnswerFormat {
    /// The error codes that stand where this dialect puts them; several are usual (`status` and `category`). A standard's
    /// counts wherever codes are put.
    func codes(in body: AnswerBody) -> [String] {
        guard let value = body.value else { return [] }
        let found = errorCodePaths.compactMap { Self.code(value.at($0)) }
        let elsewhere = Self.customaryPaths.compactMap { Self.code(value.at($0)) }
        return found + elsewhere.filter { AnswerClass.standard($0) != nil && !found.contains($0) }
    }

    private static func code(_ value: JSONValue?) -> String? {
        switch value {
        case .string(let code) where !code.isEmpty: code
        case .number(let code): code.text
        default: nil
        }
    }

    private static let customaryPaths = [
        "", "/error", "/error/code", "/error/type", "/error/error", "/error/0", "/errors/0", "/errors/0/code",
        "/errors/0/error", "/errors/0/errorType", "/code", "/error_code", "/errorCode", "/data/error",
        "/data/error_code", "/detail/error", "/0/error", "/0/code", "/0/errorCode",
    ]
}

extension JSONValue {
    /// Equality as `success_when` has it: a form has strings for everything, and some JSON has as well.
    func isLike(_ other: JSONValue) -> Bool { self == other || scalar != nil && scalar == other.scalar }

    private var scalar: String? {
        switch self {
        case .string(let text): text
        case .number(let number): number.text
        case .bool(let flag): "\(flag)"
        default: nil
        }
    }
}

// MARK: - The grant

extension AnswerReader {
    private func grant() throws(UnusableGrant) -> FreshGrant {
        let members = try tokenMembers()
        guard let accessToken = Self.text(member(.accessToken, of: members)).map(Secret.init) else {
            throw .noAccessToken
        }
        guard accessToken.isHeaderSafe else { throw .accessTokenNotHeaderSafe }
        let tokenType = try tokenType(Self.text(member(.tokenType, of: members)))
        let refreshToken = refreshToken(of: members)
        guard refreshToken?.exposed.contains(AnswerText.replacement) != true else {
            throw .refreshTokenDamaged
        }
        let rule = LifetimeRule(reader: self, members: members)
        let lifetime = rule.lifetime(of: accessToken)
        return FreshGrant(
            accessToken: accessToken, tokenType: provider.authorizationScheme ?? tokenType,
            expiresAt: sentAt + lifetime.duration,
            lifetime: lifetime.duration, lifetimeIsKnown: lifetime.isKnown,
            refreshToken: refreshToken,
            refreshTokenExpiresAt: rule.refreshTokenExpiry(cameAlong: refreshToken != nil),
            scope: Self.scope(member(.scope, of: members)))
    }

    /// A blank one is none: the old one is worth more.
    private func refreshToken(of members: JSONObject) -> Secret? {
        guard let text = Self.text(member(.refreshToken, of: members)), !text.allSatisfy(\.isWhitespace)
        else { return nil }
        return Secret(text)
    }

    /// The first root that holds an access token.
    private func tokenMembers() throws(UnusableGrant) -> JSONObject {
        guard let value = body.value else { throw .noAccessToken }
        for root in format.roots {
            guard let candidate = value.at(root)?.object,
                Self.text(member(.accessToken, of: candidate)) != nil
            else { continue }
            return candidate
        }
        throw .noAccessToken
    }

    /// The first of a member's names that has a value other than null.
    func member(_ member: AnswerFormat.TokenMember, of object: JSONObject) -> JSONValue? {
        let names = (format.fields[member] ?? []) + [member.rawValue]
        return names.lazy.compactMap { object[$0] }.first { $0 != .null }
    }

    /// A string that is not empty; nothing else is text, least of all a number.
    private static func text(_ value: JSONValue?) -> String? {
        value?.string.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// - Throws: a type that we cannot use must not be used (RFC 6749 §7.1): MAC and DPoP need a key.
    private func tokenType(_ named: String?) throws(UnusableGrant) -> String {
        let words = named?.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        // A blank one says nothing.
        let named = words == "" ? nil : words
        let type = named.map { format.tokenTypeMap[$0] ?? $0 } ?? format.tokenTypeDefault
        let isOurs = format.tokenTypeMap.values.contains(type) || type == format.tokenTypeDefault
        // Apigee's word for it.
        let canonical = type == "BearerToken" ? "Bearer" : AccessToken.canonicalType(type)
        guard isOurs || canonical == "Bearer" else { throw .unknownTokenType }
        return canonical
    }

    /// A list of scopes (Twitch) becomes RFC 6749 §3.3's text; an empty text stays one.
    private static func scope(_ value: JSONValue?) -> String? {
        value?.string ?? value?.array.map { $0.compactMap(\.string).joined(separator: " ") }
    }
}
