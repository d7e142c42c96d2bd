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

    private static let providerKeys = [
        "preset", "authorization_endpoint", "token_endpoint", "revocation_endpoint", "client_id",
        "client_secret",
        "redirect_uri", "scopes", "token_endpoint_auth_method", "request_encoding",
        "replay_after_lost_response",
        "rate", "not_earlier_than", "tls",
    ]

    private mutating func provider(_ name: ProviderName, _ value: JSONValue, at path: String) -> Provider? {
        guard let section = section(value, at: path, keys: Self.providerKeys) else { return nil }
        // What an unknown preset would have supplied must not be reported as missing besides.
        guard let preset = preset(of: section) else { return nil }
        let tokenEndpoint =
            preset.tokenEndpoint == nil
            ? requiredText("token_endpoint", of: section, .endpoint)
            : text("token_endpoint", of: section, .endpoint) ?? preset.tokenEndpoint
        let clientID = requiredText("client_id", of: section, .nonEmpty)
        let redirectURI =
            preset.request.sendsRedirectURIOnRefresh
            ? requiredText("redirect_uri", of: section, .redirectURI)
            : text("redirect_uri", of: section, .redirectURI)
        let authMethod = authMethod(of: section) ?? preset.authMethod
        var provider = Provider(
            name: name, preset: preset, tokenEndpoint: tokenEndpoint, clientID: clientID ?? "",
            clientSecret: clientSecret(of: section, authMethod), redirectURI: redirectURI)
        provider.authMethod = authMethod
        if let url = text("authorization_endpoint", of: section, .endpoint) {
            provider.authorizationEndpoint = url
        }
        if let url = text("revocation_endpoint", of: section, .endpoint) { provider.revocationEndpoint = url }
        if let scopes = texts("scopes", of: section, .scope) { provider.scopes = scopes }
        if let encoding = requestEncoding(of: section) { provider.request.encoding = encoding }
        provider.clientRules = clientRules(of: section, over: provider.clientRules)
        provider.tls.caFile = certificateFile(of: section)
        return provider
    }

    /// `rules` with what `section` says instead.
    private mutating func clientRules(of section: Section, over rules: ClientRules) -> ClientRules {
        var rules = rules
        let rate = subsection("rate", of: section, keys: ["budget", "concurrency"])
        if let budget = text("budget", of: rate, .rate) { rules.budget = Rate(budget) }
        if let concurrency = integer("concurrency", of: rate, within: 1...1024) {
            rules.concurrency = concurrency
        }
        if let lead = text("not_earlier_than", of: section, .lead) {
            rules.notEarlierThan = Duration(configuration: lead)
        }
        if let policy = text("replay_after_lost_response", of: section, .replayPolicy) {
            rules.replay = ReplayPolicy(configuration: policy) ?? .standard
        }
        return rules
    }

    private mutating func preset(of section: Section) -> Preset? {
        guard section.object["preset"] != nil else { return .rfc6749 }
        let name = word("preset", of: section, kind: "preset", known: Preset.all.map(\.name))
        return Preset.all.first { $0.name == name }
    }

    private mutating func authMethod(of section: Section) -> ClientAuthMethod? {
        word(
            "token_endpoint_auth_method", of: section, kind: "client authentication method",
            known: ClientAuthMethod.allCases.map(\.rawValue)
        ).flatMap(ClientAuthMethod.init)
    }

    private mutating func requestEncoding(of section: Section) -> RequestEncoding? {
        word(
            "request_encoding", of: section, kind: "request encoding",
            known: RequestEncoding.allCases.map(\.rawValue)
        ).flatMap(RequestEncoding.init)
    }

    /// A secret goes with every method but `none`, where it would never be sent and is surely a mistake.
    private mutating func clientSecret(of section: Section, _ authMethod: ClientAuthMethod) -> Secret? {
        let path = section.path(of: "client_secret")
        switch (authMethod, section.object["client_secret"]) {
        case (.none, nil): return nil
        case (.none, _):
            report(path, .unacceptable(expected: "no secret where token_endpoint_auth_method is none"))
            return nil
        case (_, nil):
            report(path, .missing(expected: Self.secretForms))
            return nil
        default: return secret("client_secret", of: section)?.secret
        }
    }

    private mutating func certificateFile(of section: Section) -> String? {
        let tls = subsection("tls", of: section, keys: ["ca_file"])
        guard let path = text("ca_file", of: tls, .absolutePath) else { return nil }
        do {
            _ = try environment.file(path)
        } catch {
            report(tls.path(of: "ca_file"), .file(path: path, error))
        }
        return path
    }
}
