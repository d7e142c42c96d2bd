// Decides what an operator can configure and what holds where nothing is said. The whole file is checked before any of
// it counts, and every mistake in it is reported at once: an operator who mends one per restart loses patience.

import OAuth
import StrictJSON
import Vocabulary

/// The daemon's configuration, checked: its secrets are resolved and its URLs are of the allowed kinds.
public struct DaemonConfiguration: Hashable, Sendable {
    public var socketPath: String
    /// The permission bits of the socket's file.
    public var socketMode: UInt32
    /// A group's name or number; nil leaves the daemon's own.
    public var socketGroup: String?
    public var stateDirectory: String
    /// Where the key is that seals the store, known to be readable; nil means a key file in the state directory.
    public var encryptionKey: SecretReference?
    public var providers: [ProviderName: Provider]
    /// One of swift-log's level names.
    public var logLevel: String

    public static let defaultPath = "/etc/tokend/config.json"
    public static let defaultSocketPath = "/run/tokend/tokend.sock"
    /// Owner and group: whoever may ask for tokens is put into the group.
    public static let defaultSocketMode: UInt32 = 0o660
    public static let defaultStateDirectory = "/var/lib/tokend"
    public static let defaultLogLevel = "info"

    /// swift-log's level names, from most to least.
    public static let logLevels = ["trace", "debug", "info", "notice", "warning", "error", "critical"]

    /// Reads a configuration from its text.
    /// - Throws: every mistake found, in the order of the text's sections.
    public init(json: [UInt8], environment: Environment) throws(ConfigurationFailure) {
        let document: JSONValue
        do {
            document = try JSONValue.parse(json)
        } catch {
            throw ConfigurationFailure(notJSON: error, in: json)
        }
        var reader = ConfigurationReader(environment: environment)
        let configuration = reader.daemonConfiguration(document)
        guard let configuration, reader.errors.isEmpty else { throw .invalid(reader.errors) }
        self = configuration
    }

    init(
        socketPath: String, socketMode: UInt32, socketGroup: String?, stateDirectory: String,
        encryptionKey: SecretReference?, providers: [ProviderName: Provider], logLevel: String
    ) {
        self.socketPath = socketPath
        self.socketMode = socketMode
        self.socketGroup = socketGroup
        self.stateDirectory = stateDirectory
        self.encryptionKey = encryptionKey
        self.providers = providers
        self.logLevel = logLevel
    }
}
