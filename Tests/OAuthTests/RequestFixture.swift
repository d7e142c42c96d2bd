// Decides for whom the tests' requests are, and how a request is written down so that a row shows everything of it.

import Vocabulary

@testable import OAuth

extension RequestContext {
    /// `plain/u@x.example/1` with the variables `shop` and `odd`, at 2027-01-15 08:00:00 UTC.
    static let test = RequestContext(
        account: AccountName("plain/u@x.example/1")!, variables: ["shop": "shop-1", "odd": "a b"],
        now: WallTime(epochSeconds: 1_800_000_000), serial: "serial-1")
}

extension Provider {
    /// A provider without peculiarities, with every endpoint, and `change` made to it.
    static func with(_ change: (inout Provider) -> Void) -> Provider {
        var provider = Provider.plain
        provider.authorizationEndpoint = "https://as.example/authorize"
        provider.revocationEndpoint = "https://as.example/revoke"
        provider.deviceAuthorizationEndpoint = "https://as.example/device"
        change(&provider)
        return provider
    }
}

extension TokenRequest {
    /// `<method> <url>` and, where there is one, the body behind a space.
    var line: String {
        let text = String(decoding: body, as: UTF8.self)
        return "\(method.rawValue) \(url)" + (text.isEmpty ? "" : " \(text)")
    }

    /// The headers that not every request has, `Name: value`.
    var ownHeaders: [String] {
        headers.filter { !["Accept", "User-Agent", "Content-Type"].contains($0.0) }.map { "\($0.0): \($0.1)" }
    }
}
