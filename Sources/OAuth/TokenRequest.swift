// Decides what a request to a provider looks like on the wire; sending it is another room's. Parameters stand in one order
// for every encoding, so that a request can be compared byte by byte.

import StrictJSON
import Vocabulary

/// A request to one of a provider's endpoints. Holds secrets: its description shows the URL without the query.
public struct TokenRequest: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable
{
    public let method: RequestRules.Method
    /// Holds secrets where the provider wants parameters in the query.
    public let url: String
    public let headers: [(String, String)]
    /// Empty where the parameters are in the URL.
    public let body: [UInt8]

    public var description: String {
        "\(method.rawValue) \(url.prefix { $0 != "?" }) (<redacted>, \(body.count) bytes)"
    }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: []) }

    /// The request of `kind` with the client's proof of identity in front, as the provider's description wants it.
    init(
        _ provider: Provider, to endpoint: EndpointName, _ kind: RequestKind, _ standard: [Parameter],
        _ context: RequestContext
    ) throws(RequestProblem) {
        let provider = provider.described(for: kind)
        let rules = provider.request
        // A grant that is an assertion says whose it is (RFC 7523 §2.1): beside it, a client without authentication is silent.
        let client = try ClientAuthentication(provider, namesPublicClient: kind != .jwtBearer, context)
        var parameters = ParameterList(client.parameters + standard)
        try parameters.apply(
            extra: rules.parameters[kind] ?? [:], names: rules.parameterNames, context)
        var headers = [("Accept", "application/json"), ("User-Agent", "tokend/\(tokendVersion)")]
        if let authorization = client.authorization { headers.append(("Authorization", authorization)) }
        var url = try provider.endpoint(endpoint, context)
        // A GET has no body (RFC 9110 §9.3.1).
        switch rules.method == .get ? .query : rules.encoding {
        case .query:
            url = parameters.appended(to: url)
            body = []
        case .form:
            headers.append(("Content-Type", "application/x-www-form-urlencoded"))
            body = FormEncoding.encode(parameters.all)
        case .json:
            headers.append(("Content-Type", "application/json"))
            var object = JSONObject()
            for parameter in parameters.all { object[parameter.name] = .string(parameter.value) }
            body = Array(JSONValue.object(object).serialized.utf8)
        }
        method = rules.method
        self.url = url
        self.headers = Self.merged(headers, with: rules.headers)
    }

    /// `headers` with the provider's own in the place of those of their names, whatever the case, or behind them, sorted.
    private static func merged(
        _ headers: [(String, String)], with own: [String: String]
    ) -> [(String, String)] {
        var merged = headers
        for (name, value) in own.sorted(by: { $0.key < $1.key }) {
            if let index = merged.firstIndex(where: { $0.0.lowercased() == name.lowercased() }) {
                merged[index] = (name, value)
            } else {
                merged.append((name, value))
            }
        }
        return merged
    }
}
