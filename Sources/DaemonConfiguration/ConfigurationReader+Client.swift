// Decides what a client has to bring along to prove who it is: exactly what its authentication method shows, because a
// secret that is never shown is surely a mistake.

import OAuth
import StrictJSON
import Vocabulary

extension ConfigurationReader {
    /// The authentication method and what it needs.
    mutating func readClient(of section: Section, into provider: inout Provider) {
        if let method = authMethod(of: section) { provider.authMethod = method }
        provider.clientSecret = clientSecret(of: section, provider)
        provider.signingKey = signingKey(of: section, provider)
    }

    /// `token_endpoint_auth_method`, for all requests or for those of one kind.
    mutating func authMethod(of section: Section) -> ClientAuthMethod? {
        word(
            "token_endpoint_auth_method", of: section, kind: "client authentication method",
            as: ClientAuthMethod.self)
    }

    private mutating func clientSecret(of section: Section, _ provider: Provider) -> Secret? {
        if provider.authMethods.contains(where: \.needsSecret) {
            require("client_secret", of: section, Self.secretForms)
        } else if section.object["client_secret"] != nil {
            report(
                section.path(of: "client_secret"),
                .unacceptable(
                    expected: "no secret where token_endpoint_auth_method is \(provider.authMethod.rawValue)")
            )
            return nil
        }
        return secret("client_secret", of: section)?.secret
    }

    private mutating func signingKey(of section: Section, _ provider: Provider) -> SigningKey? {
        let keyID = text("key_id", of: section, .nonEmpty)
        let algorithm = word(
            "signing_algorithm", of: section, kind: "signing algorithm", as: SigningKey.Algorithm.self)
        guard provider.authMethods.contains(.privateKeyJWT) || provider.kind == .jwtBearer else {
            for key in ["private_key", "key_id", "signing_algorithm"] where section.object[key] != nil {
                let expected =
                    "no such key where kind is not jwt_bearer and token_endpoint_auth_method not private_key_jwt"
                report(section.path(of: key), .unacceptable(expected: expected))
            }
            return nil
        }
        require("private_key", of: section, Self.secretForms)
        guard let pem = secret("private_key", of: section)?.secret else { return nil }
        let key = SigningKey(pem: pem, keyID: keyID, algorithm: algorithm ?? .rs256)
        do throws(RequestProblem) { try key.check() } catch {
            let defect =
                if case .unusableSigningKey(let defect) = error { defect.rawValue } else { "\(error)" }
            let expected = "a private key in PEM that signs by \(key.algorithm.rawValue); this one \(defect)"
            report(section.path(of: "private_key"), .unacceptable(expected: expected))
            return nil
        }
        return key
    }

    /// The files of TLS; a client's certificate and key go together.
    mutating func readTLS(of section: Section, into provider: inout Provider) {
        let tls = subsection("tls", of: section, keys: ["ca_file", "certificate_file", "key_file"])
        provider.tls = TLSFiles(
            caFile: readableFile("ca_file", of: tls),
            certificateFile: readableFile("certificate_file", of: tls),
            keyFile: readableFile("key_file", of: tls))
        let isClients = ["certificate_file", "key_file"].contains { tls.object[$0] != nil }
        guard isClients || provider.authMethods.contains(.tlsClientAuth) else { return }
        require("certificate_file", of: tls, "the client's certificate, the absolute path of a PEM file")
        require("key_file", of: tls, "the client's private key, the absolute path of a PEM file")
    }
}
