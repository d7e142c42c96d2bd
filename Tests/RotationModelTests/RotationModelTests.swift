// Decides which searches of the model make the promise: every kind of provider under every policy, the matching pairs
// deeper, and the mistakes that a search must find, for a proof that cannot fail proves nothing.

import Testing

@Suite(.serialized, .enabled(if: RotationModel.isWanted, "spin or gcc is not installed: .ci/setup"))
struct RotationModelTests {
    private static let wide = RotationModel.Budget(
        crashes: 2, faults: 2, writeFailures: 1, edits: 1, generations: 3)
    private static let deep = RotationModel.Budget(
        crashes: 3, faults: 3, writeFailures: 2, edits: 0, generations: 4)
    private static let small = RotationModel.Budget(
        crashes: 1, faults: 1, writeFailures: 1, edits: 1, generations: 3)
    private static let witnessing = RotationModel.Budget(
        crashes: 1, faults: 2, writeFailures: 1, edits: 1, generations: 3)

    private static let matching: [(RotationModel.Kind, RotationModel.Policy)] = [
        (.noRotation, .always), (.rotates, .never), (.grace, .within), (.revokes, .never),
    ]
    /// Every pair within a budget; edits, which no policy touches, only where policy and provider match.
    private static func pairs(
        _ budget: RotationModel.Budget, _ search: RotationModel.Search = .safety
    ) -> [RotationModel] {
        RotationModel.Kind.allCases.flatMap { kind in
            RotationModel.Policy.allCases.map { policy in
                var model = RotationModel(kind: kind, policy: policy, budget: budget, search: search)
                if !matching.contains(where: { $0 == (kind, policy) }) { model.budget.edits = 0 }
                return model
            }
        }
    }

    private func holds(_ model: RotationModel) async throws {
        let verdict = try await model.verdict()
        #expect(verdict.errors == 0, "\(verdict.violated ?? "a cycle or a deadlock")")
        #expect(verdict.isComplete)
    }

    @Test(
        "R1 R2 R5 R16: at every step a crash, a lost answer, a failed write or a login loses no grant that could be kept",
        arguments: pairs(wide))
    func nothingIsLost(_ model: RotationModel) async throws { try await holds(model) }

    @Test(
        "R1 R5 R18: nor do three crashes and three lost answers over three rotations, where policy and provider match",
        arguments: matching.map { RotationModel(kind: $0.0, policy: $0.1, budget: deep) })
    func nothingIsLostInDepth(_ model: RotationModel) async throws { try await holds(model) }

    @Test(
        "R7: no account blocks for ever: every execution ends, well or in a named state",
        arguments: pairs(small, .termination))
    func nothingBlocks(_ model: RotationModel) async throws { try await holds(model) }

    @Test("R5: a daemon that is quick loses nothing at all to a provider with a grace window")
    func aGraceWindowForgives() async throws {
        try await holds(
            RotationModel(kind: .grace, policy: .within, budget: Self.deep, flags: ["PUNCTUAL"]))
        let unused = try await RotationModel(
            kind: .grace, policy: .never, budget: Self.deep, flags: ["PUNCTUAL"]
        ).verdict()
        #expect(unused.errors > 0, "the window must be what forgives")
    }

    @Test(
        "the branches that matter are reached",
        arguments: matching.filter { $0.0 == .grace || $0.0 == .revokes })
    func branchesAreReached(_ kind: RotationModel.Kind, _ policy: RotationModel.Policy) async throws {
        let model = RotationModel(kind: kind, policy: policy, budget: Self.witnessing, flags: ["WITNESS"])
        let verdict = try await model.verdict()
        #expect(verdict.errors == 0)
        #expect(verdict.isComplete)
        var expected: Set = [
            "login needed after a revocation", "lost rotation, kept on disk", "removed",
            "replay after a crash", "late replay before the token lapses", "spaced late replay", "unsaved",
            "durable though reported failed", "doubt ended by a grant", "overtaken by a login",
            "late answer of an abandoned operation", "all rotations despite faults",
        ]
        if kind == .grace { expected.formUnion(["lost grant won back", "window closed while queued"]) }
        #expect(verdict.witnesses == expected)
    }

    /// A mistake, and (a part of) the assertion that it breaks.
    struct Mistake: Sendable, CustomTestStringConvertible {
        let flag: String
        let kind: RotationModel.Kind
        let policy: RotationModel.Policy
        let breaks: String

        init(_ flag: String, _ kind: RotationModel.Kind, _ policy: RotationModel.Policy, breaks: String) {
            self.flag = flag
            self.kind = kind
            self.policy = policy
            self.breaks = breaks
        }

        var testDescription: String { flag }
    }

    @Test(
        "a mistake in the protocol is found",
        arguments: [
            // P5: sent without a durable mark.
            Mistake("MUT_NO_MARK", .revokes, .never, breaks: "markGeneration==generation"),
            // P4: published, or acknowledged, before it is durable.
            Mistake("MUT_PUBLISH_FIRST", .revokes, .never, breaks: "published==diskToken"),
            Mistake("MUT_COMMIT_AFTER_ACK", .revokes, .never, breaks: "published==diskToken"),
            // P1: the mark is deleted in a transaction before the grant's.
            Mistake("MUT_SPLIT_COMMIT", .revokes, .never, breaks: "isLive[(diskToken"),
            // P3: presented again although the policy does not allow it (yet).
            Mistake("MUT_CLEAR_MARK_ON_LOST", .revokes, .never, breaks: "lateCredit"),
            Mistake("MUT_REPLAY_ALWAYS", .revokes, .never, breaks: "lateCredit"),
            // P3: the policy is asked when the account is queued, and not again when the request is sent.
            Mistake("MUT_DECIDE_ONCE", .grace, .within, breaks: "lateCredit"),
            // R16: the answer to an older login's operation is stored over a new login.
            Mistake("MUT_LATE_ANSWER_OVERWRITES", .revokes, .never, breaks: "granted>>3"),
            // R16: the store's results reach the engine out of order, so another's generation is taken for one's own.
            Mistake("MUT_UNORDERED_RESULTS", .revokes, .never, breaks: "diskToken==granted"),
        ])
    func mistakesAreFound(_ mistake: Mistake) async throws {
        let model = RotationModel(
            kind: mistake.kind, policy: mistake.policy, budget: Self.wide, flags: [mistake.flag])
        let verdict = try await model.verdict()
        #expect(verdict.errors >= 1)
        #expect(verdict.violated?.contains(mistake.breaks) == true, "\(verdict.violated ?? "nothing")")
    }

    @Test(
        "a request that arrives after its replay is the limit; replays a while after the last outcome are safe from it"
    )
    func stragglers() async throws {
        let hasty = RotationModel(kind: .revokes, policy: .never, budget: Self.wide, flags: ["STRAGGLERS"])
        let verdict = try await hasty.verdict()
        #expect(verdict.errors >= 1, "the limit is gone: say so in rotation.pml")
        try await holds(
            RotationModel(
                kind: .revokes, policy: .never, budget: Self.wide, flags: ["STRAGGLERS", "SPACED_REPLAYS"]))
    }
}
