// Decides the lives in detail: each begins with a start of the daemon and ends when its last exchange has ended.

import Vocabulary

@testable import GrantStore

/// How an exchange ends.
enum Ending: String, CaseIterable, Sendable {
    case granted, answerLost, rejected, refused, notSent

    var delivery: Delivery {
        switch self {
        case .granted, .rejected: .answered
        case .answerLost: .answerLost
        case .refused: .refused
        case .notSent: .notSent
        }
    }
}

enum Lives {
    /// One refresh.
    static func refresh(_ kind: Authority.Kind, _ ending: Ending, lifeLeft: Duration = .seconds(1_000)) throws
        -> Life
    {
        let alice = Life.alice(kind)
        let beginning = try Life.Beginning.made([kind], lifeLeft: lifeLeft)
        return Life("\(kind) \(ending.rawValue), \(lifeLeft) left", of: [alice], from: beginning) { stage in
            stage.outside.deliveries[alice] = [ending.delivery]
            if ending == .rejected { stage.outside.authority.revoke(alice.text) }
            try stage.live { $0.runUntilEnded(1, of: alice) }
        }
    }

    /// A lost answer or request, and the replay.
    /// - Parameter outage: how long nothing can be sent after it: it may take the replay out of the window.
    static func replay(
        _ kind: Authority.Kind, _ first: Delivery, _ second: Ending, outage: Duration = .zero
    ) throws -> Life {
        let alice = Life.alice(kind)
        let title = "\(kind) \(first), replay \(second.rawValue), outage \(outage)"
        return Life(title, of: [alice], from: try .made([kind])) { stage in
            stage.outside.deliveries[alice] = [first, second.delivery]
            try stage.live { shell in
                shell.runUntilEnded(1, of: alice)
                if second == .rejected { stage.outside.authority.revoke(alice.text) }
                stage.outside.outageUntil = stage.outside.now.wall + outage
                shell.run { _ in stage.outside.deliveries[alice] == [] }
                shell.run { $0.ended[alice] == $0.begun[alice] }
            }
        }
    }

    /// Five users log in at once; each is refreshed for the first time.
    static func firstImport() -> Life {
        let names = ["grace/a", "grace/b", "strict/c", "strict/d", "plain/e"].map { AccountName($0)! }
        return Life("an import", of: Set(names), from: .nothing) { stage in
            try stage.live { shell in
                let logins = names.map { ($0, stage.outside.authority.login($0.text)) }
                stage.note("users have logged in")
                shell.add(logins)
                for name in names { shell.runUntilEnded(1, of: name) }
            }
        }
    }

    /// An account is removed while another, or itself, is refreshed.
    static func removal(_ kind: Authority.Kind, of removed: AccountName) throws -> Life {
        let alice = Life.alice(kind)
        return Life("\(removed) removed during \(alice)", of: [alice, removed], from: try .made([kind])) {
            stage in
            try stage.live { shell in
                shell.run { $0.begun[alice] == 1 }
                _ = shell.remove(removed)
                shell.runUntilEnded(1, of: alice)
            }
        }
    }

    /// The user logs in again while the old grant is refreshed.
    static func login(_ kind: Authority.Kind) throws -> Life {
        let alice = Life.alice(kind)
        return Life("\(alice) logs in during its refresh", of: [alice], from: try .made([kind])) { stage in
            try stage.live { shell in
                shell.run { $0.begun[alice] == 1 }
                let login = stage.outside.authority.login(alice.text + "-again")
                shell.add([(alice, login)], replace: true)
                shell.runUntilEnded(2, of: alice)
            }
        }
    }

    /// A store of the first version is opened, and an account refreshed.
    static func migration() throws -> Life {
        let alice = Life.alice(.strict)
        let beginning = try Life.Beginning.made([.strict], Schema(steps: [Schema.current.steps[0]]))
        return Life("a migration", of: [alice], from: beginning) { stage in
            try stage.live { $0.runUntilEnded(1, of: alice) }
        }
    }

    /// One refresh after another.
    static func twice(_ kind: Authority.Kind) throws -> Life {
        let alice = Life.alice(kind)
        return Life("two refreshes of \(alice)", of: [alice], from: try .made([kind])) { stage in
            try stage.live { $0.runUntilEnded(2, of: alice) }
        }
    }

    /// The daemon is stopped while it refreshes.
    static func stop(_ kind: Authority.Kind, _ ending: Ending) throws -> Life {
        let alice = Life.alice(kind)
        return Life("a stop during \(alice), \(ending.rawValue)", of: [alice], from: try .made([kind])) {
            stage in
            stage.outside.deliveries[alice] = [ending.delivery]
            try stage.liveAndStop { shell in shell.run { $0.begun[alice] == 1 } }
        }
    }

    /// Three rotations with a restart between each.
    static func restarts(_ kind: Authority.Kind) throws -> Life {
        let alice = Life.alice(kind)
        return Life("three rotations of \(alice), restarted", of: [alice], from: try .made([kind])) { stage in
            for _ in 0..<3 { try stage.live { $0.runUntilEnded(1, of: alice) } }
            let seen = stage.outside.authority.seen.map(\.number)
            if seen != [0, 1, 2] { stage.violate(.ended, "presented \(seen)") }
        }
    }
}
