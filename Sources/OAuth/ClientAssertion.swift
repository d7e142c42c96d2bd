// Decides the claims of the two assertions that a client signs: the one that is its grant (RFC 7523 §2.1) and the one that
// proves who it is (§2.2). Each is made for one request and never kept.

import StrictJSON
import Vocabulary

enum ClientAssertion {
    /// Five minutes: the longest that Salesforce takes (Google takes an hour), and enough for clocks that differ by some.
    static let lifetime = Duration.seconds(300)
    /// RFC 7523 §2.2.
    static let type = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

    /// The assertion that takes the place of a user's grant.
    static func grant(_ provider: Provider, _ context: RequestContext) throws(RequestProblem) -> String {
        let rules = provider.assertion
        let issuer = rules.issuer ?? provider.clientID
        var subject = rules.subjectIsIssuer ? issuer : nil
        if let template = rules.subject { subject = try Template.fill(template, context) }
        var audience = rules.audience
        if audience == nil { audience = try provider.endpoint(.token, context) }
        var claims = claims(
            issuer: issuer, subject: subject, audience: audience ?? "", serial: context.serial, context.now)
        if rules.hasScopeClaim, let scope = provider.joinedScopes { claims["scope"] = .string(scope) }
        return try signed(claims, provider)
    }

    /// The assertion that the client shows instead of a secret. The audience is the token endpoint for every request: RFC 7523
    /// §3 names it, and servers know it of all their endpoints.
    static func authentication(
        _ provider: Provider, _ context: RequestContext
    ) throws(RequestProblem) -> String {
        let audience = try provider.endpoint(.token, context)
        // A request may carry both assertions, and servers keep each `jti` to refuse a replay.
        let claims = claims(
            issuer: provider.clientID, subject: provider.clientID, audience: audience,
            serial: context.serial + "-client", context.now)
        return try signed(claims, provider)
    }

    private static func claims(
        issuer: String, subject: String?, audience: String, serial: String, _ now: WallTime
    ) -> JSONObject {
        var claims: JSONObject = ["iss": .string(issuer)]
        if let subject { claims["sub"] = .string(subject) }
        claims["aud"] = .string(audience)
        claims["iat"] = JSONValue(now.epochSeconds)
        claims["exp"] = JSONValue((now + lifetime).epochSeconds)
        claims["jti"] = .string(serial)
        return claims
    }

    private static func signed(_ claims: JSONObject, _ provider: Provider) throws(RequestProblem) -> String {
        guard let key = provider.signingKey else { throw .noSigningKey }
        return try JWT.signed(claims, by: key)
    }
}

extension Provider {
    /// The scopes as one text; nil where there are none.
    var joinedScopes: String? {
        scopes.isEmpty ? nil : scopes.joined(separator: authorization.scopeSeparator)
    }
}
