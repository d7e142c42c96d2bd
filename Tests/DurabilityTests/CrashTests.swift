// Decides that no end of the process or the machine, at any step of any life of the daemon, loses a refresh token that the
// provider has rotated to, but where nobody could have kept it; and none presents a consumed one as a provider forbids.

import Dispatch
import Evidence
import Synchronization
import Testing
import Vocabulary

@testable import GrantStore

@Suite("DurabilityTests: crashes at every step of a refresh (R1, R3, R7)")
struct CrashTests {
    typealias MakeLife = @Sendable () throws -> Life

    private static let held =
        "well, or lost-rotation exactly where the provider rotated unheard; no reuse but late"

    @Test(
        "A refresh, however it ends, cut off anywhere: well, or lost exactly where the answer was (R1, R3, R7)"
    )
    func refresh() throws {
        var lives = Authority.Kind.allCases.flatMap { kind in
            Ending.allCases.map { ending -> MakeLife in { try Lives.refresh(kind, ending) } }
        }
        for kind in [Authority.Kind.grace, .strict] {
            lives.append { try Lives.refresh(kind, .granted, lifeLeft: .seconds(-5)) }
        }
        let count = try prove("a refresh", lives)
        Evidence.record(
            "R1", injected: "kill at every step of a refresh: 3 kinds of provider, 5 endings",
            times: count.kills,
            held: Self.held)
        Evidence.record(
            "R3", injected: "power cut at every step of a refresh, unsynced parts lost",
            times: count.powerCuts,
            held: Self.held)
        Evidence.record(
            "R1", injected: "second crash at a random step of the recovery", times: count.second,
            held: Self.held)
    }

    @Test("A replay of a lost answer, in its window or late, cut off anywhere (R1, R7)")
    func replay() throws {
        var lives: [MakeLife] = []
        for ending in [Ending.granted, .answerLost, .rejected] {
            lives.append { try Lives.replay(.plain, .answerLost, ending) }
            lives.append { try Lives.replay(.grace, .answerLost, ending) }
            lives.append { try Lives.replay(.strict, .requestLost, ending) }
        }
        lives.append { try Lives.replay(.strict, .answerLost, .granted) }
        lives.append { try Lives.replay(.grace, .requestLost, .granted, outage: .seconds(60)) }
        lives.append { try Lives.replay(.grace, .answerLost, .granted, outage: .seconds(60)) }
        let count = try prove("a replay", lives)
        Evidence.record(
            "R7", injected: "crash at every step of a replay, within its window and late", times: count.total,
            held: "replayed as the policy allows; \(Self.held)")
    }

    @Test("An import of five accounts and their first refreshes, cut off anywhere (R1, R3)")
    func firstImport() throws {
        let count = try prove("an import", [{ Lives.firstImport() }])
        Evidence.record(
            "R3", injected: "crash at every step of a first import of 5 accounts", times: count.total,
            held: "every reported account is there; \(Self.held)")
    }

    @Test("A removal and a new login beside a refresh, cut off anywhere: no late answer counts (R16)")
    func edits() throws {
        var lives: [MakeLife] = []
        for kind in [Authority.Kind.grace, .strict] {
            lives.append { try Lives.removal(kind, of: Life.alice(kind)) }
            lives.append { try Lives.removal(kind, of: Life.bob(kind)) }
            lives.append { try Lives.login(kind) }
        }
        let count = try prove("edits beside a refresh", lives)
        Evidence.record(
            "R16", injected: "crash at every step of a removal or login beside a refresh", times: count.total,
            held: "the late answer neither resurrects nor overwrites")
    }

    @Test("A migration followed by a refresh, cut off anywhere (O9)")
    func migration() throws {
        let count = try prove("a migration", [{ try Lives.migration() }])
        Evidence.record(
            "O9", injected: "crash at every step of a migration and the refresh after it", times: count.total,
            held: "migrated whole or not at all; \(Self.held)")
    }

    @Test(
        "Two refreshes in a row, and three with restarts between, cut off anywhere: the next token is the one (R18)"
    )
    func rotations() throws {
        let count = try prove(
            "rotations in a row",
            [
                { try Lives.twice(.strict) }, { try Lives.twice(.grace) }, { try Lives.restarts(.strict) },
                { try Lives.restarts(.grace) },
            ])
        Evidence.record(
            "R18", injected: "crash at every step of rotations in a row, with and without restarts",
            times: count.total, held: "the third refresh presents the third token; \(Self.held)")
    }

    @Test("A clean stop during a refresh: it is finished and stored, and nothing is in doubt (R8)")
    func stop() throws {
        let lives: [MakeLife] = [
            { try Lives.stop(.strict, .granted) }, { try Lives.stop(.grace, .granted) },
            { try Lives.stop(.strict, .answerLost) }, { try Lives.stop(.strict, .notSent) },
        ]
        let count = try prove("a clean stop", lives)
        Evidence.record(
            "R8", injected: "crash at every step of a stop during a refresh", times: count.total,
            held: "after the stop nothing is in doubt; \(Self.held)")
    }

    /// Tries all crashes of these lives, several lives at once.
    private func prove(_ title: String, _ lives: [MakeLife]) throws -> CrashProof.Count {
        let clock = ContinuousClock()
        let start = clock.now
        let found = Mutex((count: CrashProof.Count(), violations: [String]()))
        DispatchQueue.concurrentPerform(iterations: lives.count) { index in
            do {
                var proof = CrashProof(try lives[index](), seed: UInt64(index + 1))
                try proof.run()
                found.withLock { [proof] found in
                    found.count = found.count + proof.count
                    found.violations += proof.violations
                }
            } catch {
                found.withLock { $0.violations.append("\(error)") }
            }
        }
        let (count, violations) = found.withLock { $0 }
        #expect(violations.prefix(5) == [])
        #expect(violations.count == 0)
        print(
            "durability: \(title): \(count.kills) kills, \(count.powerCuts) power cuts, \(count.second) second crashes,",
            "seeds 1 to \(lives.count), \(clock.now - start)")
        return count
    }
}
