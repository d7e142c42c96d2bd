import Foundation
import Glibc
import Testing
import Vocabulary

@testable import GrantStore

@Suite("StateDirectory (R14, O8, S2)")
struct StateDirectoryTests {
    let state: TemporaryStore

    init() throws { state = try TemporaryStore() }

    @Test("A new store is a directory of mode 0700 with files of mode 0600, whatever the umask (S2)")
    func modes() async {
        // In a process of its own: the umask is a process's.
        await #expect(processExitsWith: .success) {
            for mask: mode_t in [0, 0o777] {
                if let failure = try Self.makeStore(umask: mask) { preconditionFailure(failure) }
            }
        }
    }

    /// - Returns: what went wrong.
    private static func makeStore(umask mask: mode_t) throws -> String? {
        let state = try TemporaryStore()
        umask(mask)
        let store = try state.open()
        defer { store.close() }
        _ = try store.added(name("p/alice"), grant("1"))
        var status = stat()
        lstat(state.directory, &status)
        guard status.st_mode & 0o7777 == 0o700 else { return "the directory's mode" }
        let names = try FileManager.default.contentsOfDirectory(atPath: state.directory)
        guard names.sorted() == ["grants.db", "grants.db-shm", "grants.db-wal", "key"] else {
            return "the files"
        }
        for name in names {
            lstat(state.path(name), &status)
            guard status.st_mode & 0o7777 == 0o600, status.st_mode & S_IFMT == S_IFREG else { return name }
        }
        return nil
    }

    @Test("A second owner is refused while the first lives, and let in after (R14)")
    func secondOwner() throws {
        let first = try state.open()
        #expect(state.refusal() == "another tokend owns \(state.directory)")
        #expect(try first.records().isEmpty)
        first.close()
        #expect(state.refusal() == nil)
    }

    @Test("The lock dies with its process, however that ends (R14)")
    func lockOfDeadProcess() async throws {
        await #expect(processExitsWith: .signal(SIGKILL)) {
            let state = try TemporaryStore()
            let store = try state.open()
            _ = try store.added(name("p/alice"), grant("1"))
            // Found again by the parent under a fixed name beside the temporary directories.
            let link = NSTemporaryDirectory() + "/grant-store-killed-\(getppid())"
            unlink(link)
            guard symlink(state.directory, link) == 0 else { exit(3) }
            kill(getpid(), SIGKILL)
        }
        let link = NSTemporaryDirectory() + "/grant-store-killed-\(getpid())"
        let directory = try FileManager.default.destinationOfSymbolicLink(atPath: link)
        defer {
            unlink(link)
            try? FileManager.default.removeItem(
                atPath: (directory as NSString).deletingLastPathComponent)
        }
        let store = try GrantStore(directory: directory, key: .file) { _ in TemporaryStore.endpoint }
        defer { store.close() }
        #expect(try store.records().map(\.accessToken) == ["access-1"])
    }

    @Test(
        "A directory with a wrong mode is refused by path and octal mode (O8)",
        arguments: [(0o755, "0755"), (0o710, "0710"), (0o1777, "1777"), (0o500, "0500"), (0o701, "0701")])
    func directoryMode(_ mode: Int, _ octal: String) throws {
        try state.fill()
        let before = try state.hashes()
        chmod(state.directory, mode_t(mode))
        #expect(state.refusal() == "\(state.directory) has mode \(octal); it must be 0700")
        chmod(state.directory, 0o700)
        #expect(try state.hashes() == before)
    }

    @Test(
        "A file with a wrong mode is refused by path and octal mode (O8)",
        arguments: ["key", "grants.db", "grants.db-wal", "grants.db-shm"])
    func fileMode(_ file: String) throws {
        try state.fill()
        if !FileManager.default.fileExists(atPath: state.path(file)) { try Data().write(to: state.url(file)) }
        chmod(state.path(file), 0o640)
        #expect(state.refusal() == "\(state.path(file)) has mode 0640; it must be 0600")
        chmod(state.path(file), 0o400)
        #expect(state.refusal() == "\(state.path(file)) has mode 0400; it must be 0600")
    }

    @Test(
        "A file of another owner is refused (O8)",
        .enabled(if: geteuid() == 0, "only root can give files away"))
    func owner() throws {
        try state.fill()
        chown(state.path("key"), 12_345, 0)
        #expect(state.refusal() == "\(state.path("key")) belongs to uid 12345; it must belong to uid 0")
        chown(state.path("key"), 0, 0)
        chown(state.directory, 12_345, 0)
        #expect(state.refusal() == "\(state.directory) belongs to uid 12345; it must belong to uid 0")
    }

    @Test("Symbolic links and other things in place of the directory or a file are refused (O8, S2)")
    func kinds() throws {
        try state.fill()
        let elsewhere = state.directory + ".real"
        for file in ["key", "grants.db", "grants.db-wal"] {
            rename(state.path(file), elsewhere)
            symlink(elsewhere, state.path(file))
            #expect(state.refusal() == "\(state.path(file)) is a symbolic link; it must be a regular file")
            unlink(state.path(file))
            mkdir(state.path(file), 0o700)
            #expect(state.refusal() == "\(state.path(file)) is a directory; it must be a regular file")
            rmdir(state.path(file))
            mkfifo(state.path(file), 0o600)
            #expect(
                state.refusal()
                    == "\(state.path(file)) is a device, socket or pipe; it must be a regular file")
            unlink(state.path(file))
            rename(elsewhere, state.path(file))
        }
        rename(state.directory, elsewhere)
        symlink(elsewhere, state.directory)
        #expect(state.refusal() == "\(state.directory) is a symbolic link; it must be a directory")
        #expect(
            throws: StoreError.wrongKind(path: state.directory, found: .symbolicLink, expected: .directory)
        ) {
            _ = try GrantStore(directory: state.directory + "//", key: .file) { _ in nil }
        }
        unlink(state.directory)
        try Data().write(to: URL(fileURLWithPath: state.directory))
        #expect(state.refusal() == "\(state.directory) is a regular file; it must be a directory")
        unlink(state.directory)
        rename(elsewhere, state.directory)
        #expect(state.refusal() == nil)
    }

    @Test("A directory whose parent is absent is not made")
    func noParent() throws {
        let path = state.directory + "/deeper"
        let error = StoreError.system("create", path: path, errno: ENOENT)
        #expect(throws: error) { _ = try GrantStore(directory: path, key: .file) { _ in nil } }
        #expect(error.description == "cannot create \(path): No such file or directory")
    }

    @Test("A leftover of a start that was cut off does no harm, and is not followed (S2)")
    func leftovers() throws {
        try FileManager.default.createDirectory(
            atPath: state.directory, withIntermediateDirectories: false,
            attributes: [.posixPermissions: 0o700])
        let victim = state.directory + ".victim"
        try Data("precious".utf8).write(to: URL(fileURLWithPath: victim))
        for name in ["key.new", "grants.db.new", "grants.db.new-wal"] { symlink(victim, state.path(name)) }
        try state.fill()
        #expect(try Data(contentsOf: URL(fileURLWithPath: victim)) == Data("precious".utf8))
        #expect(try state.hashes().keys.sorted() == ["grants.db", "key"])
    }
}
