// Decides what `tokend` takes on its command line and how it ends: 0 after a clean stop (the first SIGTERM or SIGINT; the
// second ends it at once), 78 (EX_CONFIG, sysexits.h) when
// somebody must mend the configuration or a path first, 75 (EX_TEMPFAIL) when starting again later may do.

import ArgumentParser
import DaemonConfiguration
import Foundation
import GrantStore
import Logging
import SocketServer
import Vocabulary

@main
struct TokendCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tokend",
        abstract: "Keeps OAuth 2.0 accounts alive and serves fresh access tokens to local programs.",
        version: tokendVersion)

    @Option(help: "The configuration file.")
    var config = "/etc/tokend/config.json"

    @Flag(help: "Validate the configuration and exit: 0 when it is valid, 78 when it is not.")
    var check = false

    func run() throws {
        let configuration: DaemonConfiguration
        do {
            configuration = try DaemonConfiguration.load(path: config)
        } catch {
            Self.complain("\(error)")
            throw ExitCode(EX_CONFIG)
        }
        if check { return }
        // From here on SIGTERM and SIGINT stay pending until somebody waits for them: one that comes while the store is
        // loaded, or right behind READY, is neither lost nor deadly. Threads made later inherit the mask.
        var stopSignals = sigset_t()
        sigemptyset(&stopSignals)
        sigaddset(&stopSignals, SIGTERM)
        sigaddset(&stopSignals, SIGINT)
        pthread_sigmask(SIG_BLOCK, &stopSignals, nil)
        signal(SIGPIPE, SIG_IGN)
        var log = Logger(label: "tokend", factory: StreamLogHandler.standardError(label:))
        log.logLevel = Logger.Level(rawValue: configuration.logLevel) ?? .info
        let daemon: Daemon
        do {
            daemon = try Daemon(configuration, log: log)
        } catch {
            Self.complain("\(error)")
            throw ExitCode(Self.mayPass(error) ? EX_TEMPFAIL : EX_CONFIG)
        }
        var number: Int32 = 0
        sigwait(&stopSignals, &number)
        daemon.stop { Foundation.exit(0) }
        sigwait(&stopSignals, &number)
        // Whoever asks twice wants no clean stop.
        daemon.logUnsaved()
        _exit(1)
    }

    /// Whether starting again later may help without anybody's doing: systemd does so then.
    private static func mayPass(_ error: any Error) -> Bool {
        switch error {
        case StoreError.system, StoreError.database, StoreError.ownedByAnother: true
        case ListeningSocketError.inUse: true
        case is SocketServerError, is KernelTimerError: true
        default: false
        }
    }

    private static func complain(_ sentences: String) {
        let text = sentences.split(separator: "\n").map { "tokend: \($0)\n" }.joined()
        FileHandle.standardError.write(Data(text.utf8))
    }
}
