// Decides where the other programs are: beside this one, where the build put all three. A search through PATH was
// rejected: it could find an installed tokend of another version.

import Glibc

/// The full paths of the programs that the demo starts or tells of.
struct Programs: Hashable, Sendable {
    var tokend: String
    var tokenctl: String

    static func besideThisOne() throws(DemoError) -> Programs {
        let path = try realPath("/proc/self/exe")
        let directory = path.split(separator: "/").dropLast().map { "/" + $0 }.joined()
        let programs = Programs(tokend: directory + "/tokend", tokenctl: directory + "/tokenctl")
        for path in [programs.tokend, programs.tokenctl] where access(path, X_OK) != 0 {
            throw .programMissing(path: path)
        }
        return programs
    }

    /// realpath(3).
    static func realPath(_ path: String) throws(DemoError) -> String {
        guard let resolved = realpath(path, nil) else {
            throw .systemCall(name: "realpath", path: path, errno: errno)
        }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}

extension String {
    /// As one word of a POSIX shell: as it is where no character needs quoting.
    var shellWord: String {
        let isPlain = utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: "/._-+:@%,=".utf8.contains(byte)
            }
        }
        if isPlain, !isEmpty { return self }
        return "'" + split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }
}
