// Decides what the authorization servers are that lie outside the machine: three kinds, told apart by what they do with a
// refresh token that comes a second time, and a faithful record of what they saw, by which the daemon is judged. They
// live on through every crash. Rejected: the sandbox provider, whose clock and sockets are real.

import Vocabulary

/// A refresh token of a grant: numbered from 0 in its family.
struct RefreshToken: Hashable {
    let family: String
    let number: Int

    init(_ family: String, _ number: Int) {
        self.family = family
        self.number = number
    }

    init(_ text: String) {
        let parts = text.split(separator: "#")
        guard parts.count == 2, let number = Int(parts[1]) else {
            preconditionFailure("only what a provider gave is presented")
        }
        self.init(String(parts[0]), number)
    }

    var text: String { "\(family)#\(number)" }
}

/// All authorization servers of a test.
struct Authority {
    enum Kind: String, CaseIterable, Sendable {
        /// Takes the same refresh token for ever.
        case plain
        /// Rotates, and takes the old token for 30 s more.
        case grace
        /// Rotates, and revokes the family when an old token comes back.
        case strict

        var provider: ProviderName { ProviderName(rawValue)! }

        var policy: ReplayPolicy {
            switch self {
            case .plain: .always
            case .grace: .within(Authority.window)
            case .strict: .never
            }
        }
    }

    static let window = Duration.seconds(30)
    static let policies = Dictionary(uniqueKeysWithValues: Kind.allCases.map { ($0.provider, $0.policy) })

    private struct Family {
        var live = 0
        var isRevoked = false
        var rotatedAt = WallTime(nanoseconds: .min)
    }

    enum Answer: Equatable {
        case granted(RefreshToken, access: String)
        case rejected
    }

    private var families: [String: Family] = [:]
    private var grants = 0
    /// How often consumed tokens of a family came back outside any window.
    private(set) var reuses: [String: Int] = [:]
    /// How often consumed tokens came back inside the window.
    private(set) var replays = 0
    /// Everything that was presented, in order.
    private(set) var seen: [RefreshToken] = []

    var reusesTotal: Int { reuses.values.reduce(0, +) }

    static func kind(of family: String) -> Kind { Kind(rawValue: String(family.prefix { $0 != "/" }))! }

    /// A user logs in: a new family, whose first refresh token is returned.
    mutating func login(_ family: String) -> RefreshToken {
        families[family] = Family()
        return RefreshToken(family, 0)
    }

    /// The user revokes access.
    mutating func revoke(_ family: String) { families[family]?.isRevoked = true }

    func isRevoked(_ family: String) -> Bool { families[family]?.isRevoked ?? true }

    func live(_ family: String) -> RefreshToken { RefreshToken(family, families[family]?.live ?? -1) }

    func isConsumed(_ token: RefreshToken) -> Bool {
        families[token.family].map { token.number < $0.live } ?? true
    }

    private func isInWindow(_ token: RefreshToken, _ now: WallTime) -> Bool {
        guard Self.kind(of: token.family) == .grace, let family = families[token.family] else { return false }
        return token.number == family.live - 1 && now - family.rotatedAt <= Self.window
    }

    /// Whether presenting the token now would be the reuse that a provider takes for theft.
    func isSpent(_ token: RefreshToken, _ now: WallTime) -> Bool {
        isConsumed(token) && !isInWindow(token, now)
    }

    /// A refresh token arrives.
    mutating func present(_ token: RefreshToken, _ now: WallTime) -> Answer {
        seen.append(token)
        guard var family = families[token.family] else { return .rejected }
        defer { families[token.family] = family }
        let isReplay = isConsumed(token)
        if isSpent(token, now) {
            reuses[token.family, default: 0] += 1
            family.isRevoked = true
        }
        guard !family.isRevoked else { return .rejected }
        grants += 1
        if isReplay {
            replays += 1
        } else if Self.kind(of: token.family) != .plain {
            family.live += 1
            family.rotatedAt = now
        }
        let successor = RefreshToken(token.family, family.live)
        return .granted(successor, access: "access-\(successor.text)-\(grants)")
    }
}
