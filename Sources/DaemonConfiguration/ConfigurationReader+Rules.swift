// Decides how an operator says how often a client may ask, and when.

import OAuth
import StrictJSON
import Vocabulary

extension ConfigurationReader {
    /// The rules of the client's requests, and those of its answers that `rate` holds.
    mutating func readRules(of section: Section, into provider: inout Provider) {
        let keys = ["budget", "concurrency", "reset_header", "default_cooldown"]
        let rate = subsection("rate", of: section, keys: keys)
        if let budget = text("budget", of: rate, .rate) { provider.clientRules.budget = Rate(budget) }
        if let concurrency = integer("concurrency", of: rate, within: 1...1024) {
            provider.clientRules.concurrency = concurrency
        }
        if let header = rateResetHeader("reset_header", of: rate) {
            provider.response.rateResetHeader = header
        }
        if let cooldown = duration("default_cooldown", of: rate, .cooldown) {
            provider.response.defaultCooldown = cooldown
        }
        if let lead = duration("not_earlier_than", of: section, .lead) {
            provider.clientRules.notEarlierThan = lead
        }
        if let policy = text("replay_after_lost_response", of: section, .replayPolicy) {
            provider.clientRules.replay = ReplayPolicy(configuration: policy) ?? .standard
        }
        readInterval(of: section, into: &provider.clientRules)
    }

    /// `min_refresh_interval` and `keepalive`, which must leave room between them.
    private mutating func readInterval(of section: Section, into rules: inout ClientRules) {
        if let least = duration("min_refresh_interval", of: section, .interval) {
            rules.minimumRefreshInterval = least
        }
        if let most = duration("keepalive", of: section, .interval) { rules.keepalive = most }
        if let least = rules.minimumRefreshInterval, let most = rules.keepalive, most <= least {
            let key = section.object["keepalive"] == nil ? "min_refresh_interval" : "keepalive"
            report(
                section.path(of: key),
                .unacceptable(expected: "keepalive to be longer than min_refresh_interval"))
        }
    }

    /// A header that tells the end of the window; the one that tells what remains is named like it where nothing is said.
    mutating func rateResetHeader(
        _ key: String, of section: Section
    ) -> AnswerFormat.RateResetHeader? {
        guard section.object[key] != nil else { return nil }
        let header = subsection(key, of: section, keys: ["name", "remaining", "format"])
        let name = requiredText("name", of: header, .headerName)
        let remaining = text("remaining", of: header, .headerName)
        require("format", of: header, "epoch_s or delta_s")
        let format = word(
            "format", of: header, kind: "time format", as: AnswerFormat.RateResetHeader.Format.self)
        guard let name, let format else { return nil }
        let stem = name.lowercased().hasSuffix("reset") ? String(name.dropLast("reset".count)) : name + "-"
        return .init(name: name, remaining: remaining ?? stem + "Remaining", format: format)
    }
}
