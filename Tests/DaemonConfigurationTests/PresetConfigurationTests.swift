import Foundation
import OAuth
import Testing
import Vocabulary

@testable import DaemonConfiguration

/// A row of README's table of providers: the preset and the keys it says must be there beside `client_id`.
private struct DocumentedPreset: Sendable, CustomTestStringConvertible {
    let name: String
    let needs: [String]

    var testDescription: String { name }

    static let all: [DocumentedPreset] = {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let readme =
            (try? String(contentsOf: root.appendingPathComponent("README.md"), encoding: .utf8)) ?? ""
        let lines = readme.split(separator: "\n", omittingEmptySubsequences: false)
        let section = lines.drop { $0 != "## Providers" }.dropFirst().prefix { !$0.hasPrefix("## ") }
        return section.filter { $0.hasPrefix("| `") }.map { line in
            let cells = line.split(separator: "|", omittingEmptySubsequences: false)
            return DocumentedPreset(name: words(cells[1])[0], needs: words(cells[2]))
        }
    }()

    /// What stands between backticks.
    private static func words(_ cell: Substring) -> [String] {
        cell.split(separator: "`", omittingEmptySubsequences: false).enumerated()
            .filter { $0.offset % 2 == 1 }.map { String($0.element) }
    }

    /// The provider with `client_id`, `keys` and nothing else.
    func configuration(_ keys: [String]) -> String {
        let values = [
            "client_secret": #"{"env":"SECRET"}"#, "private_key": #"{"env":"KEY"}"#,
            "redirect_uri": #""https://app.example/cb""#, "domain": #""as.example""#,
            "base_url": #""https://sso.example:8443/auth""#, "realm": #""main""#,
        ]
        let member = { (key: Substring) in "\"\(key)\":\(values[String(key)] ?? "\"no sample\"")" }
        let prefix = "variables."
        let variables = keys.filter { $0.hasPrefix(prefix) }.map { member($0.dropFirst(prefix.count)) }
        let others = keys.filter { !$0.hasPrefix(prefix) }.map { member($0[...]) }
        let members =
            ["\"preset\":\"\(name)\"", #""client_id":"c""#] + others
            + ["\"variables\":{\(variables.joined(separator: ","))}"]
        return "{\"providers\":{\"p\":{\(members.joined(separator: ","))}}}"
    }
}

@Suite("README's table of providers")
struct PresetConfigurationTests {
    private func read(_ json: String) throws(ConfigurationFailure) -> Provider? {
        try DaemonConfiguration(json: Array(json.utf8), environment: .fake()).providers.values.first
    }

    @Test("has a row for each preset")
    func rows() {
        #expect(DocumentedPreset.all.map(\.name).sorted() == Preset.all.map(\.name).sorted())
    }

    @Test("says all that a preset needs", arguments: DocumentedPreset.all)
    fileprivate func isEnough(_ row: DocumentedPreset) throws {
        let provider = try #require(try read(row.configuration(row.needs)))
        let endpoint = try #require(provider.tokenEndpoint)
        #expect(endpoint.hasPrefix("https://"))
        let open = Set(endpoint.split(separator: "{").dropFirst().map { String($0.prefix { $0 != "}" }) })
        #expect(open.isSubset(of: provider.accountVariables))
    }

    @Test("says nothing that a preset does not need", arguments: DocumentedPreset.all)
    fileprivate func isNotTooMuch(_ row: DocumentedPreset) {
        for index in row.needs.indices {
            var fewer = row.needs
            fewer.remove(at: index)
            #expect(throws: ConfigurationFailure.self) { try read(row.configuration(fewer)) }
        }
    }
}
