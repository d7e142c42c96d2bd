// Decides what is demanded of a restart after a crash: first of what lies on the disk, then of how each account ends when
// the network and the disk are well again. What an account must come to follows from the provider's books alone.

import DiskTrace
import Vocabulary

@testable import GrantStore

/// A restart after one crash, judged.
struct Recovery {
    /// How long the machine is down. A service manager's restart is inside every provider's window, a long outage not.
    enum Pause: CaseIterable {
        case short, long

        func duration(_ coins: inout Coins) -> Duration {
            switch self {
            case .short: .milliseconds(coins.number(in: 100...2_000))
            case .long: .seconds(coins.number(in: 600...1_200))
            }
        }
    }

    private enum End {
        case well
        /// The provider rotated, and its answer is gone for ever.
        case lost
        /// Either: the daemon's window is shut, and the provider's, which counts from a later arrival, is not.
        case open
        /// A replay that the crash cut off reaches the provider after its window, behind the one of the restart: it may
        /// revoke what that brought. Nobody can take a request back; it takes a network that is slower than the window.
        case raced
        /// The provider has revoked the grant, whether the daemon knows by now or not.
        case revoked
    }

    let stage: Stage
    /// The accounts that the run is about; all others must be as they were.
    let subjects: Set<AccountName>
    private let diedAt: WallTime
    private let restartedAt: WallTime
    private let before: [AccountName: Held]

    /// - Parameter outside: the world when the machine died.
    init(
        _ tree: FileTree, _ outside: Outside, _ crash: Crash, _ pause: Pause, subjects: Set<AccountName>,
        bystanders: [AccountName: Held], _ coins: inout Coins
    ) throws {
        var outside = outside
        let isPowerCut = if case .powerCut = crash { true } else { false }
        diedAt = outside.now.wall
        outside.crash(powerCut: isPowerCut, downFor: pause.duration(&coins))
        // From now on the network is well.
        outside.deliveries = [:]
        outside.outageUntil = diedAt
        self.subjects = subjects
        before = bystanders
        restartedAt = outside.now.wall
        stage = try Stage(outside, tree)
    }

    /// Starts the daemon, checks what it finds, lets it live until nothing is in doubt, and checks what has become of it.
    func run(_ coins: inout Coins) {
        do {
            let store = try stage.open()
            defer { store.close() }
            let shell = Shell(stage, store, seed: coins.next())
            let found = try Self.records(store, stage.outside.now)
            check(found)
            stage.outside.hasStopped = false
            let late = deliverLate(to: shell, &coins)
            let ends = Dictionary(uniqueKeysWithValues: found.map { ($0.name, end($0, late)) })
            shell.run(for: .seconds(400))
            shell.run { shell in
                !shell.names.values.contains { shell.state($0)?.state == .inDoubt } && shell.arrivals.isEmpty
            }
            try judge(ends, shell)
        } catch {
            stage.violate(.opened, "\(error)")
        }
    }

    /// What was on its way when the machine died gets lost, or reaches the provider within the time it may take.
    private func deliverLate(to shell: Shell, _ coins: inout Coins) -> Set<RefreshToken> {
        var late: Set<RefreshToken> = []
        for (name, (token, sentAt)) in stage.outside.onTheWay.sorted(by: { $0.key < $1.key }) {
            stage.outside.onTheWay[name] = nil
            let arrival = sentAt + .milliseconds(coins.number(in: 50...19_000))
            guard arrival >= diedAt, coins.toss(200) else { continue }
            late.insert(token)
            if arrival <= restartedAt {
                _ = stage.outside.arrive(token, of: name, at: arrival)
            } else {
                stage.outside.onTheWay[name] = (token, sentAt)
                shell.arrivals.append(.init(at: arrival, content: .request(name, token)))
            }
        }
        return late
    }

    /// A whole record: its refresh token is of the grant that its access token is of.
    struct Record {
        let name: AccountName
        let held: Held
        let standing: Standing?
    }

    static func records(_ store: GrantStore, _ now: Moment) throws -> [Record] {
        var accounts: [StoredAccount] = []
        try store.load(now) { if case .account(let account) = $0 { accounts.append(account) } }
        return try accounts.compactMap { account in
            guard let (grant, generation) = try store.grant(of: account.record) else { return nil }
            return Record(
                name: account.account, held: Held(grant, generation), standing: account.standing)
        }
    }

    // MARK: What lies on the disk

    private func check(_ records: [Record]) {
        let outside = stage.outside
        let found = Dictionary(uniqueKeysWithValues: records.map { ($0.name, $0) })
        for name in Set(outside.reported.keys).union(outside.begun.keys).union(found.keys) {
            let held = found[name]?.held
            let isBegun = outside.begun[name]?.contains(held) ?? false
            if held != outside.reported[name], !isBegun {
                stage.violate(
                    .durable, "\(name): \(Self.text(held)); reported \(Self.text(outside.reported[name]))")
            }
            if let shown = outside.published[name], shown != held?.access, !isBegun {
                stage.violate(.published, "\(name): \(shown), not \(held?.access ?? "-")")
            }
            if let held { checkMark(name, held, found[name]?.standing) }
        }
    }

    private func checkMark(_ name: AccountName, _ held: Held, _ standing: Standing?) {
        let presented = stage.outside.presented[name]
        if stage.outside.hasStopped, standing != nil { stage.violate(.stopped, "\(name): \(standing!)") }
        guard let presented, presented.generation == held.generation, !presented.isBeingCleared else {
            return
        }
        if standing == nil { stage.violate(.marked, "\(name): \(held.refresh)") }
        if let verdict = presented.verdict, standing != .rejected(verdict) {
            stage.violate(.marked, "\(name): not \(verdict)")
        }
    }

    private static func text(_ held: Held?) -> String {
        held.map { "\($0.generation): \($0.refresh), \($0.access ?? "-")" } ?? "none"
    }

    // MARK: What becomes of it

    private func end(_ record: Record, _ late: Set<RefreshToken>) -> End {
        let outside = stage.outside
        let token = RefreshToken(record.held.refresh)
        let kind = Authority.kind(of: token.family)
        let isReused = outside.authority.reuses[token.family] != nil
        if outside.authority.isRevoked(token.family), !isReused { return .revoked }
        // A request that is still on its way consumes the token before anybody may show it again.
        let isConsumed = outside.authority.isConsumed(token) || late.contains(token)
        guard kind != .plain, isConsumed || isReused else { return .well }
        let since = outside.presented[record.name]?.since ?? WallTime(nanoseconds: .min)
        guard kind == .grace, !isReused else { return .lost }
        let arrives = stage.outside.onTheWay[record.name] != nil && outside.authority.isConsumed(token)
        if restartedAt - since < .seconds(28) { return arrives ? .raced : .well }
        return outside.authority.isSpent(token, restartedAt) && !late.contains(token) ? .lost : .open
    }

    private func judge(_ ends: [AccountName: End], _ shell: Shell) throws {
        let records = try Self.records(shell.store, stage.outside.now)
        if Set(records.map(\.name)) != Set(ends.keys) { stage.violate(.ended, "\(records.map(\.name))") }
        for record in records {
            guard let end = ends[record.name], let status = shell.state(record.name) else { continue }
            let token = RefreshToken(record.held.refresh)
            let authority = stage.outside.authority
            let isLive = authority.live(token.family) == token && !authority.isRevoked(token.family)
            let isWell = isLive && status.state == .ok && record.standing == nil
            let isLost = status.state == .loginNeeded && status.reason == "lost-rotation"
            let isGood =
                switch end {
                case .well: isWell
                case .lost: isLost
                case .open: isWell || isLost
                case .raced: true
                case .revoked: status.state == .loginNeeded || status.state == .ok
                }
            if !isGood {
                let found = "\(status.state) \(status.reason ?? "-") \(token.text)"
                stage.violate(.ended, "\(record.name): \(end), is \(found)")
            }
            checkUntouched(record)
        }
    }

    private func checkUntouched(_ record: Record) {
        guard !subjects.contains(record.name) else { return }
        let isSeen = stage.outside.authority.seen.contains { $0.text == record.held.refresh }
        if record.held != before[record.name] || record.standing != nil || isSeen {
            stage.violate(.untouched, "\(record.name): \(Self.text(record.held))")
        }
    }
}
