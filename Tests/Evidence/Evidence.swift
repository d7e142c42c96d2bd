// Decides how a test run tells what it has shown: one row per scenario and kind of injection, with how often and what
// held. The table of DURABILITY.md is made of these rows by `.ci/durability-table`; numbers that a person copies by hand
// were rejected, because nobody notices when they no longer come true.

import Foundation
import Synchronization

/// What this test run has shown of the scenarios that the project must survive.
public enum Evidence {
    private struct Key: Hashable {
        let scenario: String
        let injected: String
    }

    private struct Finding {
        let times: Int
        let held: String
    }

    private static let findings = Mutex<[Key: Finding]>([:])

    /// Records that `scenario` (such as "R3") held. Call at a test's end, when everything was expected.
    /// - Parameters:
    ///   - injected: what was done to the daemon, in a few words.
    ///   - times: how often.
    ///   - held: what was then still true.
    public static func record(_ scenario: String, injected: String, times: Int, held: String) {
        findings.withLock { findings in
            findings[Key(scenario: scenario, injected: injected)] = Finding(times: times, held: held)
            write(findings)
        }
    }

    /// Tab-separated, in the folder of the build; overwritten by each run, a row at a time.
    private static func write(_ findings: [Key: Finding]) {
        let lines = findings.map { key, finding in
            "\(key.scenario)\t\(key.injected)\t\(finding.times)\t\(finding.held)\n"
        }
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let file = root.appendingPathComponent(".build/durability.tsv")
        try? Data(lines.sorted().joined().utf8).write(to: file)
    }
}
