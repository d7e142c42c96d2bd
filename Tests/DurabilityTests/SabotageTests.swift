// Decides that the proof can fail: a daemon broken on purpose, in each way that would lose accounts, is found out.

import Testing
import Vocabulary

@testable import GrantStore

@Suite("DurabilityTests: the proof finds broken daemons")
struct SabotageTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let sabotage: Sabotage
        let expected: Set<Invariant>
        let life: @Sendable () throws -> Life

        var testDescription: String { "\(sabotage)" }
    }

    static let cases = [
        Case(sabotage: .skipsMarks, expected: [.marked, .presented, .ended]) {
            try Lives.refresh(.strict, .granted)
        },
        Case(sabotage: .sendsBeforeMarked, expected: [.marked, .presented, .ended]) {
            try Lives.refresh(.strict, .granted)
        },
        Case(sabotage: .publishesBeforeDurable, expected: [.published]) {
            try Lives.refresh(.grace, .granted)
        },
        Case(sabotage: .reportsBeforeDurable, expected: [.durable]) { try Lives.refresh(.grace, .granted) },
        Case(sabotage: .forgetsLostAnswers, expected: [.marked, .ended]) {
            try Lives.refresh(.strict, .answerLost)
        },
    ]

    @Test(
        "A daemon that is broken on purpose is found out by the invariant that it breaks (R1)",
        arguments: cases)
    func found(_ broken: Case) throws {
        var proof = CrashProof(try broken.life())
        try proof.run(broken.sabotage)
        let found = Set(
            Invariant.allCases.filter { name in proof.violations.contains { $0.contains(name.rawValue) } })
        #expect(found.isSuperset(of: broken.expected))
        print(
            "durability: \(broken.sabotage): \(proof.violations.count) violations in \(proof.count.total) states"
        )
    }
}
