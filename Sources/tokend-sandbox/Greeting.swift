// Decides what the demo tells a person to try: few commands, each whole as it stands, so that it can be pasted into any
// shell in any directory.

import SandboxProvider
import Vocabulary

/// The text that is shown once everything is up.
struct Greeting: Hashable {
    let baseURL: String
    let socketPath: String
    let tokenctl: String
    let accounts: DemoAccounts
    /// Seconds.
    let lifetime: Double

    /// What it shows, each with its command.
    var examples: [(purpose: String, command: String)] {
        let socket = "--socket " + socketPath.shellWord
        let tokenctl = tokenctl.shellWord
        var examples = [
            ("How the accounts are:", "\(tokenctl) status \(socket)"),
            (
                "A fresh token for any program that can open a socket:",
                "printf 'GET \(accounts.first)\\n' | socat - UNIX-CONNECT:\(socketPath.shellWord)"
            ),
            (
                "Call the provider's API with one:",
                "curl -s -H \"$(\(tokenctl) get --header \(accounts.caller) \(socket))\""
                    + " \(baseURL)/api/client/v1/search/contacts"
            ),
            (
                "Connect an account as its user would; the provider asks nothing:",
                "\(tokenctl) login \(socket) sandbox/you"
            ),
        ]
        if let victim = accounts.victim {
            examples.append(
                (
                    "Something going wrong, a user who disconnects the app:",
                    "curl -s -d '{\"subject\":\"\(victim)\"}' \(baseURL)/sandbox/revocations"
                ))
        }
        return examples
    }

    /// Without an LF at the end.
    func text(_ output: Output) -> String {
        let count = accounts.names.count
        let shown = examples.map { "\($0.purpose)\n  \(output.paint($0.command, .cyan))\n" }.joined()
        return """
            tokend keeps \(count == 1 ? "1 account" : "\(count) accounts") alive at \(baseURL)
            and serves their tokens at \(output.paint(socketPath, .cyan))

            \(shown)
            Access tokens live \(lifetime.formattedSeconds). Ctrl-C stops and removes everything.

            """
    }
}

extension Double {
    /// `20 s`, or `2.5 s`.
    var formattedSeconds: String { Int(exactly: self).map { "\($0) s" } ?? "\(self) s" }
}
