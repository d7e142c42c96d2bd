// The power goes at a random moment under load, on the file systems that servers have: what was synced is on the disk, the
// rest is not. What the daemon acknowledged before must be there after.

import Evidence
import Foundation
import SandboxProvider
import Synchronization
import Testing

extension SystemTests {
    @Suite("A power cut")
    struct PowerCutTests {
        private static let rounds = 5
        private static let subjects = (0..<60).map { "user\($0)" }

        @Test("R3: loses no acknowledged grant", arguments: Disk.FileSystem.allCases)
        func powerCut(_ fileSystem: Disk.FileSystem) async throws {
            guard Disk.areAvailable(for: "power cuts on \(fileSystem)") else { return }
            var options = Sandbox.Options()
            options.policy.reuseGrace = 30
            try await withSandbox(options) { sandbox in
                let disk = try Disk(fileSystem)
                let daemon = try RunningDaemon(sandbox, replay: "30s", on: disk)
                var acknowledged: [String: Int] = [:]
                try daemon.start()
                for round in 0..<Self.rounds {
                    // Some are added anew before each cut.
                    let added = Self.subjects.indices.filter { $0 % Self.rounds == round }.map {
                        Self.subjects[$0]
                    }
                    try daemon.add(added, from: sandbox, lifetime: 4)
                    for subject in added { acknowledged[subject] = 1 }
                    try Self.cutPower(daemon, disk, &acknowledged)
                    try Self.expect(acknowledged, at: daemon)
                }
                for (subject, answer) in try daemon.refresh(Self.subjects) {
                    #expect(answer.hasPrefix("OK "), "\(subject): \(answer)")
                }
                let total = sandbox.statistics.total
                #expect(total.reuses == 0)
                #expect(total.failures.isEmpty)
                print(
                    "power cuts on \(fileSystem): \(Self.rounds), \(total.refreshes) refreshes, \(total.replays) replays,",
                    "\(acknowledged.values.reduce(0, +)) acknowledged generations, none lost")
                #expect(daemon.stop() == 0)
            }
            Evidence.record(
                "R3", injected: "power cut under load on \(fileSystem)", times: Self.rounds,
                held: "every grant acknowledged by ADD, REFRESH or STATUS was there after; 0 reuses")
        }

        /// Takes the power from under a daemon whose accounts are refreshed, and gives it back.
        private static func cutPower(
            _ daemon: RunningDaemon, _ disk: Disk, _ acknowledged: inout [String: Int]
        ) throws {
            let watch = Watch(daemon, acknowledged.keys.sorted())
            // The moment is the test's subject.
            poll(nil, 0, Int32.random(in: 100...1500))
            // A sync that ends while xfs is being shut down may report success and be lost: seen of a program that does nothing
            // else, 5 times in 1000. No power cut has such a moment, so what was heard by now is what counts.
            let seen = watch.seen
            try disk.cutPower()
            watch.end()
            acknowledged.merge(seen) { max($0, $1) }
            daemon.crash()
            try disk.unmount()
            try disk.mount()
            try daemon.start()
        }

        private static func expect(_ acknowledged: [String: Int], at daemon: RunningDaemon) throws {
            let found = try daemon.connect().list()
            for (subject, generation) in acknowledged {
                let view = try #require(found.first { $0.subject == subject }, "\(subject)")
                #expect(view.generation >= generation, "\(view), acknowledged was \(generation)")
                #expect(view.needs != "user" && view.needs != "operator", "\(view)")
            }
        }

        /// Clients that force refreshes and note what the daemon acknowledges.
        private final class Watch: Sendable {
            private let generations = Mutex<[String: Int]>([:])
            private let isOver = Atomic(false)
            private let ended = DispatchSemaphore(value: 0)
            private static let size = 3

            init(_ daemon: RunningDaemon, _ subjects: [String]) {
                let path = daemon.socketPath
                for client in 0..<Self.size {
                    Thread.detachNewThread { [self] in
                        try? watch(path, subjects, client)
                        ended.signal()
                    }
                }
            }

            var seen: [String: Int] { generations.withLock { $0 } }

            func end() {
                isOver.store(true, ordering: .relaxed)
                for _ in 0..<Self.size { ended.wait() }
            }

            private func watch(_ path: String, _ subjects: [String], _ client: Int) throws {
                let wire = try Wire(path)
                while !isOver.load(ordering: .relaxed), let subject = subjects.randomElement() {
                    // One forces refreshes and looks what they brought, the others look at what comes by itself.
                    let before = client == 0 ? try wire.status(subject).generation : 0
                    let isRefreshed = client == 0 ? try wire.refresh(subject).hasPrefix("OK ") : false
                    let seen = isRefreshed ? before + 1 : try wire.status(subject).generation
                    generations.withLock { $0[subject] = max(seen, $0[subject] ?? 0) }
                    poll(nil, 0, 1)
                }
            }
        }
    }
}
