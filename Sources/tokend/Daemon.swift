// Decides how the rooms become one daemon: the only file that names them all. Start-up is in the order in which a failure
// is cheapest: configuration, store, accounts, socket; READY only when all of it holds. What runs where: the server's
// thread reads lines and answers from memory; the loop's queue decides; the store's queue writes; the exchange queue and
// the HTTP client's threads talk to providers; the main thread waits for signals.

import DaemonConfiguration
import Dispatch
import Engine
import Glibc
import GrantStore
import Logging
import OAuth
import OAuthSender
import ServiceManager
import SocketServer
import Synchronization
import TokenTable
import Vocabulary

/// A running daemon.
final class Daemon: Sendable {
    private let log: Logger
    private let store: GrantStore
    private let loop: FleetLoop
    private let exchanger: Exchanger
    private let desk: LoginDesk
    private let socket: ListeningSocket
    private let server: SocketServer
    private let hasStopped = Atomic(false)

    /// Starts everything up to the READY notification.
    /// - Throws: `StoreError`, `KernelTimerError` or `ListeningSocketError`, with nothing left behind.
    init(_ configuration: DaemonConfiguration, log: Logger) throws {
        self.log = log
        let startedAt = Moment.now()
        let endpoints = configuration.providers.mapValues(\.sealedFor)
        store = try GrantStore(
            directory: configuration.stateDirectory, key: try Self.keySource(configuration),
            tokenEndpoint: { endpoints[$0] })
        let table = TokenTable()
        let fleet = try Self.restore(
            from: store, publishingTo: table, configuration.providers, startedAt, log)
        let exchanger = Exchanger(providers: configuration.providers, store: store, log: log)
        self.exchanger = exchanger
        exchanger.discovery.resume(configuration.providers, startedAt.wall)
        loop = try FleetLoop(
            fleet: fleet, loadedAt: startedAt, store: store, table: table, log: log,
            exchange: { exchanger.exchange($0, $1, $2, $3, $4, since: $5) },
            revoke: { exchanger.revoke($0, $1, $2, $3) })
        desk = LoginDesk(
            providers: configuration.providers, sender: OAuthSender(concurrency: Self.loginConcurrency),
            discovery: exchanger.discovery,
            loop: loop, log: log)
        desk.resume(startedAt)
        socket = try ListeningSocket.bind(
            path: configuration.socketPath, mode: configuration.socketMode, group: configuration.socketGroup)
        let router = RequestRouter(
            loop: loop, table: table, desk: desk, providers: configuration.providers, startedAt: startedAt)
        let server = try SocketServer(listener: socket.descriptor, onEvent: { Self.report($0, to: log) })
        self.server = server
        try server.start(
            .init(
                serve: { router.serve($0, $1, into: &$2) },
                receive: { router.receive($0, from: $1, $2, server) }))
        loop.start()
        log.notice("serving \(fleet.count) accounts at \(configuration.socketPath)")
        ServiceManager.notify(.ready(status: "serving \(fleet.count) accounts"))
    }

    /// Everything the store holds, its valid tokens published.
    private static func restore(
        from store: GrantStore, publishingTo table: TokenTable, _ providers: [ProviderName: Provider],
        _ now: Moment, _ log: Logger
    ) throws(StoreError) -> Fleet {
        var fleet = Fleet(
            seed: .random(in: .min ... .max), rules: providers.mapValues(\.engineRules),
            lastAsked: { table.lastAsked($0) })
        var inDoubt = 0
        var unjudged = 0
        try store.load(now) { loaded in
            switch loaded {
            case .account(let account):
                let kind = providers[account.account.provider]?.kind ?? .refreshToken
                let facts = TokenFacts(account, kind, now)
                if case .inDoubt = account.standing { inDoubt += 1 }
                if case .unjudged = facts?.basis { unjudged += 1 }
                if let token = account.accessToken, let facts, facts.expiry > now.boot {
                    table.publish(token, as: facts, for: account.account)
                }
                fleet.restored(
                    account.account, account.record, account.generation, facts, account.standing,
                    lastSuccessAt: account.lastSuccessAt, now)
            case .damaged(let record, let name, let generation, let cause):
                log.error("\(name): the stored record cannot be used: \(cause)")
                fleet.restoredDamaged(name, record, generation)
            case .nameless(let record):
                log.error("record \(record.rowID) of the store is damaged beyond its name; it is left alone")
            }
        }
        if unjudged > 0 {
            log.warning(
                "the wall clock was never set: \(unjudged) tokens of an earlier boot cannot be judged and count as lapsed"
            )
        }
        if inDoubt > 0 {
            log.notice("\(inDoubt) accounts are in doubt: the answer to their last refresh is not known")
        }
        return fleet
    }

    private static func keySource(_ configuration: DaemonConfiguration) throws -> KeySource {
        guard let reference = configuration.encryptionKey else { return .file }
        // The file's mode was judged when the configuration was read.
        return .secret(try reference.resolve(in: .process(configurationMode: 0)))
    }

    private static func report(_ event: SocketServer.Event, to log: Logger) {
        switch event {
        case .acceptFailed(let number):
            log.error("connections cannot be accepted for now: \(String(cString: strerror(number)))")
        case .connectionLimitReached(let count):
            log.warning("\(count) clients are connected; more are turned away")
        case .clientStalled(let peer):
            log.notice("closed a client that took no replies (uid \(peer.uid), pid \(peer.pid))")
        }
    }

    /// Names the accounts that an end right now would lose.
    func logUnsaved() {
        for name in loop.unsavedAccounts {
            log.critical("\(name): its newest grant is in memory only; ending now loses it")
        }
    }

    /// Logins have connections of their own: however many are begun, no refresh waits for them.
    private static let loginConcurrency = 8

    /// How often a stop that goes on is said to go on, and for how much longer each time: several tries at being heard.
    private static let extensionOfStop = (every: 5, seconds: 30)

    /// Asks the service manager for more time while there is something to finish: an exchange ends within its own
    /// timeout, a grant that cannot be saved is waited for as long as it takes. Never called on the loop's queue, as
    /// telling may block.
    private func extendStop() {
        guard !hasStopped.load(ordering: .acquiring) else { return }
        let underWay = loop.underWay + desk.underWay
        let unsaved = loop.unsavedAccounts
        if underWay > 0 {
            let status =
                unsaved.isEmpty
                ? "stopping: \(underWay) refreshes and writes are finished first"
                : "stopping waits for the disk: \(unsaved.count) grants are in memory only, \(unsaved[0]) first"
            ServiceManager.notify(.extendTimeout(seconds: Self.extensionOfStop.seconds, status: status))
        }
        DispatchQueue.global().asyncAfter(deadline: .now() + .seconds(Self.extensionOfStop.every)) {
            self.logUnsaved()
            self.extendStop()
        }
    }

    /// Stops cleanly: no refresh begins, those in flight are finished and stored, the store closes last. Calls `done`
    /// when nothing is left to lose.
    func stop(_ done: @escaping @Sendable () -> Void) {
        ServiceManager.notify(.stopping)
        log.notice("stopping: refreshes in flight are finished")
        // The name goes first: while the socket is open nobody else's can have its inode number (D6).
        socket.unlinkIfStillOurs()
        server.stopAccepting()
        logUnsaved()
        extendStop()
        // A code that is being exchanged brings a grant that nobody else has: that is waited for first.
        desk.stop {
            self.loop.stop {
                DispatchQueue.global().async {
                    self.server.stop()
                    self.exchanger.close()
                    self.desk.close()
                    self.store.close()
                    self.hasStopped.store(true, ordering: .releasing)
                    self.log.notice("stopped")
                    done()
                }
            }
        }
    }
}

extension Provider {
    /// What the engine goes by: where nothing is consumed by presenting it, a lost answer has cost nothing.
    fileprivate var engineRules: ClientRules {
        var rules = clientRules
        if kind != .refreshToken { rules.replay = .always }
        return rules
    }
}
