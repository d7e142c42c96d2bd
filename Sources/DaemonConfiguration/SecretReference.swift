// Decides where a secret may come from. A literal in the configuration is for trying things out, so it counts only
// while the file is closed to others (no read permission for the "others" class; the owning group may read it, as
// Debian's packages set up /etc files for a service's group).

import Vocabulary

/// Where a secret is.
public enum SecretReference: Hashable, Sendable {
    /// A file of this name in `$CREDENTIALS_DIRECTORY` (systemd.exec(5), LoadCredential=).
    case credential(String)
    /// A file at an absolute path.
    case file(String)
    /// An environment variable.
    case env(String)
    case literal(Secret)

    /// The secret: UTF-8 text that is not empty; one newline at the end of a file is not part of it.
    public func resolve(in environment: Environment) throws(SecretProblem) -> Secret {
        switch self {
        case .literal(let secret):
            guard environment.configurationMode & 0o004 == 0 else { throw .literalReadableByOthers }
            guard !secret.exposed.isEmpty else { throw .empty(self) }
            return secret
        case .env(let name):
            guard let value = environment.variable(name) else { throw .noVariable(name) }
            guard !value.isEmpty else { throw .empty(self) }
            return Secret(value)
        case .file(let path): return try secret(at: path, environment)
        case .credential(let name):
            guard let directory = environment.variable("CREDENTIALS_DIRECTORY"), !directory.isEmpty else {
                throw .noCredentialsDirectory(name)
            }
            return try secret(at: "\(directory)/\(name)", environment)
        }
    }

    private func secret(at path: String, _ environment: Environment) throws(SecretProblem) -> Secret {
        var bytes: [UInt8]
        do { bytes = try environment.file(path) } catch { throw .file(path: path, error) }
        if bytes.last == UInt8(ascii: "\n") {
            bytes.removeLast()
            if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        }
        guard !bytes.isEmpty else { throw .empty(self) }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw .notText(self) }
        return Secret(text)
    }

    /// The reference in words.
    fileprivate var place: String {
        switch self {
        case .credential(let name): "the credential \(name)"
        case .file(let path): "the file \(path)"
        case .env(let name): "the environment variable \(name)"
        case .literal: "the text"
        }
    }
}

/// Why a secret reference yields no secret.
public enum SecretProblem: Error, Hashable, Sendable, CustomStringConvertible {
    case literalReadableByOthers
    case noVariable(String)
    case noCredentialsDirectory(String)
    case file(path: String, FileError)
    case empty(SecretReference)
    case notText(SecretReference)

    public var description: String {
        switch self {
        case .literalReadableByOthers:
            "expected a secret reference such as {\"credential\": NAME}; "
                + "a literal secret is accepted only while others cannot read the configuration file (chmod o-r)"
        case .noVariable(let name): "expected a secret in the environment variable \(name), which is not set"
        case .noCredentialsDirectory(let name):
            "expected a secret in the credential \(name), but CREDENTIALS_DIRECTORY is not set"
        case .file(let path, let error): "expected a secret in the file \(path): \(error)"
        case .empty(let reference): "expected a secret, but \(reference.place) is empty"
        case .notText(let reference): "expected a secret, but \(reference.place) is not UTF-8 text"
        }
    }
}
