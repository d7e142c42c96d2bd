// Decides which keys there are, which of them must be there, and what holds without them.

import OAuth
import StrictJSON
import Vocabulary

extension ConfigurationReader {
    /// The whole configuration; where `errors` is not empty afterwards, it is not to be used.
    mutating func daemonConfiguration(_ document: JSONValue) -> DaemonConfiguration? {
        let keys = ["socket", "state_directory", "encryption_key", "providers", "log"]
        guard let root = section(document, at: "", keys: keys) else { return nil }
        let socket = subsection("socket", of: root, keys: ["path", "mode", "group"])
        let socketPath = text("path", of: socket, .socketPath)
        let socketMode = text("mode", of: socket, .mode).flatMap(TextRule.permissionBits)
        let socketGroup = text("group", of: socket, .nonEmpty)
        let stateDirectory = text("state_directory", of: root, .absolutePath)
        let encryptionKey = secret("encryption_key", of: root)?.reference
        let providers = providers(of: root)
        let log = subsection("log", of: root, keys: ["level"])
        let logLevel = word("level", of: log, kind: "log level", known: DaemonConfiguration.logLevels)
        return DaemonConfiguration(
            socketPath: socketPath ?? DaemonConfiguration.defaultSocketPath,
            socketMode: socketMode ?? DaemonConfiguration.defaultSocketMode,
            socketGroup: socketGroup,
            stateDirectory: stateDirectory ?? DaemonConfiguration.defaultStateDirectory,
            encryptionKey: encryptionKey,
            providers: providers,
            logLevel: logLevel ?? DaemonConfiguration.defaultLogLevel)
    }

    private mutating func providers(of root: Section) -> [ProviderName: Provider] {
        let expected = "an object with at least one provider"
        let path = root.path(of: "providers")
        guard let value = root.object["providers"] else {
            report(path, .missing(expected: expected))
            return [:]
        }
        guard let object = value.object else {
            report(path, .wrongType(expected: expected, found: value.typeName))
            return [:]
        }
        if object.members.isEmpty { report(path, .unacceptable(expected: expected)) }
        let section = Section(path: path, object: object)
        var providers: [ProviderName: Provider] = [:]
        for member in object.members {
            let path = section.path(of: member.name)
            guard let name = ProviderName(member.name) else {
                report(path, .unacceptable(expected: "a provider name of the form [a-z0-9][a-z0-9_-]{0,31}"))
                continue
            }
            if let provider = provider(name, member.value, at: path) { providers[name] = provider }
        }
        return providers
    }
}
