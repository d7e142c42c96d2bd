// The authorization servers of the random worlds: what each kind does with a refresh token that comes a second time, and
// a faithful record of what it saw, by which the engine is judged.

import Schedule
import Vocabulary

/// One kind of authorization server and its grants.
struct WorldProvider {
    enum Kind: CaseIterable {
        /// Takes the same refresh token for ever.
        case withoutRotation
        /// Rotates, and takes the old token for 30 s more.
        case withGrace
        /// Rotates, and revokes the family when an old token comes back.
        case withRevocation

        var policy: ReplayPolicy {
            switch self {
            case .withoutRotation: .always
            case .withGrace: .within(.seconds(30))
            case .withRevocation: .never
            }
        }
    }

    /// A grant: tokens numbered from 0, of which one is live.
    struct Family {
        var live = 0
        var isRevoked = false
        /// When the token before the live one was consumed.
        var rotatedAt = BootTime.distantPast
        /// The last token whose answer surely reached the client or lies in its store.
        var lastUnheard: Int?
    }

    enum Answer: Equatable {
        case granted(family: Int, token: Int)
        case rejected
    }

    private(set) var families: [Int: Family] = [:]
    /// Consumed tokens that came back outside any window.
    private(set) var reuses = 0
    /// Consumed tokens that came back inside the window.
    private(set) var replays = 0

    mutating func add(_ family: Int) { families[family] = Family() }

    /// Whether `token` was used up by a request whose answer cannot have been heard.
    func isLive(_ family: Int, _ token: Int) -> Bool {
        guard let known = families[family] else { return false }
        return !known.isRevoked && known.live == token
    }

    func isConsumed(_ family: Int, _ token: Int) -> Bool { families[family].map { token < $0.live } ?? true }

    /// A refresh token arrives.
    mutating func present(_ family: Int, _ token: Int, _ kind: Kind, _ now: BootTime) -> Answer {
        guard var known = families[family], !known.isRevoked else { return .rejected }
        defer { families[family] = known }
        if kind == .withoutRotation { return .granted(family: family, token: token) }
        if token == known.live {
            known.live += 1
            known.rotatedAt = now
            return .granted(family: family, token: known.live)
        }
        if kind == .withGrace, token == known.live - 1, now - known.rotatedAt <= .seconds(30) {
            replays += 1
            return .granted(family: family, token: known.live)
        }
        reuses += 1
        known.isRevoked = true
        return .rejected
    }
}
