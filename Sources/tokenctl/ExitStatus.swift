// Decides what a script learns from the exit status: who must act, in the words of sysexits.h where it has one.

import TokenClient

/// How tokenctl ends. Stable, like the protocol's codes.
enum ExitStatus: Int32 {
    case success = 0
    /// EX_USAGE: the command line.
    case usage = 64
    /// EX_DATAERR: the request cannot be met as it was asked, now or later.
    case badRequest = 65
    /// EX_NOUSER.
    case unknownAccount = 67
    /// EX_UNAVAILABLE: nobody listens at the socket.
    case noDaemon = 69
    /// EX_SOFTWARE: a defect, or the daemon's disk. EX_IOERR for the latter was rejected: no caller acts differently.
    case `internal` = 70
    /// EX_TEMPFAIL: time mends it.
    case tryAgain = 75
    /// EX_NOPERM.
    case denied = 77
    /// EX_CONFIG: an operator must act.
    case operatorNeeded = 78
    /// Beyond sysexits.h: the account's user must log in.
    case loginNeeded = 79

    init(_ code: ErrorCode) {
        self =
            switch code {
            // `unsatisfiable` too: the same min-ttl fails again however long one waits.
            case .badRequest, .unknownVerb, .lineTooLong, .unknownProvider, .exists, .unsatisfiable:
                .badRequest
            case .unknownAccount: .unknownAccount
            case .denied: .denied
            case .loginNeeded, .loginFailed: .loginNeeded
            case .operatorNeeded: .operatorNeeded
            case .tryAgain, .timeout, .busy, .shuttingDown: .tryAgain
            case .storage, .internal: .internal
            }
    }

    init(_ error: TokenClientError) {
        self =
            switch error {
            case .noDaemon: .noDaemon
            case .accessDenied: .denied
            case .timedOut, .connectionLost: .tryAgain
            case .malformedAnswer, .systemCall: .internal
            case .refused(let error): ExitStatus(error.code)
            }
    }
}
