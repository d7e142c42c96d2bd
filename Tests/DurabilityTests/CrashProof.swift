// Decides which crashes of a recorded life are tried: every state that a kill or a power cut can leave after or within each
// step, with a short and a long pause before the restart; and for a sample of them a second crash while the daemon
// recovers from the first.

import DiskTrace
import Vocabulary

@testable import GrantStore

/// All crashes of a life, judged.
struct CrashProof {
    /// How many states were tried, by what led to them.
    struct Count {
        var kills = 0
        var powerCuts = 0
        var second = 0

        var total: Int { kills + powerCuts + second }

        static func + (left: Count, right: Count) -> Count {
            Count(
                kills: left.kills + right.kills, powerCuts: left.powerCuts + right.powerCuts,
                second: left.second + right.second)
        }
    }

    let life: Life
    /// Of so many states one is followed by crashes during the recovery.
    var sampling: UInt64 = 40
    var seed: UInt64 = 1
    private(set) var count = Count()
    private(set) var violations: [String] = []
    private var bystanders: [AccountName: Held] = [:]

    init(_ life: Life, seed: UInt64 = 1) {
        self.life = life
        self.seed = seed
        bystanders = life.beginning.outside.reported.filter { !life.subjects.contains($0.key) }
    }

    mutating func run(_ sabotage: Sabotage? = nil) throws {
        let (recording, stage) = try life.record(sabotage)
        complain(stage.violations, "the life itself")
        var coins = Coins(seed: seed)
        let moments = stage.moments
        try recording.forEachCrash(seeds: 1) { remains in
            let outside = moments[remains.notes.count]
            try crash(remains, outside, .short, &coins)
            // A long outage makes a difference only to what was presented.
            if !outside.presented.isEmpty, coins.toss(64) { try crash(remains, outside, .long, &coins) }
        }
    }

    private mutating func crash(
        _ remains: Recording.Remains, _ outside: Outside, _ pause: Recovery.Pause, _ coins: inout Coins
    ) throws {
        let recovery = try recovery(remains.tree, outside, remains.crash, pause, &coins)
        if case .powerCut = remains.crash { count.powerCuts += 1 } else { count.kills += 1 }
        if coins.next() % sampling == 0 {
            try crashAgain(recovery, "\(remains.crash), \(pause)", &coins)
        } else {
            recovery.run(&coins)
        }
        complain(
            recovery.stage.violations, "\(remains.crash), \(pause), after \(remains.notes.last ?? "nothing")")
    }

    /// The daemon recovers, and dies of it at some step.
    private mutating func crashAgain(_ recovery: Recovery, _ title: String, _ coins: inout Coins) throws {
        let recording = try recovery.stage.record { _ in recovery.run(&coins) }
        guard !recording.steps.isEmpty else { return }
        for _ in 0..<8 {
            let step = coins.number(in: 0...recording.steps.count - 1)
            let crash: Crash =
                switch coins.number(in: 0...3) {
                case 0: .killed(after: step)
                case 1: .killedWithin(step)
                case 2: .powerCut(after: step, .everythingUnsynced)
                default: .powerCut(after: step, .random(seed: coins.next()))
                }
            let outside = recovery.stage.moments[recording.notes(before: step).count]
            let pause: Recovery.Pause = coins.toss(128) ? .short : .long
            let second = try self.recovery(recording.image(crash), outside, crash, pause, &coins)
            second.run(&coins)
            count.second += 1
            complain(second.stage.violations, "\(title), then \(crash), \(pause)")
        }
    }

    private func recovery(
        _ tree: FileTree, _ outside: Outside, _ crash: Crash, _ pause: Recovery.Pause, _ coins: inout Coins
    ) throws -> Recovery {
        try Recovery(
            tree, outside, crash, pause, subjects: life.subjects, bystanders: bystanders, &coins)
    }

    private mutating func complain(_ found: [Violation], _ crash: String) {
        violations += found.map { "\(life.title), seed \(seed), \(crash): \($0)" }
    }
}
