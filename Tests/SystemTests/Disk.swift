// A disk of its own, so that a test can take its power, fill it or make it read-only: an image file mounted through a loop
// device. Unmounted when the last who holds it lets go, also when a test fails.

import Foundation

/// A file system in an image file.
final class Disk {
    enum FileSystem: String, CaseIterable {
        case ext4, xfs

        fileprivate var megabytes: Int { self == .xfs ? 320 : 64 }
        fileprivate var make: [String] {
            self == .xfs ? ["mkfs.xfs", "-q"] : ["mkfs.ext4", "-q", "-F", "-m", "0"]
        }
    }

    let fileSystem: FileSystem
    private let directory: String
    private var image: String { directory + "/image" }
    var mountPoint: String { directory + "/mount" }
    private var filler: String { mountPoint + "/filler" }

    /// Why loop mounts are not possible here; nil where they are.
    static let obstacle: String? = {
        for program in ["mkfs.ext4", "mkfs.xfs", "xfs_io", "mount", "umount"]
        where Programs.installed(program) == nil { return "\(program) is not installed" }
        do {
            _ = try Disk(.ext4)
            return nil
        } catch { return "\(error)" }
    }()

    /// Whether disks can be had; if not, the test's output says why it proves nothing.
    static func areAvailable(for test: String) -> Bool {
        guard let obstacle else { return true }
        print("skipped: \(test): no loop mounts here: \(obstacle)")
        return false
    }

    init(_ fileSystem: FileSystem) throws {
        self.fileSystem = fileSystem
        directory = NSTemporaryDirectory() + "tokend-disk-" + UUID().uuidString.prefix(8)
        try FileManager.default.createDirectory(
            atPath: directory + "/mount", withIntermediateDirectories: true)
        guard FileManager.default.createFile(atPath: image, contents: nil),
            truncate(image, fileSystem.megabytes << 20) == 0
        else {
            throw Wire.Failure(description: "cannot make an image of \(fileSystem.megabytes) MiB")
        }
        try Self.run(fileSystem.make + [image])
        try mount()
    }

    deinit {
        // Lazily: the last writer may still be ending.
        _ = try? Programs.run(Programs.installed("umount") ?? "umount", ["-l", mountPoint])
        try? FileManager.default.removeItem(atPath: directory)
    }

    func mount(_ options: String = "rw") throws {
        // ext4 turns read-only on an error of its own, as distributions set it up.
        let onError = fileSystem == .ext4 ? ",errors=remount-ro" : ""
        try Self.run(["mount", "-o", "loop,\(options)\(onError)", image, mountPoint])
    }

    func unmount() throws { try Self.run(["umount", mountPoint]) }

    func remount(_ options: String) throws {
        try Self.run(["mount", "-o", "remount,\(options)", mountPoint])
    }

    /// Takes the power: nothing reaches the disk from now on, and what was not synced is lost. Mount again to look.
    func cutPower() throws { try Self.run(["xfs_io", "-x", "-c", "shutdown", mountPoint]) }

    /// Makes ext4 find an error, after which it takes no writes until it is mounted again.
    func breakReadOnly() throws {
        let mounts = try String(contentsOfFile: "/proc/mounts", encoding: .utf8)
        guard let line = mounts.split(separator: "\n").first(where: { $0.contains(" \(mountPoint) ") }),
            let device = line.split(separator: " ").first?.split(separator: "/").last
        else { throw Wire.Failure(description: "\(mountPoint) is not mounted") }
        try Data("1".utf8).write(to: URL(fileURLWithPath: "/sys/fs/ext4/\(device)/trigger_fs_error"))
    }

    /// Takes every free block.
    func fill() throws {
        let descriptor = open(filler, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Wire.Failure(description: "cannot open \(filler)") }
        defer { close(descriptor) }
        var end = 0
        // Ever smaller pieces, until not one block is left.
        var piece = 16 << 20
        while piece >= 4096 {
            if posix_fallocate(descriptor, end, piece) == 0 { end += piece } else { piece /= 2 }
        }
        // Fails where the last blocks could not be found: then they are nobody's.
        fsync(descriptor)
    }

    func free() { unlink(filler) }

    private static func run(_ command: [String]) throws {
        guard let program = Programs.installed(command[0]) else {
            throw Wire.Failure(description: "\(command[0]) is not installed")
        }
        let result = try Programs.run(program, Array(command.dropFirst()))
        guard result.status == 0 else {
            throw Wire.Failure(description: "\(command.joined(separator: " ")): \(result.errors)")
        }
    }
}
