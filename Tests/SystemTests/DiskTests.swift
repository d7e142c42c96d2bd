// A disk that is full, or takes no writes any more, while the daemon runs: the answer under way must become durable all the
// same, no further refresh may begin, and what was fetched is served on.

import Evidence
import Foundation
import SandboxProvider
import Testing

extension SystemTests {
    @Suite("A disk that takes no writes")
    struct DiskTests {
        @Test(
            "R2: full since the request was sent, still takes the answer; no refresh begins until there is room again"
        )
        func full() async throws {
            for fileSystem in Disk.FileSystem.allCases {
                guard Disk.areAvailable(for: "a full \(fileSystem)") else { return }
                try await withSandbox { sandbox in
                    let disk = try Disk(fileSystem)
                    let daemon = try RunningDaemon(sandbox, replay: "never", on: disk)
                    try daemon.start()
                    try Self.fillDuringRefresh(daemon, disk, sandbox)
                    let wire = try daemon.connect()
                    #expect(try wire.status("a").generation == 3, "the answer is durable")
                    // As long as the reserve was not needed, there is room for one more answer.
                    try eventually("there is no room for an answer") {
                        try wire.refresh("a").hasPrefix("ERR storage ")
                    }
                    let last = try wire.status("a").generation
                    try Self.expectNoRefresh(wire, sandbox)
                    disk.free()
                    try wire.await("a", "is well by itself") { $0.reason == nil && $0.generation == last + 1 }
                    daemon.crash()
                    try daemon.start()
                    #expect(try daemon.refresh(["a"])["a"]?.hasPrefix("OK ") == true)
                    #expect(sandbox.statistics.total.reuses == 0)
                    #expect(daemon.stop() == 0)
                }
                Evidence.record(
                    "R2", injected: "\(fileSystem) full from the sending of the request on", times: 1,
                    held:
                        "the answer became durable, no further refresh began, GET served, well by itself with room"
                )
            }
        }

        private static func fillDuringRefresh(_ daemon: RunningDaemon, _ disk: Disk, _ sandbox: Sandbox)
            throws
        {
            try daemon.add(["a"], from: sandbox, lifetime: 600)
            try daemon.connect().await("a", "has a token") { $0.state == "ok" }
            sandbox.addFault(Fault(.delayAnswer(seconds: 1.5), count: 1))
            let caller = try daemon.connect()
            try caller.send("REFRESH sandbox/a\n")
            try eventually("the request is out") { sandbox.statistics.total.inFlight == 1 }
            try disk.fill()
            #expect(sandbox.statistics.total.inFlight == 1, "it was filled in time")
            let answer = try caller.line() ?? ""
            #expect(answer.hasPrefix("OK "), "\(disk.fileSystem): \(answer)")
        }

        /// Refreshing is refused for the disk's sake, nothing reaches the provider, and the token is served.
        private static func expectNoRefresh(_ wire: Wire, _ sandbox: Sandbox) throws {
            let before = sandbox.statistics.total.tokenRequests
            // Few: each failure puts off the attempt that the daemon makes by itself.
            for _ in 0..<2 {
                let answer = try wire.refresh("a")
                #expect(answer.hasPrefix("ERR storage "), "\(answer)")
                let token = try #require(try wire.token("a", "wait=0"))
                guard case .valid = sandbox.check(accessToken: token) else {
                    Issue.record("a token is served that the provider does not take")
                    return
                }
            }
            let view = try wire.status("a")
            #expect(view.reason == "storage" && view.state == "operator-needed", "\(view)")
            #expect(sandbox.statistics.total.tokenRequests == before)
        }

        @Test("R2: made read-only by the kernel serves and does not rotate; mounted anew it goes on")
        func readOnly() async throws {
            guard Disk.areAvailable(for: "a file system that turns read-only") else { return }
            try await withSandbox { sandbox in
                let disk = try Disk(.ext4)
                let daemon = try RunningDaemon(sandbox, replay: "never", on: disk)
                try daemon.start()
                try daemon.add(["a"], from: sandbox, lifetime: 600)
                let wire = try daemon.connect()
                try wire.await("a", "has a token") { $0.state == "ok" }
                try disk.breakReadOnly()
                try Self.expectNoRefresh(wire, sandbox)
                #expect(daemon.stop() == 0, "nothing is unsaved")
                try disk.unmount()
                try disk.mount()
                try daemon.start()
                #expect(try daemon.refresh(["a"])["a"]?.hasPrefix("OK ") == true)
                #expect(sandbox.statistics.total.reuses == 0)
                #expect(daemon.stop() == 0)
            }
            Evidence.record(
                "R2", injected: "ext4 turned read-only by an error of its own", times: 1,
                held: "served, nothing was rotated; after a new mount all is there")
        }

        @Test("R2: refuses writes as read-only for a while, serves meanwhile and goes on by itself")
        func readOnlyForAWhile() async throws {
            guard Strace.isAvailable(for: "a disk that refuses writes for a while") else { return }
            try await withSandbox { sandbox in
                let daemon = try RunningDaemon(sandbox, replay: "never")
                try daemon.start()
                try daemon.add(["a"], from: sandbox, lifetime: 600)
                let wire = try daemon.connect()
                try wire.await("a", "has a token") { $0.state == "ok" }
                let calls = "pwrite64,fallocate,ftruncate,fdatasync,fsync"
                let strace = try Strace(daemon, .init(calls: calls, fault: "error=EROFS", when: "1+"))
                try Self.expectNoRefresh(wire, sandbox)
                strace.detach()
                try wire.await("a", "is well by itself") { $0.reason == nil && $0.generation == 3 }
                #expect(sandbox.statistics.total.reuses == 0)
                #expect(daemon.stop() == 0)
            }
            Evidence.record(
                "R2", injected: "EROFS at every write, then none", times: 1,
                held: "served, nothing was rotated, well by itself afterwards")
        }

        @Test(
            "O8: read-only at the start is refused by the directory's name; with it writable again all is there"
        )
        func readOnlyAtStart() async throws {
            guard Disk.areAvailable(for: "a read-only state directory") else { return }
            try await withSandbox { sandbox in
                let disk = try Disk(.xfs)
                let daemon = try RunningDaemon(sandbox, on: disk)
                try daemon.start()
                try daemon.add(["a"], from: sandbox, lifetime: 600)
                #expect(daemon.stop() == 0)
                try disk.remount("ro")
                let refused = try Programs.run("tokend", ["--config", daemon.configPath])
                #expect(refused.status == 78, "\(refused.errors)")
                #expect(refused.errors.contains(daemon.statePath) && refused.errors.contains("read-only"))
                try disk.remount("rw")
                chmod(daemon.statePath, 0o755)
                let open = try Programs.run("tokend", ["--config", daemon.configPath])
                #expect(open.status == 78 && open.errors.contains(daemon.statePath), "\(open.errors)")
                #expect(open.errors.contains("0755"), "\(open.errors)")
                chmod(daemon.statePath, 0o700)
                try daemon.start()
                #expect(try daemon.refresh(["a"])["a"]?.hasPrefix("OK ") == true)
                #expect(daemon.stop() == 0)
            }
            Evidence.record(
                "O8", injected: "state directory mounted read-only, then of mode 0755", times: 2,
                held: "exit 78 naming path and mode; nothing changed")
        }
    }
}
