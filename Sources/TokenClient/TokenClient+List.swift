// Decides how a list of any length is read: page by page, each behind the last name of the page before, so that
// neither side holds it whole and accounts that come and go meanwhile cost no other account its place.

import StrictJSON
import Vocabulary
import WireProtocol

/// Which accounts `TokenClient.list` yields.
public struct ListFilter: Hashable, Sendable {
    public var glob: Glob?
    public var state: AccountState?
    public var needs: Need?
    /// Only accounts whose name is behind this one.
    public var after: AccountName?
    /// At most so many; nil for all.
    public var limit: Int?

    public init(
        glob: Glob? = nil, state: AccountState? = nil, needs: Need? = nil, after: AccountName? = nil,
        limit: Int? = nil
    ) {
        self.glob = glob
        self.state = state
        self.needs = needs
        self.after = after
        self.limit = limit
    }
}

extension TokenClient {
    /// Hands each account that `filter` takes to `receive`, in name order, as a value and as the daemon's own JSON, which
    /// may say more than the value. The deadline is for all pages together.
    /// - Returns: Whether there are more beyond `filter.limit`.
    @discardableResult
    public func list(
        _ filter: ListFilter = ListFilter(), receive: (AccountStatus, JSONValue) -> Void
    ) throws(TokenClientError) -> Bool {
        let deadline = BootTime.now() + timeout
        var options = ListOptions(
            glob: filter.glob, state: filter.state, needs: filter.needs, after: filter.after)
        var left = filter.limit ?? .max
        while left > 0 {
            options.limit = min(left, ListOptions.largestLimit)
            let answer = try send(.list(options), by: deadline)
            let last = try Self.hand(answer.data, to: receive)
            guard answer.text.hasSuffix(" more") else { return false }
            // `more` behind nothing, or behind the same name again, would go on for ever.
            guard let last, options.after.map({ $0 < last }) ?? true else { throw .malformedAnswer }
            options.after = last
            left -= answer.data.count
        }
        return true
    }

    /// The accounts that `filter` takes, in name order.
    public func list(_ filter: ListFilter = ListFilter()) throws(TokenClientError) -> [AccountStatus] {
        var accounts: [AccountStatus] = []
        try list(filter) { account, _ in accounts.append(account) }
        return accounts
    }

    private static func hand(
        _ page: [JSONValue], to receive: (AccountStatus, JSONValue) -> Void
    ) throws(TokenClientError) -> AccountName? {
        var last: AccountName?
        for json in page {
            guard let account = AccountStatus(json) else { throw .malformedAnswer }
            receive(account, json)
            last = account.account
        }
        return last
    }
}
