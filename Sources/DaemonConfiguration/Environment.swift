// Decides what of the world outside its own text a configuration may look at, so that all of it can be checked in a
// test without a file.

import Glibc

/// What a configuration refers to: files, environment variables, and who can read the configuration itself.
public struct Environment: Sendable {
    /// The bytes of the file at an absolute path.
    public var file: @Sendable (String) throws(FileError) -> [UInt8]
    /// The value of an environment variable.
    public var variable: @Sendable (String) -> String?
    /// The permission bits of the configuration file.
    public var configurationMode: UInt32

    public init(
        file: @escaping @Sendable (String) throws(FileError) -> [UInt8],
        variable: @escaping @Sendable (String) -> String?, configurationMode: UInt32
    ) {
        self.file = file
        self.variable = variable
        self.configurationMode = configurationMode
    }

    /// The process's own.
    public static func process(configurationMode: UInt32) -> Environment {
        Environment(
            file: { path throws(FileError) in try readFile(path).bytes },
            variable: { name in getenv(name).map { String(cString: $0) } },
            configurationMode: configurationMode)
    }
}

/// Why a file cannot be read.
public enum FileError: Error, Hashable, Sendable, CustomStringConvertible {
    /// open(2) or read(2) failed.
    case system(errno: Int32)
    case notRegular
    case tooLarge

    public var description: String {
        switch self {
        case .system(let errno): String(cString: strerror(errno)).lowercased()
        case .notRegular: "not a regular file"
        case .tooLarge: "larger than \(largestFile) bytes"
        }
    }
}

/// No configuration, secret or certificate bundle comes near a mebibyte; a path that leads elsewhere may.
let largestFile = 1 << 20

/// The whole of a regular file, and its permission bits as they were when it was opened (no race with chmod(1)).
func readFile(_ path: String) throws(FileError) -> (bytes: [UInt8], mode: UInt32) {
    // Non-blocking, so that opening a FIFO does not wait for its writer.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw .system(errno: errno) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw .system(errno: errno) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw .notRegular }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 16_384)
    while true {
        let count = read(descriptor, &chunk, chunk.count)
        if count == 0 { return (bytes, status.st_mode & 0o7777) }
        guard count > 0 else {
            if errno == EINTR { continue }
            throw .system(errno: errno)
        }
        bytes.append(contentsOf: chunk[..<count])
        guard bytes.count <= largestFile else { throw .tooLarge }
    }
}

extension DaemonConfiguration {
    /// Reads and checks the file at `path`, with the process's environment for what it refers to.
    public static func load(path: String) throws(ConfigurationFailure) -> DaemonConfiguration {
        let file: (bytes: [UInt8], mode: UInt32)
        do { file = try readFile(path) } catch { throw .unreadable(path: path, error) }
        return try DaemonConfiguration(
            json: file.bytes, environment: .process(configurationMode: file.mode))
    }
}
