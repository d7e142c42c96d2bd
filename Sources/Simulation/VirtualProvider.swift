// Decides how a provider answers: it rotates, revokes on reuse, keeps its rate limit, and fails as the situation has it.
// What it does with a refresh token and what of that reaches the client are two things; the difference is what an engine must
// live with.

import Engine
import Schedule
import Vocabulary

/// One client's provider. Times are nanoseconds from the start.
struct VirtualProvider: Sendable {
    /// What the client hears, and when.
    struct Reply: Sendable {
        enum Content: Sendable {
            case granted(token: Int32)
            case failed(Failure)
        }

        var content: Content
        /// From the request.
        var delay: Int64
        var allowance: Allowance?
    }

    private let policy: ReplayPolicy
    private let latency: ClosedRange<Int64>
    private let limit: Rate?
    private let announcesLimit: Bool
    private let troubles: [Trouble]
    /// Of the clock unit `countedUnit`, for `limit`.
    private var counted: Int = 0
    private var countedUnit: Int64 = -1

    /// After which the daemon gives an exchange up.
    static let timeout = Int64(20_000_000_000)

    init(_ client: Situation.Client) {
        policy = client.rules.replay
        latency = client.latency.lowerBound.nanoseconds...client.latency.upperBound.nanoseconds
        limit = client.limit
        announcesLimit = client.announcesLimit
        troubles = client.troubles
    }

    /// Whether all requests fail at `now`.
    func isDown(_ now: Int64) -> Bool { troubles.contains { $0.isOutage && $0.contains(now) } }

    mutating func respond(
        to account: inout VirtualAccount, _ now: Int64, using random: inout SplitMix64
    ) -> Reply {
        var reply = Reply(content: .granted(token: 0), delay: Int64.random(in: latency, using: &random))
        for trouble in troubles where trouble.contains(now) {
            guard trouble.share >= 1 || Double.random(in: 0..<1, using: &random) < trouble.share else {
                continue
            }
            return befall(trouble.kind, reply, &account, now, using: &random)
        }
        if let refusal = count(now, &reply) { return refusal }
        reply.content = present(&account, now)
        return reply
    }

    private mutating func befall(
        _ trouble: Trouble.Kind, _ reply: Reply, _ account: inout VirtualAccount, _ now: Int64,
        using random: inout SplitMix64
    ) -> Reply {
        var reply = reply
        switch trouble {
        case .unreachable:
            reply.content = .failed(Failure(.transient))
            reply.delay = 1_000_000
        case .unavailable(let retryAfter):
            reply.content = .failed(Failure(.transient, retryAfter: retryAfter))
        case .rateLimited(let retryAfter):
            reply.content = .failed(Failure(.rateLimited, retryAfter: retryAfter))
        case .hangs(let processes):
            reply.content = processes ? lose(&account, now, .inDoubt) : .failed(Failure(.inDoubt))
            reply.delay = Self.timeout
        case .losesAnswers: reply.content = lose(&account, now, .inDoubt)
        case .garbles: reply.content = lose(&account, now, .malformedAnswer)
        case .refusesClient: reply.content = .failed(Failure(.clientConfiguration, isOfClient: true))
        case .refusesWithoutCode: reply.content = .failed(Failure(.unauthorized))
        case .slow:
            reply.content = present(&account, now)
            reply.delay = Int64.random(in: 5_000_000_000...15_000_000_000, using: &random)
        }
        return reply
    }

    /// The provider acts on the request, and nothing of its answer arrives.
    private func lose(_ account: inout VirtualAccount, _ now: Int64, _ reason: Reason) -> Reply.Content {
        if case .granted = present(&account, now), account.stored != account.live { account.isUnheard = true }
        return .failed(Failure(reason))
    }

    /// A refresh token arrives. One that was used up is taken again within the policy's window, with the same successor;
    /// after that it revokes the account.
    private func present(_ account: inout VirtualAccount, _ now: Int64) -> Reply.Content {
        guard !account.isRevoked else { return .failed(Failure(.reauthorizationRequired)) }
        if policy == .always { return .granted(token: account.live) }
        if account.stored == account.live {
            account.live += 1
            account.rotatedAt = now
            return .granted(token: account.live)
        }
        if case .within(let window) = policy, account.stored == account.live - 1,
            now - account.rotatedAt <= window.nanoseconds
        {
            return .granted(token: account.live)
        }
        account.isRevoked = true
        return .failed(Failure(.reauthorizationRequired))
    }

    /// Counts the request against the limit of the clock's current unit.
    /// - Returns: the refusal, where it is one too many.
    private mutating func count(_ now: Int64, _ reply: inout Reply) -> Reply? {
        guard let limit else { return nil }
        let unit = limit.unit.duration.nanoseconds
        if now / unit != countedUnit {
            countedUnit = now / unit
            counted = 0
        }
        counted += 1
        let left = Duration.nanoseconds(unit - now % unit)
        let resetsIn = min(max(left, .seconds(1)), .seconds(3600))
        if announcesLimit {
            reply.allowance = Allowance(
                remaining: Int64(max(0, limit.requests - counted)), resetsIn: resetsIn)
        }
        guard counted > limit.requests else { return nil }
        reply.content = .failed(Failure(.rateLimited, retryAfter: resetsIn))
        return reply
    }
}

extension Trouble {
    func contains(_ time: Int64) -> Bool { from.nanoseconds <= time && time < until.nanoseconds }
}
