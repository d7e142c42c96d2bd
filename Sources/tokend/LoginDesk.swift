// Decides how a login is carried out between a client's request and the engine's: states and codes are made durable before
// anybody is sent away with them, and taken durably before a code is presented, so that no crash presents one twice.
// What is decided about them is `Logins`'s.

import Dispatch
import Engine
import GrantStore
import Logging
import Login
import OAuth
import OAuthSender
import Synchronization
import Vocabulary
import WireProtocol

/// Where users' logins are under way. Its methods return at once and may be called on any thread.
final class LoginDesk: Sendable {
    typealias Respond = @Sendable ([UInt8]) -> Void

    struct State {
        var logins = Logins()
        var waiters: [Waiter] = []
        /// Requests to providers, and writes of what they brought.
        var underWay = 0
        var isStopping = false
        var whenQuiet: (@Sendable () -> Void)?
    }

    /// A `LOGIN` that waits for its account's login to end.
    struct Waiter {
        let account: AccountName
        let reply: Respond
        let number: UInt64
    }

    let providers: [ProviderName: Provider]
    let sender: OAuthSender
    let discovery: Discovery
    let loop: FleetLoop
    let log: Logger
    let state = Mutex(State())
    /// Polls of devices and deadlines of those who wait.
    let queue = DispatchQueue(label: "tokend.logins", qos: .userInitiated)

    init(
        providers: [ProviderName: Provider], sender: OAuthSender, discovery: Discovery, loop: FleetLoop,
        log: Logger
    ) {
        self.providers = providers
        self.sender = sender
        self.discovery = discovery
        self.loop = loop
        self.log = log
    }

    /// Takes up the logins that a stop or a crash interrupted. Where they cannot be read their users begin anew: that must
    /// not keep the accounts from being served.
    func resume(_ now: Moment) {
        let stored: [StoredLogin]
        do throws(StoreError) { stored = try loop.store.logins(now.wall) } catch {
            return log.error("logins under way cannot be read, and are forgotten: \(error)")
        }
        let logins = stored.compactMap {
            PendingLogin(state: $0.name, expiresAt: $0.expiresAt, content: $0.content)
        }
        for login in logins where providers[login.account.provider] != nil {
            let begun: ()? = state.withLock { try? $0.logins.begin(login, now.wall) }
            if begun != nil, case .device(let device) = login.flow { poll(login, after: device.interval) }
        }
    }

    /// Refuses what begins from now on and calls `done` once when no code and no new grant is on its way any more.
    func stop(_ done: @escaping @Sendable () -> Void) {
        let isQuiet = state.withLock { state in
            state.isStopping = true
            if state.underWay > 0 { state.whenQuiet = done }
            return state.underWay == 0
        }
        if isQuiet { done() }
    }

    deinit { sender.close() }

    /// Closes the connections to all providers. Blocks.
    func close() { sender.close() }

    /// What a stop waits for.
    var underWay: Int { state.withLock { $0.underWay } }

    /// As many requests to providers at once as can wait for their connections without timing out there.
    private static let mostUnderWay = 1_000

    static let crowded = RequestError(.busy, retryAfter: 1, "too many logins are under way at once")

    /// - Throws: while stopping, and while too many are under way: nothing may begin.
    private func begin() throws(RequestError) {
        try state.withLock { state throws(RequestError) in
            guard !state.isStopping else { throw Self.shuttingDown }
            guard state.underWay < Self.mostUnderWay else { throw Self.crowded }
            state.underWay += 1
        }
    }

    /// What is under way stays so beyond its answer; `finished` ends it.
    func hold() { state.withLock { $0.underWay += 1 } }

    func finished() {
        let whenQuiet = state.withLock { state in
            state.underWay -= 1
            return state.underWay == 0 ? state.whenQuiet.take() : nil
        }
        whenQuiet?()
    }

    static let shuttingDown = RequestError(.shuttingDown, retryAfter: 1, "the daemon is stopping")
    static let storage = RequestError(
        .storage, retryAfter: 1, "the state directory cannot be written; nothing changed")

    /// The provider of `account` with its endpoints, for a request that `use` begins; `use` must lead to `finished`.
    func withProvider(
        of account: AccountName, for endpoints: Set<EndpointName>,
        _ refuse: @escaping @Sendable (RequestError) -> Void,
        _ use: @escaping @Sendable (Discovery.Found) -> Void
    ) {
        guard let provider = providers[account.provider] else {
            return refuse(RequestError(.unknownProvider, "no provider of that name is configured"))
        }
        do throws(RequestError) { try begin() } catch { return refuse(error) }
        discovery.complete(provider, for: endpoints) { result in
            switch result {
            case .success(let found): use(found)
            case .failure(let problem):
                self.log.warning("\(provider.name): \(problem.sentence)")
                let passes = problem.failure.reason.need == .time
                refuse(
                    RequestError(
                        passes ? .tryAgain : .operatorNeeded, retryAfter: passes ? 5 : nil, problem.sentence))
                self.finished()
            }
        }
    }

    /// What the operator has to mend in the provider's description, or the client in the account's variables.
    static func unbuildable(_ problem: RequestProblem) -> RequestError {
        switch problem {
        case .unfilledVariable, .unusableVariable: RequestError(.badRequest, "\(problem)")
        default: RequestError(.operatorNeeded, "the request cannot be built: \(problem)")
        }
    }
}
