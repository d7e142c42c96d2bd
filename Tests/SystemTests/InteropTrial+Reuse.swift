// What becomes of an account when somebody else shows a refresh token of it that was rotated away, and when the answer with
// the new one is lost.

import Foundation

extension InteropTrial {
    func reuse() throws -> String {
        let account = "server/reused"
        pace()
        let grant = try server.grantByHand()
        try add(account, grant)
        pace()
        try ask("REFRESH \(account)", expecting: "OK ")
        pace()
        let answer = try server.refreshByHand(grant.refreshToken)
        switch kind.reuse {
        case .endsFamily:
            try demand(answer.status == kind.refusalStatus, "the old token still works: \(answer)")
            return "the server answers \(answer) and ends the family; tokend: " + (try dead(account))
        case .isForgivenOnce:
            let token = try served(account).token
            try demand(
                answer.text("access_token") == token, "in the grace another grant came: \(answer.status)")
            try ask("REFRESH \(account)", expecting: "OK ")
            let late = try server.refreshByHand(grant.refreshToken)
            try demand(
                late.status == kind.refusalStatus, "two rotations later the token still works: \(late)")
            return
                "in the grace the server answers with the grant it had given, and REFRESH goes on; a token of two "
                + "rotations before: \(late), and the family is dead; tokend: " + (try dead(account))
        case .isRefused:
            try demand(answer.status == kind.refusalStatus, "the old token still works: \(answer)")
            pace()
            try ask("REFRESH \(account)", expecting: "OK ")
            try demand(try server.accepts(try served(account).token), "the API refuses the token")
            return "the server answers \(answer), the family lives: REFRESH goes on"
        }
    }

    /// The server has ended the family of `account`: one request finds it out, no storm follows, and a login mends it.
    private func dead(_ account: String) throws -> String {
        let before = server.tokenRequests
        let fingerprint = try wire.status(of: account).fingerprint ?? ""
        try ask("REFRESH \(account)", expecting: "ERR login-needed ")
        let view = try wire.status(of: account)
        try demand(view.state == "login-needed" && view.needs == "user", "\(view.state), needs \(view.needs)")
        let found = server.tokenRequests
        try demand(found == before + 1, "\(found - before) token requests")
        for _ in 0..<50 { try ask("GET \(account) not=\(fingerprint)", expecting: "ERR login-needed ") }
        let end = Date(timeIntervalSinceNow: 5)
        while Date() < end {
            try ask("GET \(account) not=\(fingerprint) wait=1", expecting: "ERR login-needed ")
            poll(nil, 0, 100)
        }
        try demand(
            server.tokenRequests == found, "\(server.tokenRequests - found) token requests of a dead account")
        try logIn(account)
        try demand(
            try server.accepts(try served(account).token), "the API refuses the token of the new login")
        try ask("REFRESH \(account)", expecting: "OK ")
        return "login-needed after 1 request, none for GETs in 5 s; a new login mends it"
    }

    /// The server rotated, and its answer never came.
    func lostAnswer() throws -> String {
        let account = "server/lost"
        pace()
        try add(account, try server.grantByHand())
        try ask("REFRESH \(account)", expecting: "OK ")
        let before = server.tokenRequests
        try server.loseAnswer()
        let answer = try wire.ask("REFRESH \(account)", within: 70)
        try demand(!server.losesAnswer, "no answer was lost")
        if kind.reuse == .isForgivenOnce {
            try eventually("\(account) is fresh again") { try wire.status(of: account).state == "ok" }
            try demand(
                server.tokenRequests == before + 2, "\(server.tokenRequests - before) requests for 1 rotation"
            )
            try demand(try server.accepts(try served(account).token), "the API refuses the token")
            try ask("REFRESH \(account)", expecting: "OK ")
            let code = answer.split(separator: " ").prefix(2).joined(separator: " ")
            return
                "REFRESH: \(code); then the token was shown once more, in the grace, and the account goes on"
        }
        try eventually("\(account) needs its user") { try wire.status(of: account).state == "login-needed" }
        try demand(server.tokenRequests == before + 2, "\(server.tokenRequests - before) requests")
        return "shown once more, as configured, which ends the family here: login-needed, 2 requests in all"
    }

    /// The same where the configuration says that the token must not be shown again.
    func lostAnswerWithoutReplay() throws -> String {
        let account = "careful/lost"
        pace()
        try add(account, try server.grantByHand())
        try ask("REFRESH \(account)", expecting: "OK ")
        let token = try served(account)
        let before = server.tokenRequests
        try server.loseAnswer()
        let answer = try wire.ask("REFRESH \(account)", within: 70)
        try demand(answer.hasPrefix("ERR "), "REFRESH: \(answer)")
        try demand(!server.losesAnswer, "no answer was lost")
        for _ in 0..<20 { _ = try wire.ask("GET \(account) wait=0") }
        let view = try wire.status(of: account)
        try demand(view.state == "in-doubt", "the account is \(view.state)")
        try demand(server.tokenRequests == before + 1, "the token was shown again")
        try demand(try served(account) == token, "the token that still lives is not served")
        return "in-doubt, not shown again; the old access token is served"
    }
}
