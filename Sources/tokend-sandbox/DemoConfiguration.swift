// Decides the configuration of the demo's tokend: both dialects at the sandbox, everything in one directory. It has the
// form of config.example.json.

import SandboxProvider
import StrictJSON

/// What the demo writes into its directory for tokend to read.
struct DemoConfiguration: Hashable, Sendable {
    /// The provider's, without a slash at the end.
    let baseURL: String
    let socketPath: String
    let stateDirectory: String

    var json: JSONValue {
        [
            "socket": ["path": .string(socketPath), "mode": "0600"],
            "state_directory": .string(stateDirectory),
            "providers": ["seamless": seamless, "sandbox": plain],
            "log": ["level": "info"],
        ]
    }

    private var seamless: JSONValue {
        [
            "preset": "seamless",
            "authorization_endpoint": .string(baseURL + "/oauth/authorize"),
            "token_endpoint": .string(baseURL + "/api/client/v1/oauth/accessToken"),
            "client_id": .string(RegisteredClient.standard.id),
            "client_secret": .string(RegisteredClient.standard.secret),
            "redirect_uri": .string(RegisteredClient.standard.redirectURIs[0]),
            // The preset's 60 a minute would show waiting; the sandbox limits nothing unless told to.
            "rate": ["budget": "5000/s"],
        ]
    }

    private var plain: JSONValue {
        [
            "authorization_endpoint": .string(baseURL + "/authorize"),
            "token_endpoint": .string(baseURL + "/token"),
            "revocation_endpoint": .string(baseURL + "/revoke"),
            "device_authorization_endpoint": .string(baseURL + "/device_authorization"),
            "client_id": .string(RegisteredClient.standard.id),
            "client_secret": .string(RegisteredClient.standard.secret),
            "redirect_uri": .string(RegisteredClient.standard.redirectURIs[0]),
            "token_endpoint_auth_method": "client_secret_basic",
        ]
    }
}
