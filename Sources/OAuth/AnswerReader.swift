// Decides between grant and failure, in this order: status, the dialect's own mark of success, errors dressed as
// success, the token itself. An error beside a token wins, unless its code is unknown and merely stands where a
// dialect puts codes: refusing a token after rotation loses the account.

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
        // A gateway's words for "the server did not answer me" (520 and 524 are Cloudflare's): it may have acted all the
        // same (R5).
        let isLost = meaning == .transient && [502, 504, 520, 524].contains(status)
        let failure = Failure(
            isLost ? .inDoubt : meaning.reason, retryAfter: pacing.floor(meaning),
            isOfClient: meaning == .clientConfiguration
                && codes.contains(where: AnswerClass.codesOfClient.contains))
        let code = (codes.first { known($0) != nil } ?? codes.first).flatMap(LogSafe.code)
        return .failed(
            failure, AnswerDetail(status: status, code: code, problem: problem, shape: body.shape))
    }
}

// MARK: - What a refusal means

extension AnswerReader {
    private var codes: [String] { format.codes(in: body) }

    private func known(_ code: String) -> AnswerClass? {
        format.codes[code] ?? AnswerClass.standardCodes[code]
    }

    private var refusal: AnswerClass {
        if let own = codes.lazy.compactMap({ format.codes[$0] }).first { return own }
        let described = (body.isEmpty ? format.emptyBodyClass[status] : nil) ?? format.statusClass[status]
        if let ofServer = AnswerClass.ofServerState(status) { return described ?? ofServer }
        if let standard = codes.lazy.compactMap({ AnswerClass.standardCodes[$0] }).first { return standard }
        return described
            ?? .byDefault(status, isObject: body.object != nil, isEmpty: body.isEmpty)
    }

    /// The refusal in an answer whose status claims success; nil when there is none.
    private var hiddenRefusal: AnswerClass? {
        guard let object = body.object else { return nil }
        if let condition = format.successWhen {
            let holds = JSONValue.object(object).at(condition.path) == condition.equals
            return holds ? nil : codes.lazy.compactMap(known).first ?? .malformedSuccess
        }
        if let known = codes.lazy.compactMap(known).first { return known }
        return Self.isError(object["error"]) ? .malformedSuccess : nil
    }

    private static func isError(_ value: JSONValue?) -> Bool {
        switch value {
        case nil, .null, .bool(false), .string(""): false
        case .number(let number): number.flooredInteger != 0
        default: true
        }
    }
}

extension AnswerFormat {
    /// The error codes that stand where this dialect puts them; several are usual (`status` and `category`).
    func codes(in body: AnswerBody) -> [String] {
        guard let object = body.object else { return [] }
        return errorCodePaths.compactMap { path in
            switch JSONValue.object(object).at(path) {
            case .string(let code) where !code.isEmpty: code
            case .number(let code): code.text
            default: nil
            }
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
        let refreshToken = Self.text(member(.refreshToken, of: members)).map(Secret.init)
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

    /// The first root that holds an access token.
    private func tokenMembers() throws(UnusableGrant) -> JSONObject {
        guard let object = body.object else { throw .noAccessToken }
        for root in format.roots {
            guard let candidate = JSONValue.object(object).at(root)?.object,
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
        let type = named.map { format.tokenTypeMap[$0] ?? $0 } ?? format.tokenTypeDefault
        let isOurs = format.tokenTypeMap.values.contains(type) || type == format.tokenTypeDefault
        let canonical = AccessToken.canonicalType(type)
        guard isOurs || canonical == "Bearer" else { throw .unknownTokenType }
        return canonical
    }

    /// A list of scopes (Twitch) becomes RFC 6749 §3.3's text; an empty text stays one.
    private static func scope(_ value: JSONValue?) -> String? {
        value?.string ?? value?.array.map { $0.compactMap(\.string).joined(separator: " ") }
    }
}
