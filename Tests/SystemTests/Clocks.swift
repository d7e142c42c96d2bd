// The clocks of a running daemon, turned by a test: a library that is loaded before the daemon's own stands between it and
// the kernel's clocks and timers (Tests/ClockShim). It is built when it is first needed, by the compiler that came with
// Swift; the package has no product for it.

import Foundation

/// What a daemon believes of time.
final class Clocks {
    private let wire: Wire

    /// Has `daemon` started under clocks of its own.
    /// - Parameters:
    ///   - step: by how much its wall clock differs from ours from the first.
    ///   - bootID: of a boot that is not this one.
    static func prepare(_ daemon: RunningDaemon, step: Duration = .zero, bootID: String? = nil) throws {
        daemon.environment = [
            "LD_PRELOAD": try library.get(), "CLOCK_SHIM": socketPath(daemon),
            "CLOCK_SHIM_STEP": "\(step.components.seconds)",
        ]
        guard let bootID else { return }
        let path = daemon.directory + "/boot_id"
        try Data((bootID + "\n").utf8).write(to: URL(fileURLWithPath: path))
        daemon.environment["CLOCK_SHIM_BOOT_ID"] = path
    }

    /// Takes hold of the clocks of a daemon that was prepared and is running.
    init(_ daemon: RunningDaemon) throws { wire = try Wire(Self.socketPath(daemon)) }

    /// The machine sleeps.
    func suspend(_ seconds: Int) throws { try turn("suspend \(seconds)") }

    /// Somebody sets the wall clock by so much.
    func step(_ seconds: Int) throws { try turn("step \(seconds)") }

    /// Somebody sets the wall clock to so long after the epoch.
    func set(_ epochSeconds: Double) throws { try turn("set \(epochSeconds)") }

    private func turn(_ command: String) throws {
        let answer = try wire.ask(command)
        guard answer == "OK" else { throw Wire.Failure(description: "\(command): \(answer)") }
    }

    private static func socketPath(_ daemon: RunningDaemon) -> String { daemon.directory + "/clocks" }

    private static let library = Result {
        let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("ClockShim/clock_shim.c").path
        let product = NSTemporaryDirectory() + "tokend-clock-shim-\(getpid()).so"
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        let built = try Programs.run(
            "/usr/bin/env", ["clang", "-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o", product, source],
            environment: ["PATH": path])
        guard built.status == 0 else { throw Wire.Failure(description: "clang: \(built.errors)") }
        return product
    }
}
