import Foundation
import Testing

@testable import tokenctl

@Suite struct BackupFileTests {
    private let directory: String

    init() throws {
        directory = NSTemporaryDirectory() + "/backup-file-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: false)
    }

    private func cleanUp() { try? FileManager.default.removeItem(atPath: directory) }

    private func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: directory) }

    private func write(_ text: String, force: Bool = false, to name: String = "b") throws {
        let file = try BackupFile(directory + "/" + name, overwrites: force)
        try file.write(Array(text.utf8))
        try file.publish()
    }

    private func content() throws -> String {
        try String(contentsOfFile: directory + "/b", encoding: .utf8)
    }

    @Test("S2: it appears whole, for its owner alone, and leaves no draft")
    func published() throws {
        defer { cleanUp() }
        do {
            let file = try BackupFile(directory + "/b", overwrites: false)
            let draft = try #require(names().first)
            #expect(try draft != "b" && names().count == 1)
            let attributes = try FileManager.default.attributesOfItem(atPath: directory + "/" + draft)
            #expect(attributes[.posixPermissions] as? Int == 0o600)
            try file.write([65])
            try file.publish()
        }
        #expect(try names() == ["b"])
        #expect(try content() == "A")
        let attributes = try FileManager.default.attributesOfItem(atPath: directory + "/b")
        #expect(attributes[.posixPermissions] as? Int == 0o600)
    }

    @Test("a file that is there is overwritten only where that was asked for, also if it came meanwhile")
    func occupied() throws {
        defer { cleanUp() }
        try write("first")
        #expect(throws: Complaint.self) { try write("second") }
        #expect(try content() == "first" && names() == ["b"])
        try write("third", force: true)
        #expect(try content() == "third" && names() == ["b"])
        unlink(directory + "/b")
        do {
            let late = try BackupFile(directory + "/b", overwrites: false)
            try write("meanwhile")
            #expect(throws: Complaint.self) { try late.publish() }
        }
        #expect(try content() == "meanwhile" && names() == ["b"])
    }

    @Test("S2: a link, a directory or a device is never replaced", arguments: ["link", "directory", "fifo"])
    func noRegularFile(_ kind: String) throws {
        defer { cleanUp() }
        let path = directory + "/" + kind
        switch kind {
        case "link": symlink(directory + "/elsewhere", path)
        case "directory": mkdir(path, 0o700)
        default: mkfifo(path, 0o600)
        }
        #expect(throws: Complaint.self) { try write("x", force: true, to: kind) }
        #expect(try names() == [kind])
    }

    @Test("what is given up leaves nothing behind")
    func abandoned() throws {
        defer { cleanUp() }
        do { try BackupFile(directory + "/b", overwrites: false).write([65]) }
        #expect(try names() == [])
        #expect(throws: Complaint.self) { try BackupFile(directory + "/none/b", overwrites: false) }
        #expect(throws: Complaint.self) { try BackupFile(directory + "/", overwrites: false) }
    }
}
