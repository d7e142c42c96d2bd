// Decides how programs ask for tokens, and what of the answers counts. As in the daemon, readers find a valid token without the
// engine; only where there is none it is asked.

import Engine
import Synchronization
import Vocabulary
import WireProtocol

/// The requests that wait for an answer.
struct Callers: Sendable {
    private var waiting: [Caller: Int] = [:]
    private var lastNumber: UInt64 = 0
    /// Requests for a token.
    var asked = 0
    /// Those that were refused, or not answered in time; by minute.
    private(set) var refusals: [Duration] = []

    static let nobody = -1

    /// A request for the token of `account`.
    mutating func ask(_ account: Int) -> Caller {
        lastNumber += 1
        waiting[Caller(lastNumber)] = account
        return Caller(lastNumber)
    }

    /// Somebody who adds an account.
    mutating func login() -> Caller { ask(Self.nobody) }

    /// - Returns: the account asked for; nil where the caller has been answered before.
    mutating func answered(_ caller: Caller) -> Int? { waiting.removeValue(forKey: caller) }

    mutating func refused(at time: Duration) { refusals.append(time) }

    var count: Int { waiting.count }
}

/// Who was last served from memory, as the daemon's table remembers it.
final class Readers: Sendable {
    private let times = Mutex<[AccountName: BootTime]>([:])

    func served(_ name: AccountName, _ now: BootTime) { times.withLock { $0[name] = now } }
    func lastServed(_ name: AccountName) -> BootTime? { times.withLock { $0[name] } }
}

extension Simulation {
    /// The next time somebody asks for the account's token: between half and one and a half times its mean.
    mutating func planAsking(_ index: Int) {
        guard let mean = situation.accounts[index].askedEvery?.nanoseconds else { return }
        arrive(
            .ask(account: Int32(index)),
            at: now + Int64.random(in: mean / 2...mean + mean / 2, using: &random))
    }

    mutating func ask(_ index: Int) {
        callers.asked += 1
        planAsking(index)
        guard accounts[index].expiry <= now else { return readers.served(name(index), moment.boot) }
        let caller = callers.ask(index)
        fleet.asked(caller, name(index), GetOptions(), moment, &actions)
    }

    mutating func told(_ caller: Caller, _ answer: Answer) {
        if sabotage == .losesAnswers { return }
        guard let index = callers.answered(caller) else { return note(.answered, "one twice") }
        switch answer {
        case .token:
            if accounts[index].expiry <= now { note(.served, "\(name(index)) is handed out lapsed") }
        case .refused: if index != Callers.nobody { callers.refused(at: .nanoseconds(now)) }
        case .refreshed, .added, .loggedIn, .removed, .revoked: break
        }
    }
}
