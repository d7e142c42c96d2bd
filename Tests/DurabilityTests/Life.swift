// Decides which lives of the daemon are recorded, so that each of their steps can be their last: what stands on the disk
// before, what happens, and which accounts it happens to.

import DiskTrace
import Vocabulary

@testable import GrantStore

/// A life of the daemon, up to a good end.
struct Life {
    let title: String
    /// The accounts that it happens to.
    let subjects: Set<AccountName>
    /// What was there before it.
    let beginning: Beginning
    let body: (Stage) throws -> Void

    init(
        _ title: String, of subjects: Set<AccountName>, from beginning: Beginning,
        _ body: @escaping (Stage) throws -> Void
    ) {
        self.title = title
        self.subjects = subjects
        self.beginning = beginning
        self.body = body
    }

    /// A state directory and the world around it, before anything happens.
    struct Beginning {
        var outside: Outside
        let tree: FileTree

        static let nothing = Beginning(outside: Outside(), tree: FileTree())

        /// An account of each of these providers about to be refreshed, and beside them two that are not.
        static func made(
            _ kinds: [Authority.Kind], _ schema: Schema = .current, lifeLeft: Duration = .seconds(1_000)
        ) throws -> Beginning {
            let stage = try Stage()
            let store = try stage.open(schema)
            for kind in kinds { try stage.seed(store, Life.alice(kind), lifeLeft: lifeLeft) }
            for kind in [Authority.Kind.grace, .strict] {
                try stage.seed(store, Life.bob(kind), lifeLeft: .seconds(40_000))
            }
            store.close()
            return Beginning(outside: stage.outside, tree: try FileTree(readingFrom: stage.parent))
        }
    }

    static func alice(_ kind: Authority.Kind) -> AccountName { AccountName("\(kind.rawValue)/alice")! }
    static func bob(_ kind: Authority.Kind) -> AccountName { AccountName("\(kind.rawValue)/bob")! }

    /// Runs it under a recorder.
    func record(_ sabotage: Sabotage? = nil) throws -> (recording: Recording, stage: Stage) {
        let stage = try Stage(beginning.outside, beginning.tree)
        stage.sabotage = sabotage
        let recording = try stage.record(body)
        return (recording, stage)
    }
}

extension Stage {
    /// Puts an account in the store as an import long ago did.
    func seed(_ store: GrantStore, _ name: AccountName, lifeLeft: Duration) throws {
        let token = outside.authority.login(name.text)
        let access = AccessToken(
            secret: Secret("access-\(token.text)"), type: "Bearer", expiresAt: outside.now.wall + lifeLeft)
        let grant = Grant(refreshToken: Secret(token.text), accessToken: access)
        let life = Duration.seconds(lifeLeft > .seconds(3_600) ? 43_200 : 3_600)
        let obtainedAt = outside.now.wall + (lifeLeft - life)
        let change = Change.add(name, grant, obtainedAt: obtainedAt)
        guard case .stored(_, .first) = try store.carryOut([change])[0].get() else { throw StoreError.closed }
        outside.reported[name] = Held(grant, .first)
    }

    /// One process of the daemon, from its start to its death: `body` says what happens to it.
    func live(_ body: (Shell) throws -> Void) throws {
        let store = try open()
        defer { store.close() }
        let shell = Shell(self, store)
        note("started")
        try body(shell)
    }

    /// As `live`, ending with a clean stop.
    func liveAndStop(_ body: (Shell) throws -> Void) throws {
        let store = try open()
        let shell = Shell(self, store)
        note("started")
        try body(shell)
        shell.stop()
        shell.run(for: .seconds(60)) { $0.hasFinished }
        if !shell.hasFinished { violate(.stopped, "it does not finish") }
        outside.hasStopped = outside.presented.isEmpty
        note("finished")
        store.close()
        note("stopped")
        outside.hasStopped = false
    }
}
