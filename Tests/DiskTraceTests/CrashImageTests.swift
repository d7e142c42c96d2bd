// Decides whether the images of crashes are those of a real disk, and whether a checker that uses them can fail.

import DiskTrace
import Foundation
import Glibc
import Testing

@Suite("DiskTrace: crashes")
struct CrashImageTests {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    /// What different crashes leave of one file.
    private func remains(_ recording: Recording, of name: String) -> Set<Data?> {
        var remains: Set<Data?> = []
        recording.forEachCrash(seeds: 64) { remains.insert($0.tree[name]) }
        return remains
    }

    @Test(
        "A power cut loses a write that was not synced, or keeps it; it takes none that was; a kill takes neither"
    )
    func syncs() throws {
        scratch.makeDurable("f", bytes(0, 4))
        let recording = try DiskTrace.record(below: scratch.path) { _ in
            scratch.withFile("f") { file in
                _ = writeAll(bytes(1, 4), to: file)
                fsync(file)
                _ = writeAll(bytes(2, 4), to: file)
            }
        }
        #expect(recording.image(.powerCut(after: 1, .everythingUnsynced))["f"] == bytes(0, 4))
        #expect(recording.image(.powerCut(after: 2, .everythingUnsynced))["f"] == bytes(1, 4))
        #expect(recording.image(.powerCut(after: 3, .everythingUnsynced))["f"] == bytes(1, 4))
        #expect(recording.image(.powerCut(after: 3, .nothingUnsynced))["f"] == bytes(1, 4) + bytes(2, 4))
        #expect(recording.image(.killed(after: 3))["f"] == bytes(1, 4) + bytes(2, 4))
        #expect(recording.image(.killedWithin(2))["f"] == bytes(1, 4) + bytes(2, 2))
        let size = bytes(1, 4) + bytes(0, 4)
        #expect(remains(recording, of: "f").contains(size), "the size may reach the disk before the bytes")
    }

    @Test("A write may be torn at any sector, and nowhere else")
    func sectors() throws {
        scratch.makeDurable("f", bytes(0, 1_536))
        let recording = try DiskTrace.record(below: scratch.path) { _ in
            scratch.withFile("f") { _ = writeAll(bytes(1, 1_536), to: $0) }
        }
        var kept: Set<[UInt8]> = []
        recording.forEachCrash(seeds: 200) { remains in
            if case .killedWithin = remains.crash { return }
            let content = remains.tree["f"]!
            for sector in 0..<3 { #expect(Set(content[512 * sector..<512 * (sector + 1)]).count == 1) }
            kept.insert([content[0], content[512], content[1_024]])
        }
        #expect(kept.count == 8)
    }

    @Test("A rename that was not synced may be lost, or kept without the content that was not synced")
    func renames() throws {
        scratch.makeDurable("f", bytes(0, 4))
        let recording = try DiskTrace.record(below: scratch.path) { _ in
            scratch.withFile("new") { _ = writeAll(bytes(1, 4), to: $0) }
            rename(scratch.path("new"), scratch.path("f"))
        }
        #expect(remains(recording, of: "f").isSuperset(of: [bytes(0, 4), bytes(1, 4), Data()]))
        #expect(remains(recording, of: "new").contains(nil))
        let synced = try DiskTrace.record(below: scratch.path) { _ in
            rename(scratch.path("f"), scratch.path("g"))
            scratch.syncDirectory()
        }
        #expect(synced.image(.powerCut(after: 1, .everythingUnsynced)).paths == ["f"])
        #expect(synced.image(.powerCut(after: 2, .everythingUnsynced)).paths == ["g"])
    }

    @Test(
        "A deleted file may come back until its directory was synced, and a new directory's name may be lost")
    func names() throws {
        scratch.makeDurable("f", bytes(1, 4))
        let recording = try DiskTrace.record(below: scratch.path) { _ in
            unlink(scratch.path("f"))
            mkdir(scratch.path("d"), 0o700)
            scratch.makeDurable("d/g", bytes(2, 4))
        }
        let end = recording.steps.count
        #expect(recording.image(.powerCut(after: end - 1, .everythingUnsynced)).paths == ["f"])
        // The last step synced the outer directory, not the inner one.
        #expect(recording.image(.powerCut(after: end, .everythingUnsynced)).paths == ["d"])
    }

    /// A content that is replaced, and whether some crash leaves neither the old one nor the new one.
    private func losesContent(_ replace: () -> Void) throws -> Bool {
        let old = bytes(1, 3_000)
        let new = bytes(2, 5_000)
        scratch.makeDurable("f", old)
        let recording = try DiskTrace.record(below: scratch.path) { trace in
            replace()
            trace.note("reported")
        }
        var isLost = false
        let count = recording.forEachCrash(seeds: 32) { remains in
            let content = remains.tree["f"]
            if content != new, content != old || !remains.notes.isEmpty { isLost = true }
        }
        #expect(count > 5)
        return isLost
    }

    @Test("A file that is written aside, synced, renamed and its directory synced survives every crash")
    func careful() throws {
        let isLost = try losesContent {
            scratch.withFile("new") { file in
                _ = writeAll(bytes(2, 5_000), to: file)
                fsync(file)
            }
            rename(scratch.path("new"), scratch.path("f"))
            scratch.syncDirectory()
        }
        #expect(!isLost)
    }

    @Test("Writers that save one of the syncs, or write in place, are caught", arguments: 0..<3)
    func careless(_ mistake: Int) throws {
        let isLost = try losesContent {
            if mistake == 0 {
                scratch.withFile("f", O_TRUNC) { file in
                    _ = writeAll(bytes(2, 5_000), to: file)
                    fsync(file)
                }
            } else {
                scratch.withFile("new") { file in
                    _ = writeAll(bytes(2, 5_000), to: file)
                    if mistake != 1 { fsync(file) }
                }
                rename(scratch.path("new"), scratch.path("f"))
                if mistake != 2 { scratch.syncDirectory() }
            }
        }
        #expect(isLost)
    }

    @Test("An image is written out with the modes that a state directory must have, and is read back equal")
    func written() throws {
        let recording = try DiskTrace.record(below: scratch.path) { _ in
            mkdir(scratch.path("d"), 0o755)
            scratch.withFile("d/f") { _ = writeAll(bytes(1, 70_000), to: $0) }
        }
        let other = try Scratch()
        let image = recording.image(.killed(after: recording.steps.count))
        try image.write(to: other.path("copy"))
        #expect(try FileTree(readingFrom: other.path("copy")) == image)
        var status = stat()
        #expect(stat(other.path("copy/d/f"), &status) == 0 && status.st_mode & 0o7777 == 0o600)
        #expect(stat(other.path("copy/d"), &status) == 0 && status.st_mode & 0o7777 == 0o700)
    }

    @Test("The crashes listed have the images that were tried, none of them twice")
    func listed() throws {
        let recording = try DiskTrace.record(below: scratch.path) { _ in
            scratch.makeDurable("f", bytes(1, 2_000))
            scratch.makeDurable("g", bytes(2, 2_000))
        }
        var trees: [FileTree] = []
        recording.forEachCrash(seeds: 8) { trees.append($0.tree) }
        #expect(recording.crashes(seeds: 8).map(recording.image) == trees)
        #expect(Set(trees).count == trees.count)
    }
}
