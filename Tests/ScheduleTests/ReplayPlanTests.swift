// Decides the table of replays: when a refresh token whose answer was lost is shown again.

import Schedule
import Testing
import Vocabulary

@Suite("A lost answer")
struct ReplayPlanTests {
    private static func at(_ seconds: Int64) -> BootTime {
        BootTime(nanoseconds: (1_000 + seconds) * 1_000_000_000)
    }

    private static func moment(_ seconds: Int64) -> Moment {
        Moment(boot: at(seconds), wall: WallTime(epochSeconds: 1_700_000_000 + seconds))
    }

    /// A token of one hour, presented at 0; times in seconds from then. `left`: how long the access token still lives.
    struct Row: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let policy: ReplayPolicy
        var last: Int64 = 0
        var lateReplays = 0
        var wasCutOff = false
        var expiry: Int64?
        let now: Int64
        let due: Int64
    }

    static let rows: [Row] = [
        Row(
            testDescription: "inside the window: at once", policy: .within(.seconds(30)), expiry: 700, now: 1,
            due: 1),
        Row(
            testDescription: "inside the window, replayed before: at once", policy: .within(.seconds(30)),
            last: 20,
            expiry: 700, now: 23, due: 23),
        Row(
            testDescription: "six seconds before the window closes: too late for the way",
            policy: .within(.seconds(30)),
            expiry: 700, now: 24, due: 690),
        Row(
            testDescription: "always: at once, whenever", policy: .always, expiry: 700, now: 86_400,
            due: 86_400),
        Row(
            testDescription: "never: ten seconds before the token lapses", policy: .never, expiry: 700,
            now: 1, due: 690),
        Row(testDescription: "never, nothing left to serve: at once", policy: .never, now: 3, due: 3),
        Row(
            testDescription: "never, the token has lapsed: at once", policy: .never, expiry: 2, now: 3, due: 3
        ),
        Row(
            testDescription: "never, in the token's last seconds: at once", policy: .never, expiry: 700,
            now: 695,
            due: 695),
        Row(
            testDescription: "a late replay unheard: five minutes after it", policy: .never, last: 690,
            lateReplays: 1,
            expiry: 700, now: 711, due: 990),
        Row(
            testDescription: "a late replay cut off by a crash: again, once it cannot be on its way any more",
            policy: .never, last: 690, lateReplays: 1, wasCutOff: true, expiry: 700, now: 702, due: 710),
        Row(
            testDescription: "cut off a second time: five minutes", policy: .never, last: 710, lateReplays: 2,
            wasCutOff: true, expiry: 700, now: 720, due: 1010),
        Row(
            testDescription: "the first presentation cut off, long ago: as late as possible", policy: .never,
            wasCutOff: true, expiry: 700, now: 100, due: 690),
        Row(
            testDescription:
                "the first presentation cut off, nothing to serve: when it cannot be on its way any more",
            policy: .never, wasCutOff: true, now: 2, due: 20),
    ]

    @Test(
        "R5 R7: is replayed at once where the provider takes it, else once, as late as possible",
        arguments: rows)
    func due(_ row: Row) {
        let presentation = Presentation(
            since: Self.moment(0), last: Self.moment(row.last), lateReplays: row.lateReplays)
        let due = ReplayPlan.due(
            row.policy, presentation, wasCutOff: row.wasCutOff, expiry: row.expiry.map(Self.at),
            lifetime: .seconds(3600), Self.at(row.now))
        #expect(due == Self.at(row.due))
    }

    @Test(
        "is replayed a tenth of the lifetime, at most 10 s, before the access token lapses",
        arguments: [(3600, 10_000), (100, 10_000), (60, 6_000), (5, 500), (0, 0), (-3, 0)])
    func lead(lifetime: Int64, milliseconds: Int64) {
        let expiry = Self.at(0)
        #expect(
            ReplayPlan.lateAt(expiry: expiry, lifetime: .seconds(lifetime)) == expiry
                - .milliseconds(milliseconds))
    }

    @Test(
        "is replayed again before half of what is left of the window is over, at least 4 s apart",
        arguments: [
            (0, 12_000), (12, 6_000), (18, 4_000), (23, 4_000),
        ])
    func latest(now: Int64, milliseconds: Int64) {
        #expect(
            ReplayPlan.latest(.within(.seconds(30)), since: Self.at(0), Self.at(now))
                == Self.at(now) + .milliseconds(milliseconds))
        #expect(ReplayPlan.latest(.always, since: Self.at(0), Self.at(now)) == .distantFuture)
    }

    @Test("closes a window of a second half-way: there is no second to spare")
    func shortWindow() {
        #expect(ReplayPlan.isOpen(.within(.seconds(1)), since: Self.at(0), Self.at(0)))
        #expect(!ReplayPlan.isOpen(.within(.seconds(1)), since: Self.at(0), Self.at(0) + .milliseconds(500)))
    }

    @Test("counts as long ago where nobody knows when it was presented")
    func unknownTime() {
        #expect(!ReplayPlan.isOpen(.within(.seconds(86_400)), since: .distantPast, Self.at(0)))
    }
}
