// Decides what a person reads when a command fails: what is wrong, and what to do next where that is known.

import TokenClient

/// Why a command failed, as it ends the program.
struct Complaint: Error, Hashable {
    let status: ExitStatus
    /// One line, no secret.
    let sentence: String

    init(_ status: ExitStatus, _ sentence: String) {
        self.status = status
        self.sentence = sentence
    }

    init(_ error: TokenClientError, about account: AccountName? = nil) {
        let subject = if case .refused = error, let account { "\(account): " } else { "" }
        let advice = Self.advice(error, account).map { "; \($0)" } ?? ""
        self.init(ExitStatus(error), subject + error.description.printable + advice)
    }

    private static func advice(_ error: TokenClientError, _ account: AccountName?) -> String? {
        switch error {
        case .noDaemon:
            "is tokend running? (systemctl status tokend; --socket or $TOKEND_SOCKET names another)"
        case .accessDenied: "your user must be in the socket's group"
        case .timedOut: "the daemon is stuck or busy, or --timeout is too short"
        case .connectionLost: "it may have been stopped or restarted; look with tokenctl status"
        case .malformedAnswer: "is this tokend's socket?"
        case .systemCall: nil
        case .refused(let error): advice(error, account)
        }
    }

    private static func advice(_ error: RequestError, _ account: AccountName?) -> String? {
        switch error.code {
        case .tryAgain, .busy, .shuttingDown:
            error.retryAfter.map { "try again in \(RelativeTime.spell($0))" } ?? "try again"
        case .timeout: "a refresh is under way: try again, or give a longer --timeout"
        case .loginNeeded:
            account.map { "tokenctl login \($0)" }
        case .loginFailed: "nothing stored has changed; begin the login anew"
        case .operatorNeeded: account.map { "the reason is in: tokenctl status \($0)" }
        case .unknownAccount: "tokenctl list shows the accounts there are"
        case .unknownProvider: "the daemon's configuration names the providers"
        case .exists: "tokenctl add --replace overwrites it"
        case .unsatisfiable: "ask for a shorter --min-ttl"
        case .storage: "the daemon's log says more"
        case .denied, .badRequest, .unknownVerb, .lineTooLong, .internal: nil
        }
    }
}
