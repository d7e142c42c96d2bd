// Decides the form of ADD's JSON object. A member that is not known is refused, not skipped: a misspelt
// `expires_at` would otherwise cost a refresh that nobody asked for.

import StrictJSON
import Vocabulary

extension AddedGrant {
    /// Reads the JSON object of `ADD`; null counts as absent.
    /// - Throws: `bad-request`, naming the member; never its value.
    public static func parse(_ json: some Sequence<UInt8>) throws(RequestError) -> AddedGrant {
        let value: JSONValue
        do { value = try JSONValue.parse(json) } catch { throw .badRequest("not a JSON object: \(error)") }
        guard let object = value.object else {
            throw .badRequest("expected a JSON object, found \(value.typeName)")
        }
        return try AddedGrant(object)
    }

    /// Reads ADD's members from `object`.
    public init(_ object: JSONObject) throws(RequestError) {
        self.init(refreshToken: nil)
        for member in object.members where member.value != .null {
            switch member.name {
            case "refresh_token": refreshToken = try member.secret()
            case "access_token": accessToken = try member.secret()
            case "expires_at": expiresAt = WallTime(epochSeconds: try member.epochSeconds())
            case "token_type": tokenType = try member.tokenType()
            case "scope": scope = try member.text()
            case "redirect_uri": redirectURI = try member.text()
            case "variables": variables = try member.variables()
            case "replace": replace = try member.boolean()
            default: throw .badRequest("a member that ADD does not know; it takes \(Self.memberNames)")
            }
        }
    }

    private static let memberNames =
        "refresh_token access_token expires_at token_type scope redirect_uri variables replace"

    /// The JSON object of `ADD`: what `parse` reads.
    public var json: JSONValue {
        var object = JSONObject()
        if let refreshToken { object["refresh_token"] = .string(refreshToken.exposed) }
        if let accessToken { object["access_token"] = .string(accessToken.exposed) }
        if let expiresAt { object["expires_at"] = JSONValue(expiresAt.epochSeconds) }
        if let tokenType { object["token_type"] = .string(tokenType) }
        if let scope { object["scope"] = .string(scope) }
        if let redirectURI { object["redirect_uri"] = .string(redirectURI) }
        if !variables.isEmpty {
            var members = JSONObject()
            for (name, value) in variables.sorted(by: { $0.key < $1.key }) { members[name] = .string(value) }
            object["variables"] = .object(members)
        }
        if replace { object["replace"] = true }
        return .object(object)
    }
}

extension JSONObject.Member {
    fileprivate func text() throws(RequestError) -> String {
        guard let string = value.string else { throw wrongType("a string") }
        return string
    }

    fileprivate func secret() throws(RequestError) -> Secret {
        let secret = Secret(try text())
        guard secret.isHeaderSafe else {
            throw .badRequest("\(name) is empty or has other than visible ASCII characters")
        }
        return secret
    }

    fileprivate func variables() throws(RequestError) -> [String: String] {
        guard let object = value.object else { throw wrongType("an object of strings") }
        var variables: [String: String] = [:]
        for member in object.members {
            guard let variable = TemplateVariable(member.name, try member.text()) else {
                throw .badRequest("\(name): \(TemplateVariable.form)")
            }
            variables[variable.name] = variable.value
        }
        return variables
    }

    fileprivate func boolean() throws(RequestError) -> Bool {
        guard let bool = value.bool else { throw wrongType("a boolean") }
        return bool
    }

    fileprivate func epochSeconds() throws(RequestError) -> Int64 {
        guard let seconds = value.number?.exactInteger, seconds >= 0 else {
            throw wrongType("whole seconds since the epoch")
        }
        return seconds
    }

    /// An authentication scheme is an RFC 9110 §5.6.2 token.
    fileprivate func tokenType() throws(RequestError) -> String {
        let type = try text()
        let isToken = type.utf8.allSatisfy {
            (0x21...0x7E).contains($0) && !"\"(),/:;<=>?@[\\]{}".utf8.contains($0)
        }
        guard !type.isEmpty, isToken else { throw .badRequest("\(name) is not an authentication scheme") }
        return type
    }

    private func wrongType(_ expected: String) -> RequestError {
        .badRequest("\(name) must be \(expected), found \(value.typeName)")
    }
}
