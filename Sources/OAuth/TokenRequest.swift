// Decides what a token request looks like on the wire; sending it is another room's. Parameters stand in one order
// for both encodings, so that a request can be compared byte by byte.

import FoundationEssentials
import StrictJSON
import Vocabulary

/// A POST to a token endpoint. Holds secrets: its description shows the URL alone.
public struct TokenRequest: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable
{
    public let url: String
    public let headers: [(String, String)]
    public let body: [UInt8]

    public var description: String {
        "POST \(url.prefix { $0 != "?" }) (<redacted>, \(body.count) bytes)"
    }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: []) }

    /// The request that trades `refreshToken` for a new access token (RFC 6749 §6).
    ///
    /// - Parameter redirectURI: the account's own, in place of the provider's; sent only where the provider wants
    ///   one on refresh.
    public static func refresh(
        _ provider: Provider, refreshToken: Secret, redirectURI: String? = nil
    ) -> TokenRequest {
        var parameters: [(name: String, value: String)] = []
        if provider.request.sendsRedirectURIOnRefresh, let redirectURI = redirectURI ?? provider.redirectURI {
            parameters.append(("redirect_uri", redirectURI))
        }
        parameters.append(("grant_type", "refresh_token"))
        parameters.append(("refresh_token", refreshToken.exposed))
        return TokenRequest(to: provider, parameters: parameters)
    }

    /// The request with the client's proof of identity added (RFC 6749 §2.3.1).
    private init(to provider: Provider, parameters: [(name: String, value: String)]) {
        let secret = provider.clientSecret?.exposed ?? ""
        var all: [(name: String, value: String)] = []
        var headers = [
            ("Accept", "application/json"),
            ("User-Agent", "tokend/\(tokendVersion)"),
        ]
        switch provider.authMethod {
        case .clientSecretPost: all += [("client_id", provider.clientID), ("client_secret", secret)]
        case .clientSecretBasic, .clientSecretBasicRaw: headers.append(("Authorization", Self.basic(provider.clientID, secret)))
        case .none, .privateKeyJWT, .tlsClientAuth: all.append(("client_id", provider.clientID))
        }
        all += parameters
        switch provider.request.encoding {
        case .form, .query:
            headers.append(("Content-Type", "application/x-www-form-urlencoded"))
            body = FormEncoding.encode(all)
        case .json:
            headers.append(("Content-Type", "application/json"))
            var object = JSONObject()
            for (name, value) in all { object[name] = .string(value) }
            body = Array(JSONValue.object(object).serialized.utf8)
        }
        url = provider.tokenEndpoint ?? ""
        self.headers = headers
    }

    /// HTTP Basic, with both words form-encoded first, which many clients forget: a `:` or `%` in a secret would
    /// otherwise be read as something else (RFC 6749 §2.3.1).
    private static func basic(_ clientID: String, _ secret: String) -> String {
        let words = "\(FormEncoding.encode(clientID)):\(FormEncoding.encode(secret))"
        return "Basic " + Data(words.utf8).base64EncodedString()
    }
}
