// Decides what `--provider-only` shows: what a client of the server must know, and where to order faults.

import Glibc
import SandboxProvider

/// The authorization server alone, for other people's programs and tests.
struct ProviderRun {
    let sandbox: Sandbox
    let output: Output

    /// Shows what happens until somebody wants an end, then stops the server.
    func run(until happenings: Happenings) async {
        output.line(text)
        sandbox.showEvents(on: output, width: 0)
        for await _ in happenings.stream { break }
        sandbox.onEvent(nil)
        await sandbox.stop()
    }

    private var text: String {
        let client = RegisteredClient.standard
        let url = sandbox.baseURL
        return """
            An authorization server at \(output.paint(url, .cyan))

            client_id      \(client.id)
            client_secret  \(client.secret)
            redirect_uri   \(client.redirectURIs[0])

            RFC 6749       \(url)/authorize /token /revoke /userinfo
            RFC 8628       \(url)/device_authorization /device?user_code=...
            RFC 8414       \(url)/.well-known/oauth-authorization-server
            Seamless       \(url)/oauth/authorize /api/client/v1/oauth/accessToken /api/client/v1/search/contacts

            POST   \(url)/sandbox/grants       {"subject":"alice","lifetime":60}
            POST   \(url)/sandbox/revocations  {"subject":"alice"}
            POST   \(url)/sandbox/faults       {"action":"respond","status":503,"count":2}
            DELETE \(url)/sandbox/faults
            GET    \(url)/sandbox/statistics

            Ctrl-C ends it.

            """
    }
}

extension Sandbox {
    /// Shows each event as a line, on the thread that caused it.
    func showEvents(on output: Output, width: Int) {
        onEvent { event in
            output.line(EventLine(event).text(time: Double(time(nil)), width: width, output))
        }
    }
}
