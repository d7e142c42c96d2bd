// Decides how a test run tells what it has shown with authorization servers that nobody here wrote: one row per server and
// thing tried, in .build/interop-report.md, printed at the end. Rows that a person writes were rejected, as in `Evidence`.

import Foundation
import Synchronization
import Testing

/// What this test run has shown with other people's servers.
enum InteropReport {
    private struct Row {
        let server: String
        let version: String
        let tried: String
        let held: String
    }

    private static let rows = Mutex<[Row]>([])

    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// Adds a row and writes the file anew.
    static func add(server: String, version: String, tried: String, held: String) {
        rows.withLock { $0.append(Row(server: server, version: version, tried: tried, held: held)) }
        try? Data(table.utf8).write(to: root.appendingPathComponent(".build/interop-report.md"))
    }

    /// The rows as a Markdown table.
    static var table: String {
        let head = "| server | version | what was run | what held |\n|---|---|---|---|\n"
        return rows.withLock { rows in
            head
                + rows.map { row in
                    let cells = [row.server, row.version, row.tried, row.held]
                    return "| "
                        + cells.map { $0.replacingOccurrences(of: "|", with: "\\|") }.joined(separator: " | ")
                        + " |\n"
                }.joined()
        }
    }
}

/// Prints the report when the suite has run, and in place of a row why a server has none.
struct InteropReporting: SuiteTrait, TestScoping {
    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        for kind in [InteropKind.glewlwyd, .djangoOAuthToolkit(grace: 0), .canaille] where !kind.isInstalled {
            InteropReport.add(
                server: kind.name, version: "", tried: "nothing", held: "not installed: .ci/interop-setup")
        }
        do {
            try await function()
        } catch {
            print(InteropReport.table)
            throw error
        }
        print(InteropReport.table)
    }
}
