// Decides how a client proves who it is in a request. Always as the description says; nothing is guessed at run time,
// because a failed guess may burn a single-use token.

import FoundationEssentials
import Vocabulary

/// What a client adds to a request to be known (RFC 6749 §2.3, RFC 7521 §4.2, RFC 8705 §2).
struct ClientAuthentication {
    private(set) var parameters: [Parameter] = []
    /// The value of the Authorization header.
    private(set) var authorization: String?

    /// - Parameter namesPublicClient: whether a client without authentication names itself.
    init(
        _ provider: Provider, namesPublicClient: Bool, _ context: RequestContext
    ) throws(RequestProblem) {
        let identifier = Parameter("client_id", provider.clientID)
        switch provider.authMethod {
        case .clientSecretPost:
            parameters = [identifier, Parameter("client_secret", try Self.secret(provider))]
        case .clientSecretBasic:
            // Both words form-encoded first, which many clients forget: a `:` or `%` in a secret would otherwise be read as
            // something else (RFC 6749 §2.3.1). A space as `%20`: there are servers that leave a `+` as it is.
            authorization = Self.basic(
                FormEncoding.encodeQuery(provider.clientID),
                FormEncoding.encodeQuery(try Self.secret(provider)))
        case .clientSecretBasicRaw:
            authorization = Self.basic(provider.clientID, try Self.secret(provider))
        case .clientSecretAsUsername:
            authorization = Self.basic(try Self.secret(provider), "")
        case .privateKeyJWT:
            // The identifier is optional beside an assertion (RFC 7521 §4.2), and Microsoft wants it.
            parameters = [
                identifier, Parameter("client_assertion_type", ClientAssertion.type),
                Parameter("client_assertion", try ClientAssertion.authentication(provider, context)),
            ]
        case .tlsClientAuth: parameters = [identifier]
        case .none: parameters = namesPublicClient ? [identifier] : []
        }
    }

    private static func secret(_ provider: Provider) throws(RequestProblem) -> String {
        guard let secret = provider.clientSecret else { throw .noClientSecret }
        return secret.exposed
    }

    private static func basic(_ user: String, _ password: String) -> String {
        "Basic " + Data("\(user):\(password)".utf8).base64EncodedString()
    }
}

extension Provider {
    /// What an operator may try where the client is refused; nil where both ways to write Basic come to the same.
    var adviceOnBasic: String? {
        let words = clientID + (clientSecret?.exposed ?? "")
        guard FormEncoding.encodeQuery(words) != words else { return nil }
        return switch authMethod {
        case .clientSecretBasic: "it may want client_secret_basic_raw"
        case .clientSecretBasicRaw: "it may want client_secret_basic"
        default: nil
        }
    }
}
